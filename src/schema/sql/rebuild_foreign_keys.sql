-- The foreign keys that lead from or to some tables.
--
-- $1  tables, an array of regclass
--
-- One row a foreign key:
--   "foreign key NAME of TABLE", the statement that drops it, the statements that create it as it
--   was, the oid of its table, the oid of the referenced table, the number of its first column,
--   the statements to be executed before, so that no trigger of its table has still to fire ('': none)
--
-- A table that is not one of these tables may get rows too, and keeps its deferred constraints. While
-- one of their triggers has still to fire, the server refuses every ALTER TABLE.
SELECT format('foreign key %I of %s', k.conname, k.conrelid::regclass),

       format('ALTER TABLE %s DROP CONSTRAINT %I', k.conrelid::regclass, k.conname),

       format('ALTER TABLE %s ADD CONSTRAINT %I %s',
              k.conrelid::regclass, k.conname, pg_get_constraintdef(k.oid))
       || coalesce(format('; COMMENT ON CONSTRAINT %I ON %s IS ', k.conname, k.conrelid::regclass)
                   || quote_literal(obj_description(k.oid, 'pg_constraint')), '')
       || coalesce('; ' || switched.again, ''),

       k.conrelid,
       k.confrelid,
       k.conkey[1],

       CASE WHEN k.conrelid = ANY ($1::regclass[]) THEN ''
            ELSE coalesce((SELECT format('SET CONSTRAINTS %s IMMEDIATE',
                                         string_agg(DISTINCT format('%I.%I', n.nspname, o.conname), ', '))
                           FROM pg_constraint o
                           JOIN pg_namespace n ON n.oid = o.connamespace
                           WHERE o.conrelid = k.conrelid
                             AND o.condeferred
                             AND o.confrelid <> ALL ($1::regclass[])
                           HAVING count(*) > 0), '')
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
WHERE k.contype = 'f'
  AND (k.conrelid = ANY ($1::regclass[]) OR k.confrelid = ANY ($1::regclass[]))
ORDER BY k.conrelid::regclass::text, k.conname;
