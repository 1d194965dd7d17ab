-- What decides how a table is loaded. A part of a query, without a semicolon.
--
-- $1  schema
-- $2  table
--
-- One row:
--   the user may analyze it
--   an estimate of its rows, those of its partitions
--   how many of its rows may change until the planner's statistics are out of date
--   it is partitioned
--
-- The table's owner may analyze it, and the database's; from PostgreSQL 17 on, who has MAINTAIN. An
-- older server does not know the word.
--
-- Statistics are out of date when autovacuum would renew them (PostgreSQL manual, 25.1.6): after so
-- many changes since the last time, be they this run's or not. Autovacuum never looks at a
-- partitioned table, so that one is always due, as is one without statistics.
SELECT pg_has_role(c.relowner, 'USAGE')
         OR pg_has_role(d.datdba, 'USAGE')
         OR CASE WHEN current_setting('server_version_num')::integer >= 170000
                 THEN has_table_privilege(c.oid, 'MAINTAIN')
                 ELSE false
            END,
       (SELECT coalesce(sum(greatest(r.reltuples::bigint, pg_relation_size(r.oid) / 256)), 0)::bigint
        FROM (SELECT c.oid WHERE c.relkind <> 'p'
              UNION
              SELECT relid FROM pg_partition_tree(c.oid) WHERE isleaf) AS p (oid)
        JOIN pg_class r ON r.oid = p.oid),
       CASE WHEN c.relkind = 'p' OR c.reltuples <= 0 THEN 0
            ELSE greatest(0, ceil(coalesce(o.threshold, current_setting('autovacuum_analyze_threshold'))::float8
                                  + coalesce(o.factor, current_setting('autovacuum_analyze_scale_factor'))::float8
                                    * c.reltuples
                                  - coalesce(pg_stat_get_mod_since_analyze(c.oid), 0)))
       END::bigint,
       c.relkind = 'p'
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_database d ON d.datname = current_database()
CROSS JOIN LATERAL (
  SELECT max(option_value) FILTER (WHERE option_name = 'autovacuum_analyze_threshold') AS threshold,
         max(option_value) FILTER (WHERE option_name = 'autovacuum_analyze_scale_factor') AS factor
  FROM pg_options_to_table(c.reloptions)
) o
WHERE n.nspname = $1 AND c.relname = $2
