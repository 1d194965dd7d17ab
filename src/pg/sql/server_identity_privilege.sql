-- Whether the user may ask what server_identity.sql asks. No parameters.
--
-- One row: it may
SELECT pg_catalog.bool_and(pg_catalog.has_function_privilege(f, 'EXECUTE'))
FROM pg_catalog.unnest(ARRAY['pg_catalog.pg_control_system()',
                             'pg_catalog.pg_current_wal_lsn()',
                             'pg_catalog.pg_walfile_name(pg_lsn)']) AS functions (f);
