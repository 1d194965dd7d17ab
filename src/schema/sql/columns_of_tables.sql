-- The columns of some tables or partitioned tables.
--
-- $1  schemas, an array of name
-- $2  tables in them, an array that is as long
-- $3  of each, the schema of the enum, an array that is as long
-- $4  of each, the enum, an array that is as long
--
-- One row a column, in the order of tables and columns:
--   the table's place in the arrays, from 1
--   name, oid of the type (0: it is the enum), type without modifiers, length of a varchar (0: no limit), is NOT NULL,
--   must be given a value (NOT NULL without a default), has a default,
--   the default without quotes and casts ('': none), is generated from other columns
SELECT l.place,
       a.attname,
       CASE WHEN e.oid IS NULL THEN a.atttypid ELSE 0 END,
       format_type(a.atttypid, NULL),
       greatest(a.atttypmod - 4, 0), -- a varchar's is its length plus 4, or -1 without a length
       a.attnotnull,
       a.attnotnull AND NOT a.atthasdef AND a.attidentity = '',
       a.atthasdef OR a.attidentity <> '',
       coalesce(regexp_replace(pg_get_expr(d.adbin, d.adrelid), '^''(.*)''::.*$', '\1'), ''),
       a.attgenerated <> ''
FROM unnest($1::name[], $2::name[], $3::name[], $4::name[])
     WITH ORDINALITY AS l (schema, name, enum_schema, enum, place)
JOIN pg_class c
  ON c.relnamespace = (SELECT n.oid FROM pg_namespace n WHERE n.nspname = l.schema) AND c.relname = l.name
JOIN pg_attribute a ON a.attrelid = c.oid
LEFT JOIN pg_type e
  ON e.oid = a.atttypid
 AND e.typname = l.enum
 AND e.typnamespace = (SELECT m.oid FROM pg_namespace m WHERE m.nspname = l.enum_schema)
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE c.relkind IN ('r', 'p')
  AND a.attnum > 0
  AND NOT a.attisdropped
ORDER BY l.place, a.attnum;
