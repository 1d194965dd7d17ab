-- What tells a server from every other: the identifier of its cluster, and the timeline that it
-- writes to, which is another one after a standby was promoted. Refused by a standby. No parameters.
--
-- One row: both
SELECT pg_catalog.format('%s/%s', system_identifier,
                         pg_catalog.left(pg_catalog.pg_walfile_name(pg_catalog.pg_current_wal_lsn()), 8))
FROM pg_catalog.pg_control_system();
