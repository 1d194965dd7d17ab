-- The sequence that a column draws from: the one that its default names, else the one that it owns.
--
-- $1  schema
-- $2  table
-- $3  column
--
-- One row at most:
--   schema, name, MINVALUE, MAXVALUE, the user may set it and read all rows of its table,
--   the user may alter it, the user may read it
WITH key AS (
  SELECT c.oid AS table_oid, a.attnum, d.oid AS default_oid
  FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_attribute a ON a.attrelid = c.oid
  LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
  WHERE n.nspname = $1 AND c.relname = $2 AND a.attname = $3
),
candidate AS (
  SELECT p.refobjid AS oid, 1 AS preference
  FROM key
  JOIN pg_depend p
    ON p.classid = 'pg_attrdef'::regclass
   AND p.objid = key.default_oid
   AND p.refclassid = 'pg_class'::regclass
  UNION ALL
  SELECT p.objid, 2
  FROM key
  JOIN pg_depend p
    ON p.refclassid = 'pg_class'::regclass
   AND p.refobjid = key.table_oid
   AND p.refobjsubid = key.attnum
   AND p.classid = 'pg_class'::regclass
   AND p.deptype IN ('a', 'i')
)
SELECT n.nspname,
       c.relname,
       s.seqmin,
       s.seqmax,
       has_sequence_privilege(c.oid, 'SELECT')
         AND has_sequence_privilege(c.oid, 'UPDATE')
         AND has_schema_privilege(n.oid, 'USAGE')
         AND has_table_privilege((SELECT table_oid FROM key), 'SELECT')
         AND NOT row_security_active((SELECT table_oid FROM key)),
       pg_has_role(c.relowner, 'USAGE'),
       has_sequence_privilege(c.oid, 'SELECT')
FROM candidate
JOIN pg_sequence s ON s.seqrelid = candidate.oid
JOIN pg_class c ON c.oid = s.seqrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
ORDER BY candidate.preference
LIMIT 1;
