-- Keeps the session's search path in the setting timele.search_path, with pg_catalog before it, and
-- makes sure that triggers fire and foreign keys are checked. Both until the end of the transaction.
--
-- No parameters. One row of three columns: the path, the new session_replication_role or NULL, and
-- the path that stands afterwards, pg_catalog alone
--
-- The session's path is the one that a reset gives, not what somebody who had the session before may
-- have set: set_config with NULL resets, and tells what came of it. The view pg_settings has it too,
-- but reads all settings for one. Names are looked up before the path changes, and the inner query
-- is done before the outer one, which restricts the path again.
--
-- Only a superuser may set session_replication_role; mostly there is nothing to set.
SELECT kept.path,
       CASE WHEN current_setting('session_replication_role') <> 'origin'
            THEN set_config('session_replication_role', 'origin', true)
       END,
       set_config('search_path', 'pg_catalog', true)
FROM (SELECT set_config('timele.search_path',
                        concat_ws(', ',
                                  'pg_catalog',
                                  nullif(btrim(set_config('search_path', NULL, true), E' \t\n\r\f\v'), '')),
                        true) AS path
      OFFSET 0) kept;
