-- The settings of a run, all of them local to its transaction. No parameters, no rows.

-- The role or the database may set limits that are meant for the application's short statements.
-- While this program reads files, its session looks idle.
SET LOCAL statement_timeout = 0;
SET LOCAL idle_in_transaction_session_timeout = 0;

-- What this program's statements mean must not depend on the user's path: a function there could be
-- a better match than the server's own. See pg/search_path for statements that run the user's code.
SET LOCAL search_path = pg_catalog;
SET LOCAL client_min_messages = warning;

-- Rather an error than a row that a policy hides.
SET LOCAL row_security = off;

-- How this program's statements are read, and the names that it reads from the catalog.
SET LOCAL standard_conforming_strings = on;
SET LOCAL quote_all_identifiers = off;

-- The run goes on after some errors.
SET LOCAL exit_on_error = off;

-- A function of the API that cannot work is told when it is created.
SET LOCAL check_function_bodies = on;

-- TimeL-E's triggers look at it.
SET LOCAL timele.loading = 'on';

-- A price as text must have all its digits.
SET LOCAL extra_float_digits = 1;

-- For the joins that prove foreign keys.
SET LOCAL maintenance_work_mem = '256MB';

-- To compile the few large statements costs more than it saves.
SET LOCAL jit = off;

-- The rows of a run are mostly in the order of the table's, so a page that an index leads to has been
-- read for the row before. The server's own default is that of a disk which has to turn for each.
SET LOCAL random_page_cost = 1.1;
