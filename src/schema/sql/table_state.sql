-- What decides how a table is loaded.
--
-- $1  schema
-- $2  table
--
-- One row:
--   the user may analyze it, an estimate of its rows
--
-- The table's owner may analyze it, and the database's; from PostgreSQL 17 on, who has MAINTAIN. An
-- older server does not know the word.
SELECT pg_has_role(c.relowner, 'USAGE')
         OR pg_has_role(d.datdba, 'USAGE')
         OR CASE WHEN current_setting('server_version_num')::integer >= 170000
                 THEN has_table_privilege(c.oid, 'MAINTAIN')
                 ELSE false
            END,
       greatest(c.reltuples::bigint, pg_relation_size(c.oid) / 256)
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_database d ON d.datname = current_database()
WHERE n.nspname = $1 AND c.relname = $2;
