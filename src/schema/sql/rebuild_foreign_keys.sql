-- The foreign keys that lead from or to some tables. Of a partitioned table the one that its partitions
-- have inherited, and that goes and comes with theirs.
--
-- $1  tables, an array of regclass
--
-- One row a statement, a foreign key after the other:
--   "foreign key NAME of TABLE", the statement that drops it, in the first of its rows ('': in the others),
--   one of the statements that create it as it was, in their order,
--   the oid of its table, the oid of the referenced table, the number of its first column,
--   the statement to be executed before, so that no trigger of its table has still to fire ('': none),
--   the place of the referenced table in the array, from 1; NULL: it is none of them,
--   the same of its table,
--   the statement that validates it, in the first of its rows, if it was valid ('': in the others)
--
-- A table that is not one of these tables may get rows too, and keeps its deferred constraints. While
-- one of their triggers has still to fire, the server refuses every ALTER TABLE. The triggers of a
-- partitioned table are those of its partitions, each with a constraint in its schema.
--
-- Partitioned tables come before their partitions. A partition may have a foreign key of its own beside
-- the inherited one: if it were there first, its table's would take it over.
SELECT format('foreign key %I of %s', k.conname, k.conrelid::regclass),

       CASE WHEN s.place > 1 THEN ''
            ELSE format('ALTER TABLE %s DROP CONSTRAINT %I', k.conrelid::regclass, k.conname)
       END,

       s.statement,

       k.conrelid,
       k.confrelid,
       k.conkey[1],

       CASE WHEN s.place > 1 OR k.conrelid = ANY ($1::regclass[]) THEN ''
            ELSE coalesce((SELECT format('SET CONSTRAINTS %s IMMEDIATE',
                                         string_agg(DISTINCT format('%I.%I', n.nspname, o.conname), ', '))
                           FROM pg_constraint o
                           JOIN pg_namespace n ON n.oid = o.connamespace
                           WHERE (o.conrelid = k.conrelid
                                  OR o.conrelid IN (SELECT relid FROM pg_partition_tree(k.conrelid)))
                             AND o.condeferred
                             AND o.confrelid <> ALL ($1::regclass[])
                           HAVING count(*) > 0), '')
       END,

       array_position($1::regclass[]::oid[], k.confrelid),
       array_position($1::regclass[]::oid[], k.conrelid),

       CASE WHEN s.place = 1 AND k.convalidated
            THEN format('ALTER TABLE %s VALIDATE CONSTRAINT %I', k.conrelid::regclass, k.conname)
            ELSE ''
       END
FROM pg_constraint k
-- Those of its triggers that do not fire as new ones do, such as ALTER TABLE ... DISABLE TRIGGER ALL
-- leaves them. The new ones get other names; table and function tell which is which.
LEFT JOIN LATERAL (
  SELECT format('DO %L', format(
           'DECLARE altered record; BEGIN'
           ' FOR altered IN SELECT t.tgrelid::regclass AS relation, s.action, t.tgname AS name'
           ' FROM (VALUES %s) AS s (relation, function, action)'
           ' JOIN pg_constraint k ON k.conrelid = %s AND k.conname = %L'
           ' JOIN pg_trigger t ON t.tgconstraint = k.oid'
           ' AND t.tgrelid = s.relation AND t.tgfoid = s.function'
           ' LOOP EXECUTE format(''ALTER TABLE %%s %%s TRIGGER %%I'','
           ' altered.relation, altered.action, altered.name);'
           ' END LOOP; END',
           string_agg(format('(%s::oid, %s::oid, %L)', t.tgrelid, t.tgfoid::oid,
                             CASE t.tgenabled
                               WHEN 'D' THEN 'DISABLE'
                               WHEN 'A' THEN 'ENABLE ALWAYS'
                               WHEN 'R' THEN 'ENABLE REPLICA'
                             END), ', ' ORDER BY t.oid),
           k.conrelid::oid, k.conname)) AS again
  FROM pg_trigger t
  WHERE t.tgconstraint = k.oid AND t.tgenabled <> 'O'
  HAVING count(*) > 0
) AS switched ON true
-- What it consists of with partitions: they come with names that the server chooses. A table that became
-- a partition with a foreign key of its own has kept that name, and its comment.
LEFT JOIN LATERAL (
  WITH RECURSIVE part AS (
    SELECT p.oid, p.conrelid, p.confrelid, p.conname FROM pg_constraint p WHERE p.conparentid = k.oid
    UNION ALL
    SELECT p.oid, p.conrelid, p.confrelid, p.conname FROM part JOIN pg_constraint p ON p.conparentid = part.oid
  )
  SELECT format('DO %L', format(
           'DECLARE altered record; BEGIN'
           ' FOR altered IN WITH RECURSIVE part AS ('
           'SELECT oid, conrelid, confrelid, conname FROM pg_constraint'
           ' WHERE conrelid = %s AND conname = %L'
           ' UNION ALL SELECT p.oid, p.conrelid, p.confrelid, p.conname'
           ' FROM part JOIN pg_constraint p ON p.conparentid = part.oid)'
           ' SELECT part.conrelid::regclass AS relation, part.conname AS given, s.name'
           ' FROM (VALUES %s) AS s (relation, parent, name)'
           ' JOIN part ON part.conrelid = s.relation AND part.confrelid = s.parent'
           ' AND part.conname <> s.name'
           ' LOOP EXECUTE format(''ALTER TABLE %%s RENAME CONSTRAINT %%I TO %%I'','
           ' altered.relation, altered.given, altered.name);'
           ' END LOOP; END',
           k.conrelid::oid, k.conname,
           string_agg(format('(%s::oid, %s::oid, %L)', part.conrelid, part.confrelid, part.conname), ', ')))
           AS again,
         array_agg(format('COMMENT ON CONSTRAINT %I ON %s IS ', part.conname, part.conrelid::regclass)
                   || quote_literal(obj_description(part.oid, 'pg_constraint'))) AS comments
  FROM part
  HAVING count(*) > 0
) AS named ON true
CROSS JOIN LATERAL unnest(
  ARRAY[
    format('ALTER TABLE %s ADD CONSTRAINT %I %s', k.conrelid::regclass, k.conname, pg_get_constraintdef(k.oid)),
    format('COMMENT ON CONSTRAINT %I ON %s IS ', k.conname, k.conrelid::regclass)
      || quote_literal(obj_description(k.oid, 'pg_constraint')),
    switched.again,
    named.again
  ]
  || named.comments
) WITH ORDINALITY AS s (statement, place)
WHERE k.contype = 'f'
  AND k.conparentid = 0
  AND (k.conrelid = ANY ($1::regclass[]) OR k.confrelid = ANY ($1::regclass[]))
  AND s.statement IS NOT NULL
ORDER BY (SELECT count(*) FROM pg_partition_ancestors(k.conrelid)), k.conrelid::regclass::text, k.conname,
         s.place;
