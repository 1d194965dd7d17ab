-- What is known to stand in the way of dropping the indexes and constraints of some tables and of
-- creating them again, before anything is tried.
--
-- $1  tables, an array of regclass
--
-- One row an obstacle:
--   the place in the array, from 1, of the table that stays in place because of it
--   a sentence that says what it is
--
-- A table's indexes can only be dropped without the foreign keys that lead to it. So a foreign key that
-- cannot be dropped and created again is an obstacle to both of its tables, and to no other.
--
-- A foreign key of a partitioned table, or one that leads to such a table, is dropped and created again
-- with all that it consists of: one constraint for each partition. The others depend on it, one step
-- after the other (conparentid).
--
-- Each catalog is read once: to plan a join takes the server longer than to read what it is about.
WITH RECURSIVE listed AS MATERIALIZED (
  SELECT l.place, c.oid, c.relnamespace, c.relkind, c.relispartition
  FROM unnest($1::regclass[]::oid[]) WITH ORDINALITY AS l (oid, place)
  JOIN pg_class c ON c.oid = l.oid
),
index AS MATERIALIZED ( -- the listed tables' indexes
  SELECT l.place, i.indexrelid, i.indrelid, i.indisprimary, i.indisexclusion, i.indkey, x.reltablespace,
         to_jsonb(i) ->> 'indnullsnotdistinct' = 'true' AS nulls_not_distinct
  FROM pg_index i
  JOIN listed l ON l.oid = i.indrelid
  JOIN pg_class x ON x.oid = i.indexrelid
),
con AS MATERIALIZED ( -- the listed tables' constraints, and the foreign keys that lead to them
  SELECT k.oid, k.conname, k.contype, k.conrelid, k.confrelid, k.conindid, k.conkey, k.condeferred,
         k.connoinherit, k.conparentid
  FROM pg_constraint k
  WHERE k.conrelid = ANY ($1::regclass[]::oid[])
     OR (k.confrelid = ANY ($1::regclass[]::oid[]) AND k.contype = 'f')
),
key AS MATERIALIZED ( -- each foreign key, once for each of its tables that is listed
  SELECT l.place, con.oid, con.conname, con.conrelid, con.confrelid
  FROM con JOIN listed l ON l.oid IN (con.conrelid, con.confrelid)
  WHERE con.contype = 'f' AND con.conparentid = 0
),
member AS ( -- the constraints that a foreign key consists of, it among them
  SELECT DISTINCT key.oid AS key, key.oid FROM key
  UNION ALL
  SELECT m.key, k.oid FROM member m JOIN pg_constraint k ON k.conparentid = m.oid
),
part AS MATERIALIZED (
  SELECT key.place, key.oid AS key, k.*
  FROM key JOIN member m ON m.key = key.oid JOIN pg_constraint k ON k.oid = m.oid
)
SELECT l.place, format('%s belongs to %I', c.oid::regclass, pg_get_userbyid(c.relowner))
FROM listed l JOIN pg_class c USING (oid)
WHERE NOT pg_has_role(c.relowner, 'USAGE')

-- The indexes of a partitioned table are made of those of its partitions, and its foreign keys are
-- inherited. Those of tables that merely inherit from another one are their own.
UNION ALL
SELECT l.place,
       format(CASE WHEN l.relkind = 'p' THEN '%s is partitioned'
                   WHEN l.relispartition THEN '%s is a partition'
                   WHEN EXISTS (SELECT 1 FROM pg_inherits h WHERE h.inhparent = l.oid)
                   THEN '%s has child tables'
                   ELSE '%s inherits from another table'
              END, l.oid::regclass)
FROM listed l
WHERE l.relkind <> 'r'
  OR EXISTS (SELECT 1 FROM pg_inherits h WHERE l.oid IN (h.inhparent, h.inhrelid))

UNION ALL
SELECT part.place, format('%s belongs to %I', c.oid::regclass, pg_get_userbyid(c.relowner))
FROM part JOIN pg_class c ON c.oid = part.conrelid
WHERE NOT pg_has_role(c.relowner, 'USAGE')

-- What a statement names is looked up in its schema again.
UNION ALL
SELECT key.place,
       CASE WHEN has_table_privilege(p.oid, 'REFERENCES')
            THEN format('no USAGE privilege on schema %s', p.relnamespace::regnamespace)
            ELSE format('no REFERENCES privilege on %s', p.oid::regclass)
       END
FROM key JOIN pg_class p ON p.oid = key.confrelid
WHERE NOT (has_table_privilege(p.oid, 'REFERENCES') AND has_schema_privilege(p.relnamespace, 'USAGE'))

UNION ALL
SELECT index.place,
       format('no privilege to call %s.%I, a function of index %s', p.pronamespace::regnamespace, p.proname,
              index.indexrelid::regclass)
