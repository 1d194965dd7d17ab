-- The indexes by which the server keeps the values of one column unique, after every statement.
--
-- $1  schema
-- $2  table
-- $3  column
--
-- One row an index: name
--
-- A unique constraint is such an index, of the same name. One that is not valid, or not kept yet, may
-- lack rows; one of a deferrable constraint is checked later; one with a condition is about some rows
-- only; one of a partition or of a table that others inherit is not about their rows. Another operator
-- class could take other values for the same.
SELECT i.relname
FROM pg_index x
JOIN pg_class i ON i.oid = x.indexrelid
JOIN pg_class c ON c.oid = x.indrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = x.indkey[0]
JOIN pg_opclass o ON o.oid = x.indclass[0]
WHERE n.nspname = $1
  AND c.relname = $2
  AND a.attname = $3
  AND c.relkind = 'r'
  AND NOT c.relhassubclass
  AND x.indisunique
  AND x.indimmediate
  AND x.indisvalid
  AND x.indisready
  AND x.indislive
  AND NOT x.indisexclusion
  AND x.indnkeyatts = 1
  AND x.indpred IS NULL
  AND x.indexprs IS NULL
  AND o.opcdefault
ORDER BY i.relname;
