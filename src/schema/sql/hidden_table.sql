-- A table of which row-level security hides rows from the user.
--
-- $1  schema
-- $2  table
--
-- One row if so, else none: the table's qualified name, the user
SELECT format('%I.%I', n.nspname, c.relname), current_user
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = $1
  AND c.relname = $2
  AND row_security_active(c.oid);
