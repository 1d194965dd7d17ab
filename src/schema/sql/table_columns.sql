-- The columns of a table or partitioned table.
--
-- $1  schema
-- $2  table
-- $3  schema of the enum
-- $4  the enum
--
-- One row a column:
--   name, oid of the type (0: it is the enum), type without modifiers, length of a varchar (0: no limit), is NOT NULL,
--   must be given a value (NOT NULL without a default), has a default,
--   the default without quotes and casts ('': none)
SELECT a.attname,
       CASE WHEN e.oid IS NULL THEN a.atttypid ELSE 0 END,
       format_type(a.atttypid, NULL),
       greatest(a.atttypmod - 4, 0), -- a varchar's is its length plus 4, or -1 without a length
       a.attnotnull,
       a.attnotnull AND NOT a.atthasdef AND a.attidentity = '',
       a.atthasdef OR a.attidentity <> '',
       coalesce(regexp_replace(pg_get_expr(d.adbin, d.adrelid), '^''(.*)''::.*$', '\1'), '')
FROM pg_attribute a
JOIN pg_class c ON c.oid = a.attrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN (pg_type e JOIN pg_namespace m ON m.oid = e.typnamespace)
  ON e.oid = a.atttypid AND m.nspname = $3 AND e.typname = $4
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE n.nspname = $1
  AND c.relname = $2
  AND c.relkind IN ('r', 'p')
  AND a.attnum > 0
  AND NOT a.attisdropped;
