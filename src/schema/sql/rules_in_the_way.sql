-- The enabled rules of a table that do something instead of a change, or beside an update or a
-- deletion.
--
-- $1  schema
-- $2  table
-- $3  the changes, an array of pg_rewrite.ev_type: 2 is UPDATE, 3 INSERT, 4 DELETE
--
-- One row a rule: its name, the change, "instead of" or "beside"
SELECT format('%I', r.rulename),
       CASE r.ev_type WHEN '2' THEN 'UPDATE' WHEN '3' THEN 'INSERT' ELSE 'DELETE' END,
       CASE WHEN r.is_instead THEN 'instead of' ELSE 'beside' END
FROM pg_rewrite r
JOIN pg_class c ON c.oid = r.ev_class
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = $1
  AND c.relname = $2
  AND r.ev_type::text = ANY ($3::text[])
  AND r.ev_enabled IN ('O', 'A')
  AND (r.is_instead OR r.ev_type <> '3')
ORDER BY NOT r.is_instead, r.rulename;
