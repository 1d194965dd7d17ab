#include "pg/run_lock.h"

#include <stdio.h>

/* Two arbitrary numbers that no other program is likely to use: "time", "load" in ASCII. */
#define FIRST_KEY  "1953066341"
#define SECOND_KEY "1819238756"

/* $1 and $2 are the keys: one row at most, words about the session that holds the lock. */
extern const char run_lock_holder_sql[];

enum { HOLDER_SIZE = 256 };

/* Empty when it has just ended. */
static bool describe_holder(struct connection *connection, char holder[HOLDER_SIZE],
                            struct error *error)
{
    const char *const keys[] = {FIRST_KEY, SECOND_KEY};
    PGresult *rows;

    if (!connection_query(connection, run_lock_holder_sql, 2, keys, 1, &rows, error))
        return false;
    (void)snprintf(holder, HOLDER_SIZE, "%s", PQntuples(rows) > 0 ? PQgetvalue(rows, 0, 0) : "");
    PQclear(rows);
    return true;
}

static bool refuse(struct connection *connection, const struct wait_budget *budget,
                   struct error *error)
{
    char holder[HOLDER_SIZE];

    if (!describe_holder(connection, holder, error))
        return false;
    (void)error_set(error, ERROR_LOCKED, "another run is loading %s", connection_name(connection));
    if (holder[0] != '\0')
        (void)error_detail(error, "It is %s.", holder);
    return budget->seconds > 0
               ? error_hint(error, "It did not end within %.0f s (--wait).", budget->seconds)
               : error_hint(error, "With --wait=SECONDS a run waits until the other has ended.");
}

static bool tell(struct connection *connection, const struct wait_budget *budget, struct log *log,
                 struct error *error)
{
    char holder[HOLDER_SIZE];

    if (!describe_holder(connection, holder, error))
        return false;
    log_note(log, "another run is loading; waiting up to %.0f s for it to end: %s",
             wait_budget_left(budget), holder);
    return true;
}

static bool try_to_take(struct connection *connection, bool *taken, struct error *error)
{
    PGresult *result;

    if (!connection_query_row(connection,
                              "SELECT pg_try_advisory_xact_lock(" FIRST_KEY ", " SECOND_KEY ")", 0,
                              NULL, 1, &result, error))
        return false;
    *taken = PQgetvalue(result, 0, 0)[0] == 't';
    PQclear(result);
    return true;
}

/* Asking again and again, and not waiting in the server: a lock_timeout would abort the
 * transaction, and with it the question who holds the lock. */
bool run_lock_take(struct connection *connection, struct wait_budget *budget, struct log *log,
                   struct error *error)
{
    bool taken = false;

    wait_budget_renew(budget);
    for (bool told = false;; told = true) {
        if (!try_to_take(connection, &taken, error))
            return false;
        if (taken)
            return true;
        if (wait_budget_left(budget) <= 0)
            return refuse(connection, budget, error);
        if ((!told && !tell(connection, budget, log, error)) || !wait_budget_pause(budget, error))
            return false;
    }
}