FROM index
JOIN pg_depend d
  ON d.classid = 'pg_class'::regclass AND d.objid = index.indexrelid AND d.refclassid = 'pg_proc'::regclass
JOIN pg_proc p ON p.oid = d.refobjid
WHERE NOT index.indisexclusion
  AND NOT (has_function_privilege(p.oid, 'EXECUTE') AND has_schema_privilege(p.pronamespace, 'USAGE'))

-- From PostgreSQL 18 on, a partition may have validated what its table has not. Older servers have no
-- column conenforced.
UNION ALL
SELECT part.place,
       format('foreign key %I of %s is not like that of %s', part.conname, part.conrelid::regclass,
              k.conrelid::regclass)
FROM part JOIN pg_constraint k ON k.oid = part.key
WHERE (part.convalidated, part.condeferrable, part.condeferred, to_jsonb(part) ->> 'conenforced')
   IS DISTINCT FROM (k.convalidated, k.condeferrable, k.condeferred, to_jsonb(k) ->> 'conenforced')

-- DETACH PARTITION ... CONCURRENTLY, from PostgreSQL 14 on, that waits or did not end: the foreign key would
-- not be made again there.
UNION ALL
SELECT part.place, format('partition %s is being detached', part.conrelid::regclass)
FROM part JOIN pg_inherits h ON h.inhrelid = part.conrelid
WHERE to_jsonb(h) ->> 'inhdetachpending' = 'true'

-- Which trigger belongs to which partition cannot be told when they are made anew.
UNION ALL
SELECT part.place,
       format('triggers of foreign key %I of %s are switched off', part.conname, part.conrelid::regclass)
FROM part
WHERE EXISTS (SELECT 1 FROM part other WHERE other.key = part.key AND other.oid <> part.key)
  AND EXISTS (SELECT 1 FROM pg_trigger t WHERE t.tgconstraint = part.oid AND t.tgenabled <> 'O')

-- From PostgreSQL 18 on, NOT NULL is a constraint. A primary key is not created over one that child
-- tables do not inherit, though it may become such a one later.
UNION ALL
SELECT index.place,
       format('NOT NULL constraint %I of %s is NO INHERIT: no primary key can be created on it',
              con.conname, con.conrelid::regclass)
FROM con JOIN index ON index.indrelid = con.conrelid
WHERE con.contype = 'n'
  AND con.connoinherit
  AND index.indisprimary
  AND NOT index.indisexclusion
  AND con.conkey[1] = ANY (index.indkey)

-- PostgreSQL 15 makes such a primary key of an index, and pg_upgrade takes it along.
UNION ALL
SELECT place,
       format('primary key %s is NULLS NOT DISTINCT: none can be created like that', indexrelid::regclass)
FROM index
WHERE indisprimary
  AND nulls_not_distinct
  AND current_setting('server_version_num')::integer >= 160000

-- To create an index takes the privileges that creating the table once took.
UNION ALL
SELECT place, format('no CREATE privilege on schema %s', relnamespace::regnamespace)
FROM listed
WHERE NOT has_schema_privilege(relnamespace, 'CREATE')

UNION ALL
SELECT index.place, format('no CREATE privilege on tablespace %I', s.spcname)
FROM index JOIN pg_tablespace s ON s.oid = index.reltablespace
WHERE NOT has_tablespace_privilege(s.oid, 'CREATE')

-- DISABLE TRIGGER ALL, by a superuser, keeps the triggers of foreign keys from firing too.
UNION ALL
SELECT key.place,
       format('only a superuser can switch off the triggers of foreign key %I of %s again',
              key.conname, key.conrelid::regclass)
FROM key
WHERE NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)
  AND EXISTS (SELECT 1 FROM pg_trigger t WHERE t.tgconstraint = key.oid AND t.tgenabled <> 'O')

-- The truncation of an empty table must not fire a trigger (bit 32 of tgtype is TRUNCATE). And
-- while a deferred trigger has still to fire, the server refuses every ALTER TABLE and CREATE INDEX.
UNION ALL
SELECT l.place,
       format('trigger %I of %s %s', t.tgname, t.tgrelid::regclass,
              CASE WHEN t.tginitdeferred THEN 'is deferred' ELSE 'fires on TRUNCATE' END)
FROM pg_trigger t JOIN listed l ON l.oid = t.tgrelid
WHERE NOT t.tgisinternal
  AND t.tgenabled IN ('O', 'A')
  AND (t.tginitdeferred OR t.tgtype & 32 <> 0)

-- So it does while rows are left that might violate a deferred exclusion constraint, which stays in place.
UNION ALL
SELECT index.place, format('exclusion constraint %I of %s is deferred', con.conname, con.conrelid::regclass)
FROM con JOIN index ON index.indexrelid = con.conindid
WHERE con.condeferred AND con.contype IN ('p', 'u', 'x') AND index.indisexclusion;
