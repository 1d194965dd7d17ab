#include "pg/run_lock.h"

/* Two arbitrary numbers that no other program is likely to use: "time", "load" in ASCII. */
#define RUN_LOCK_KEYS "1953066341, 1819238756"

static bool describe_holder(struct connection *connection, struct error *error)
{
    PGresult *rows;

    if (!connection_query(connection,
                          "SELECT a.pid, coalesce(host(a.client_addr), 'the local socket'), "
                          "a.usename, to_char(a.xact_start, 'YYYY-MM-DD HH24:MI:SSOF') "
                          "FROM pg_locks l JOIN pg_stat_activity a USING (pid) "
                          "WHERE l.locktype = 'advisory' AND l.granted AND l.database = "
                          "(SELECT oid FROM pg_database WHERE datname = current_database()) "
                          "AND (l.classid, l.objid) = (" RUN_LOCK_KEYS ")",
                          0, NULL, 4, &rows, error))
        return false;
    (void)error_set(error, ERROR_LOCKED, "another run is loading %s", connection_name(connection));
    if (PQntuples(rows) > 0)
        (void)error_detail(error, "It is server process %s, user %s, from %s, begun %s.",
                           PQgetvalue(rows, 0, 0), PQgetvalue(rows, 0, 2), PQgetvalue(rows, 0, 1),
                           PQgetvalue(rows, 0, 3));
    PQclear(rows);
    return false;
}

bool run_lock_take(struct connection *connection, struct error *error)
{
    PGresult *result;
    bool taken;

    if (!connection_query_row(connection, "SELECT pg_try_advisory_xact_lock(" RUN_LOCK_KEYS ")", 0,
                              NULL, 1, &result, error))
        return false;
    taken = PQgetvalue(result, 0, 0)[0] == 't';
    PQclear(result);
    return taken || describe_holder(connection, error);
}
