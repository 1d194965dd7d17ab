-- The views that depend on tables of some schemas, which are dropped along with them. That of another
-- role cannot be dropped by itself.
--
-- $1  schemas, an array of text
--
-- One row a view: its schema and its name
SELECT DISTINCT n.nspname, v.relname
FROM pg_class c
JOIN pg_namespace s ON s.oid = c.relnamespace AND s.nspname = ANY ($1::text[])
JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = c.oid
JOIN pg_rewrite r ON d.classid = 'pg_rewrite'::regclass AND r.oid = d.objid
JOIN pg_class v ON v.oid = r.ev_class
JOIN pg_namespace n ON n.oid = v.relnamespace
WHERE v.relkind = 'v'
  AND pg_has_role(v.relowner, 'USAGE')
ORDER BY n.nspname, v.relname;
