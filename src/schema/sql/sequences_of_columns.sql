-- The sequences that some columns draw from: of each the one that its default names, else the one
-- that it owns.
--
-- $1  schemas, an array of name
-- $2  tables in them, an array that is as long
-- $3  columns of these, an array that is as long
--
-- One row a column that has one:
--   its place in the arrays, from 1
--   schema, name, MINVALUE, MAXVALUE, the user may set it and read all rows of its table,
--   the user may alter it, the user may read it
WITH key AS MATERIALIZED (
  SELECT l.place, c.oid AS table_oid, a.attnum, d.oid AS default_oid
  FROM unnest($1::name[], $2::name[], $3::name[]) WITH ORDINALITY AS l (schema, name, key, place)
  JOIN pg_class c
    ON c.relnamespace = (SELECT n.oid FROM pg_namespace n WHERE n.nspname = l.schema) AND c.relname = l.name
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = l.key
  LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
),
candidate AS (
  SELECT key.place, key.table_oid, p.refobjid AS oid, 1 AS preference
  FROM key
  JOIN pg_depend p
    ON p.classid = 'pg_attrdef'::regclass
   AND p.objid = key.default_oid
   AND p.refclassid = 'pg_class'::regclass
  UNION ALL
  SELECT key.place, key.table_oid, p.objid, 2
  FROM key
  JOIN pg_depend p
    ON p.refclassid = 'pg_class'::regclass
   AND p.refobjid = key.table_oid
   AND p.refobjsubid = key.attnum
   AND p.classid = 'pg_class'::regclass
   AND p.deptype IN ('a', 'i')
)
SELECT DISTINCT ON (candidate.place)
       candidate.place,
       n.nspname,
       c.relname,
       s.seqmin,
       s.seqmax,
       has_sequence_privilege(c.oid, 'SELECT')
         AND has_sequence_privilege(c.oid, 'UPDATE')
         AND has_schema_privilege(n.oid, 'USAGE')
         AND has_table_privilege(candidate.table_oid, 'SELECT')
         AND NOT row_security_active(candidate.table_oid),
       pg_has_role(c.relowner, 'USAGE'),
       has_sequence_privilege(c.oid, 'SELECT')
FROM candidate
JOIN pg_sequence s ON s.seqrelid = candidate.oid
JOIN pg_class c ON c.oid = s.seqrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
ORDER BY candidate.place, candidate.preference;
