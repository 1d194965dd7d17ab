#include "pg/run_lock.h"

#include <stdio.h>

/* Two arbitrary numbers that no other program is likely to use: "time", "load" in ASCII. */
#define FIRST_KEY  "1953066341"
#define SECOND_KEY "1819238756"

/* $1 and $2 are the keys: one row at most, words about the session that holds the lock. */
extern const char run_lock_holder_sql[];

enum { HOLDER_SIZE = 256 };

/* `holder` is empty when the other run has just ended. */
static bool describe_holder(const struct session *session, char holder[HOLDER_SIZE])
{
    const char *const keys[] = {FIRST_KEY, SECOND_KEY};
    const struct query query = {
        .sql = run_lock_holder_sql, .parameters = keys, .parameter_count = 2, .columns = 1};
    PGresult *rows;

    if (!connection_query(session->connection, &query, &rows, session->error))
        return false;
    (void)snprintf(holder, HOLDER_SIZE, "%s", PQntuples(rows) > 0 ? PQgetvalue(rows, 0, 0) : "");
    PQclear(rows);
    return true;
}

static bool refuse(const struct session *session, const struct wait_budget *budget)
{
    char holder[HOLDER_SIZE];

    if (!describe_holder(session, holder))
        return false;
    (void)error_set(session->error, ERROR_LOCKED, "another run is loading %s",
                    connection_name(session->connection));
    if (holder[0] != '\0')
        (void)error_detail(session->error, "It is %s.", holder);
    return budget->seconds > 0
               ? error_hint(session->error, "It did not end within %.0f s (--wait).",
                            budget->seconds)
               : error_hint(session->error,
                            "With --wait=SECONDS a run waits until the other has ended.");
}

static bool tell(const struct session *session, const struct wait_budget *budget)
{
    char holder[HOLDER_SIZE];

    if (!describe_holder(session, holder))
        return false;
    log_note(session->log, "another run is loading; waiting up to %.0f s for it to end: %s",
             wait_budget_left(budget), holder);
    return true;
}

static bool try_to_take(const struct session *session, bool *taken)
{
    const struct query query = {
        .sql = "SELECT pg_try_advisory_xact_lock(" FIRST_KEY ", " SECOND_KEY ")", .columns = 1};
    PGresult *row;

    if (!connection_query_row(session->connection, &query, &row, session->error))
        return false;
    *taken = PQgetvalue(row, 0, 0)[0] == 't';
    PQclear(row);
    return true;
}

/* The server is asked again and again. It could also be told to wait, but then a lock_timeout would
 * abort the transaction, and nobody could ask any more who holds the lock. */
bool run_lock_take(const struct session *session, struct wait_budget *budget)
{
    bool taken = false;

    wait_budget_renew(budget);
    for (bool told = false;; told = true) {
        if (!try_to_take(session, &taken))
            return false;
        if (taken)
            return true;
        if (wait_budget_left(budget) <= 0)
            return refuse(session, budget);
        if ((!told && !tell(session, budget)) || !wait_budget_pause(budget, session->error))
            return false;
    }
}
