#include "pg/search_path.h"

#include "pg/query.h"

/* No parameters: one row, the path, the new session_replication_role, and the path that stands. */
extern const char session_search_path_sql[];

/* A query that sets something: its one row is not looked at. */
static bool set(struct connection *connection, const char *sql, int columns, struct error *error)
{
    const struct query query = {.sql = sql, .columns = columns};
    PGresult *row;

    if (!connection_query_row(connection, &query, &row, error))
        return false;
    PQclear(row);
    return true;
}

bool search_path_remember(struct connection *connection, struct error *error)
{
    return set(connection, session_search_path_sql, 3, error);
}

bool search_path_use_session(struct connection *connection, struct error *error)
{
    return set(connection,
               "SELECT set_config('search_path', current_setting('timele.search_path'), true)", 1,
               error);
}

bool search_path_restrict(struct connection *connection, struct error *error)
{
    return set(connection, "SELECT set_config('search_path', 'pg_catalog', true)", 1, error);
}
