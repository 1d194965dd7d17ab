-- The tables with a foreign key to a table, of which row-level security hides rows from the user.
--
-- $1  schema
-- $2  table
--
-- One row a table: its qualified name, the user
SELECT DISTINCT format('%I.%I', m.nspname, r.relname), current_user
FROM pg_constraint k
JOIN pg_class c ON c.oid = k.confrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_class r ON r.oid = k.conrelid
JOIN pg_namespace m ON m.oid = r.relnamespace
WHERE k.contype = 'f'
  AND n.nspname = $1
  AND c.relname = $2
  AND row_security_active(r.oid)
ORDER BY 1;
