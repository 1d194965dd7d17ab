-- The views and materialized views that depend on tables of some schemas, which are dropped along with
-- them. That of another role cannot be dropped by itself.
--
-- $1  schemas, an array of text
--
-- One row a view: its schema, its name, and what DROP calls it
SELECT DISTINCT n.nspname, v.relname, CASE v.relkind WHEN 'm' THEN 'MATERIALIZED VIEW' ELSE 'VIEW' END
FROM pg_class c
JOIN pg_namespace s ON s.oid = c.relnamespace AND s.nspname = ANY ($1::text[])
JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = c.oid
JOIN pg_rewrite r ON d.classid = 'pg_rewrite'::regclass AND r.oid = d.objid
JOIN pg_class v ON v.oid = r.ev_class
JOIN pg_namespace n ON n.oid = v.relnamespace
WHERE v.relkind IN ('v', 'm')
  AND pg_has_role(v.relowner, 'USAGE')
ORDER BY n.nspname, v.relname;
