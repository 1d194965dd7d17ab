-- The settings of a run, all of them local to its transaction. No parameters, no rows.

-- The role or the database may set limits that are meant for the application's short statements.
-- While this program reads files, its session looks idle.
SET LOCAL statement_timeout = 0;
SET LOCAL idle_in_transaction_session_timeout = 0;

SET LOCAL search_path = pg_catalog;
SET LOCAL client_min_messages = warning;

-- TimeL-E's triggers look at it.
SET LOCAL timele.loading = 'on';

-- A price as text must have all its digits.
SET LOCAL extra_float_digits = 1;

-- For the joins that prove foreign keys.
SET LOCAL maintenance_work_mem = '256MB';

-- To compile the few large statements costs more than it saves.
SET LOCAL jit = off;
