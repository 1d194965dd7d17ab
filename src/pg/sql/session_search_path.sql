-- Keeps the session's search path in the setting timele.search_path, with pg_catalog before it, and
-- makes sure that triggers fire and foreign keys are checked. Both until the end of the transaction.
--
-- No parameters. One row of two columns: the path, and the new session_replication_role or NULL
--
-- Only a superuser may set session_replication_role; mostly there is nothing to set.
SELECT set_config('timele.search_path',
                  concat_ws(', ', 'pg_catalog', nullif(btrim(p.reset_val, E' \t\n\r\f\v'), '')),
                  true),
       CASE WHEN current_setting('session_replication_role') <> 'origin'
            THEN set_config('session_replication_role', 'origin', true)
       END
FROM pg_settings p
WHERE p.name = 'search_path';
