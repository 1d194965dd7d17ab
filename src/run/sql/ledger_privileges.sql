-- Whether the user may read and add to the ledger: the tables timele_load.runs and
-- timele_load.files. No parameters.
--
-- One row where there is a ledger, none where there is not: the user may, row-level security hides
-- rows from the user
SELECT has_schema_privilege(n.oid, 'USAGE')
       AND bool_and(has_table_privilege(c.oid, 'SELECT') AND has_table_privilege(c.oid, 'INSERT')),
       bool_or(row_security_active(c.oid))
FROM pg_catalog.pg_namespace n
JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid
WHERE n.nspname = 'timele_load' AND c.relname IN ('runs', 'files')
GROUP BY n.oid
HAVING count(*) = 2;
