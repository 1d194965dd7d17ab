-- What is known to stand in the way of dropping the indexes and constraints of some tables and of
-- creating them again, before anything is tried.
--
-- $1  tables, an array of regclass
--
-- One row an obstacle: a sentence that says what it is
--
-- Each catalog is read once: to plan a join takes the server longer than to read what it is about.
WITH listed AS MATERIALIZED (
  SELECT c.oid, c.relnamespace
  FROM pg_class c
  WHERE c.oid = ANY ($1::regclass[]::oid[])
),
index AS MATERIALIZED ( -- the listed tables' indexes
  SELECT i.indexrelid, i.indrelid, i.indisprimary, i.indisexclusion, i.indkey, x.reltablespace,
         to_jsonb(i) ->> 'indnullsnotdistinct' = 'true' AS nulls_not_distinct
  FROM pg_index i
  JOIN pg_class x ON x.oid = i.indexrelid
  WHERE i.indrelid = ANY ($1::regclass[]::oid[])
),
con AS MATERIALIZED ( -- the listed tables' constraints, and the foreign keys that lead to them
  SELECT k.oid, k.conname, k.contype, k.conrelid, k.confrelid, k.conindid, k.conkey, k.condeferred,
         k.connoinherit, k.conrelid = ANY ($1::regclass[]::oid[]) AS is_listed
  FROM pg_constraint k
  WHERE k.conrelid = ANY ($1::regclass[]::oid[])
     OR (k.confrelid = ANY ($1::regclass[]::oid[]) AND k.contype = 'f')
),
altered AS ( -- the listed tables, and those whose foreign keys lead to them
  SELECT oid FROM listed
  UNION
  SELECT conrelid FROM con WHERE contype = 'f'
)
SELECT format('%s belongs to %I', c.oid::regclass, pg_get_userbyid(c.relowner))
FROM altered JOIN pg_class c USING (oid)
WHERE NOT pg_has_role(c.relowner, 'USAGE')

-- What a statement names is looked up in its schema again.
UNION ALL
SELECT CASE WHEN has_table_privilege(p.oid, 'REFERENCES')
            THEN format('no USAGE privilege on schema %s', p.relnamespace::regnamespace)
            ELSE format('no REFERENCES privilege on %s', p.oid::regclass)
       END
FROM con JOIN pg_class p ON p.oid = con.confrelid
WHERE con.contype = 'f'
  AND con.is_listed
  AND NOT (has_table_privilege(p.oid, 'REFERENCES') AND has_schema_privilege(p.relnamespace, 'USAGE'))

UNION ALL
SELECT format('no privilege to call %s.%I, a function of index %s', p.pronamespace::regnamespace, p.proname,
              index.indexrelid::regclass)
FROM index
JOIN pg_depend d
  ON d.classid = 'pg_class'::regclass AND d.objid = index.indexrelid AND d.refclassid = 'pg_proc'::regclass
JOIN pg_proc p ON p.oid = d.refobjid
WHERE NOT index.indisexclusion
  AND NOT (has_function_privilege(p.oid, 'EXECUTE') AND has_schema_privilege(p.pronamespace, 'USAGE'))

UNION ALL
SELECT format('%s is partitioned or has child tables', c.oid::regclass)
FROM altered JOIN pg_class c USING (oid)
WHERE c.relkind <> 'r'
  OR EXISTS (SELECT FROM pg_inherits h WHERE c.oid IN (h.inhparent, h.inhrelid))

-- From PostgreSQL 18 on, NOT NULL is a constraint. A primary key is not created over one that child
-- tables do not inherit, though it may become such a one later.
UNION ALL
SELECT format('NOT NULL constraint %I of %s is NO INHERIT: no primary key can be created on it',
              con.conname, con.conrelid::regclass)
FROM con JOIN index ON index.indrelid = con.conrelid
WHERE con.contype = 'n'
  AND con.connoinherit
  AND index.indisprimary
  AND NOT index.indisexclusion
  AND con.conkey[1] = ANY (index.indkey)

-- PostgreSQL 15 makes such a primary key of an index, and pg_upgrade takes it along.
UNION ALL
SELECT format('primary key %s is NULLS NOT DISTINCT: none can be created like that', indexrelid::regclass)
FROM index
WHERE indisprimary
  AND nulls_not_distinct
  AND current_setting('server_version_num')::integer >= 160000

-- To create an index takes the privileges that creating the table once took.
UNION ALL
SELECT format('no CREATE privilege on schema %s', relnamespace::regnamespace)
FROM listed
WHERE NOT has_schema_privilege(relnamespace, 'CREATE')

UNION ALL
SELECT format('no CREATE privilege on tablespace %I', s.spcname)
FROM index JOIN pg_tablespace s ON s.oid = index.reltablespace
WHERE NOT has_tablespace_privilege(s.oid, 'CREATE')

-- DISABLE TRIGGER ALL, by a superuser, keeps the triggers of foreign keys from firing too.
UNION ALL
SELECT format('only a superuser can switch off the triggers of foreign key %I of %s again',
              con.conname, con.conrelid::regclass)
FROM con
WHERE con.contype = 'f'
  AND NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)
  AND EXISTS (SELECT FROM pg_trigger t WHERE t.tgconstraint = con.oid AND t.tgenabled <> 'O')

-- The truncation of an empty table must not fire a trigger (bit 32 of tgtype is TRUNCATE). And
-- while a deferred trigger has still to fire, the server refuses every ALTER TABLE and CREATE INDEX.
UNION ALL
SELECT format('trigger %I of %s %s', t.tgname, t.tgrelid::regclass,
              CASE WHEN t.tginitdeferred THEN 'is deferred' ELSE 'fires on TRUNCATE' END)
FROM pg_trigger t
WHERE t.tgrelid = ANY ($1::regclass[]::oid[])
  AND NOT t.tgisinternal
  AND t.tgenabled IN ('O', 'A')
  AND (t.tginitdeferred OR t.tgtype & 32 <> 0)

-- So it does while rows are left that might violate a deferred exclusion constraint, which stays in place.
UNION ALL
SELECT format('exclusion constraint %I of %s is deferred', con.conname, con.conrelid::regclass)
FROM con JOIN index ON index.indexrelid = con.conindid
WHERE con.condeferred AND con.contype IN ('p', 'u', 'x') AND con.is_listed AND index.indisexclusion;
