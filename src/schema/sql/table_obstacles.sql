-- Which of some tables there are, and whether anything is in the way of what is to be done with
-- them. What it is, the queries tell that make the messages (schema/catalog_reading).
--
-- $1  schemas, an array of name
-- $2  tables in them, an array that is as long
-- $3  the privileges needed, an array that is as long: words with commas between, as "SELECT,INSERT"
--
-- One row a table:
--   its place in the arrays, from 1
--   there is a table or partitioned table of that name
--   something may be in the way: no USAGE on the schema, a privilege that is missing, row-level
--   security that hides rows, a rule (rules_in_the_way.sql)
SELECT l.place,
       coalesce(c.relkind IN ('r', 'p'), false),
       (NOT has_schema_privilege(n.oid, 'USAGE')
        OR EXISTS (SELECT 1 FROM unnest(string_to_array(l.privileges, ',')) p
                   WHERE has_table_privilege(c.oid, p) IS NOT TRUE)
        OR row_security_active(c.oid)
        OR EXISTS (SELECT 1 FROM pg_rewrite r
                   WHERE r.ev_class = c.oid
                     AND CASE r.ev_type WHEN '2' THEN 'UPDATE' WHEN '3' THEN 'INSERT' WHEN '4' THEN 'DELETE' END
                           = ANY (string_to_array(l.privileges, ','))
                     AND r.ev_enabled IN ('O', 'A')
                     AND (r.is_instead OR r.ev_type <> '3'))
       ) IS NOT FALSE
FROM unnest($1::name[], $2::name[], $3::text[]) WITH ORDINALITY AS l (schema, name, privileges, place)
LEFT JOIN pg_namespace n ON n.nspname = l.schema
LEFT JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = l.name;
