-- The foreign keys that lead from one column alone to a table, a validated one first.
--
-- $1  schema of the column's table
-- $2  the column's table
-- $3  column
-- $4  schema of the referenced table
-- $5  referenced table
--
-- One row a foreign key: name, is validated
SELECT k.conname, k.convalidated
FROM pg_constraint k
JOIN pg_class c ON c.oid = k.conrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_class p ON p.oid = k.confrelid
JOIN pg_namespace m ON m.oid = p.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND k.conkey = ARRAY[a.attnum]
WHERE k.contype = 'f'
  AND n.nspname = $1
  AND c.relname = $2
  AND a.attname = $3
  AND m.nspname = $4
  AND p.relname = $5
ORDER BY k.convalidated DESC, k.conname;
