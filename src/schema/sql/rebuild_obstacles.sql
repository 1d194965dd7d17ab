-- What is known to stand in the way of dropping the indexes and constraints of some tables and of
-- creating them again, before anything is tried.
--
-- $1  tables, an array of regclass
--
-- One row an obstacle: a sentence that says what it is
WITH listed AS (
  SELECT unnest($1::regclass[])::oid AS oid
),
altered AS ( -- the listed tables, and those whose foreign keys lead to them
  SELECT oid FROM listed
  UNION
  SELECT k.conrelid
  FROM pg_constraint k JOIN listed l ON l.oid IN (k.conrelid, k.confrelid)
  WHERE k.contype = 'f'
)
SELECT format('%s belongs to %I', c.oid::regclass, pg_get_userbyid(c.relowner))
FROM altered JOIN pg_class c USING (oid)
WHERE NOT pg_has_role(c.relowner, 'USAGE')

UNION ALL
SELECT format('no REFERENCES privilege on %s', k.confrelid::regclass)
FROM pg_constraint k JOIN listed l ON l.oid = k.conrelid
WHERE k.contype = 'f' AND NOT has_table_privilege(k.confrelid, 'REFERENCES')

-- What a statement names is looked up in its schema again.
UNION ALL
SELECT format('no USAGE privilege on schema %I', n.nspname)
FROM pg_constraint k
JOIN listed l ON l.oid = k.conrelid
JOIN pg_class p ON p.oid = k.confrelid
JOIN pg_namespace n ON n.oid = p.relnamespace
WHERE k.contype = 'f' AND NOT has_schema_privilege(n.oid, 'USAGE')

UNION ALL
SELECT format('no privilege to call %s.%I, a function of index %s', p.pronamespace::regnamespace, p.proname,
              i.indexrelid::regclass)
FROM listed l
JOIN pg_index i ON i.indrelid = l.oid AND NOT i.indisexclusion
JOIN pg_depend d
  ON d.classid = 'pg_class'::regclass AND d.objid = i.indexrelid AND d.refclassid = 'pg_proc'::regclass
JOIN pg_proc p ON p.oid = d.refobjid
WHERE NOT has_function_privilege(p.oid, 'EXECUTE')
   OR NOT has_schema_privilege(p.pronamespace, 'USAGE')

UNION ALL
SELECT format('%s is partitioned or has child tables', c.oid::regclass)
FROM altered JOIN pg_class c USING (oid)
WHERE c.relkind <> 'r'
  OR EXISTS (SELECT FROM pg_inherits h WHERE c.oid IN (h.inhparent, h.inhrelid))

-- From PostgreSQL 18 on, NOT NULL is a constraint. A primary key is not created over one that child
-- tables do not inherit, though it may become such a one later.
UNION ALL
SELECT format('NOT NULL constraint %I of %s is NO INHERIT: no primary key can be created on it',
              k.conname, k.conrelid::regclass)
FROM pg_constraint k
JOIN listed l ON l.oid = k.conrelid
JOIN pg_index i ON i.indrelid = l.oid AND i.indisprimary AND NOT i.indisexclusion
WHERE k.contype = 'n' AND k.connoinherit AND k.conkey[1] = ANY (i.indkey)

-- PostgreSQL 15 makes such a primary key of an index, and pg_upgrade takes it along.
UNION ALL
SELECT format('primary key %s is NULLS NOT DISTINCT: none can be created like that', i.indexrelid::regclass)
FROM listed l JOIN pg_index i ON i.indrelid = l.oid
WHERE i.indisprimary
  AND to_jsonb(i) ->> 'indnullsnotdistinct' = 'true'
  AND current_setting('server_version_num')::integer >= 160000

-- To create an index takes the privileges that creating the table once took.
UNION ALL
SELECT format('no CREATE privilege on schema %I', n.nspname)
FROM listed JOIN pg_class c USING (oid) JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE NOT has_schema_privilege(n.oid, 'CREATE')

UNION ALL
SELECT format('no CREATE privilege on tablespace %I', s.spcname)
FROM listed l
JOIN pg_index i ON i.indrelid = l.oid
JOIN pg_class x ON x.oid = i.indexrelid
JOIN pg_tablespace s ON s.oid = x.reltablespace
WHERE NOT has_tablespace_privilege(s.oid, 'CREATE')

-- DISABLE TRIGGER ALL, by a superuser, keeps the triggers of foreign keys from firing too.
UNION ALL
SELECT format('only a superuser can switch off the triggers of foreign key %I of %s again',
              k.conname, k.conrelid::regclass)
FROM pg_constraint k JOIN listed l ON l.oid IN (k.conrelid, k.confrelid)
WHERE k.contype = 'f'
  AND NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)
  AND EXISTS (SELECT FROM pg_trigger t WHERE t.tgconstraint = k.oid AND t.tgenabled <> 'O')

-- The truncation of an empty table must not fire a trigger (bit 32 of tgtype is TRUNCATE). And
-- while a deferred trigger has still to fire, the server refuses every ALTER TABLE and CREATE INDEX.
UNION ALL
SELECT format('trigger %I of %s %s', t.tgname, t.tgrelid::regclass,
              CASE WHEN t.tginitdeferred THEN 'is deferred' ELSE 'fires on TRUNCATE' END)
FROM listed l JOIN pg_trigger t ON t.tgrelid = l.oid
WHERE NOT t.tgisinternal
  AND t.tgenabled IN ('O', 'A')
  AND (t.tginitdeferred OR t.tgtype & 32 <> 0)

-- Nor while rows are left that might violate a deferred exclusion constraint, which stays in place.
UNION ALL
SELECT format('exclusion constraint %I of %s is deferred', k.conname, k.conrelid::regclass)
FROM listed l
JOIN pg_constraint k ON k.conrelid = l.oid
JOIN pg_index i ON i.indexrelid = k.conindid AND i.indrelid = l.oid
WHERE k.condeferred AND k.contype IN ('p', 'u', 'x') AND i.indisexclusion;
