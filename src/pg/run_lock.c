#include "pg/run_lock.h"

#include "pg/query.h"

#include <stdio.h>

/* Two arbitrary numbers that no other program is likely to use: "time", "load" in ASCII. */
#define FIRST_KEY  "1953066341"
#define SECOND_KEY "1819238756"

/* $1 and $2 are the keys: one row at most, whether the lock's holder looks like a run, words about
 * it, and the statement that ends it. */
extern const char run_lock_holder_sql[];

enum { HOLDER_SIZE = 512 };

/* Who has the lock. Anybody who may connect can take it, so it need not be a run. */
struct holder {
    bool runs;
    char words[HOLDER_SIZE]; /* "": it has just ended */
    char end[HOLDER_SIZE];
};

static bool find_holder(const struct session *session, struct holder *holder)
{
    const char *const keys[] = {FIRST_KEY, SECOND_KEY};
    const struct query query = {
        .sql = run_lock_holder_sql, .parameters = keys, .parameter_count = 2, .columns = 3};
    PGresult *rows;

    if (!connection_query(session->connection, &query, &rows, session->error))
        return false;
    *holder = (struct holder){.runs = true};
    if (PQntuples(rows) > 0) {
        holder->runs = PQgetvalue(rows, 0, 0)[0] == 't';
        (void)snprintf(holder->words, sizeof holder->words, "%s", PQgetvalue(rows, 0, 1));
        (void)snprintf(holder->end, sizeof holder->end, "%s", PQgetvalue(rows, 0, 2));
    }
    PQclear(rows);
    return true;
}

static bool refuse(const struct session *session, const struct wait_budget *budget)
{
    struct holder holder;

    if (!find_holder(session, &holder))
        return false;
    (void)error_set(session->error, ERROR_LOCKED,
                    holder.runs ? "another run is loading %s"
                                : "another session holds the run lock of %s",
                    connection_name(session->connection));
    if (holder.words[0] != '\0')
        (void)error_detail(session->error, "It is %s.", holder.words);
    if (!holder.runs)
        return error_hint(session->error,
                          "Its application name is not that of a run. If it should "
                          "not be there, end it: %s.",
                          holder.end);
    return budget->seconds > 0
               ? error_hint(session->error, "It did not end within %.0f s (--wait).",
                            budget->seconds)
               : error_hint(session->error,
                            "With --wait=SECONDS a run waits until the other has ended.");
}

static bool tell(const struct session *session, const struct wait_budget *budget)
{
    struct holder holder;

    if (!find_holder(session, &holder))
        return false;
    log_note(session->log, "%s; waiting up to %.0f s for it to end: %s",
             holder.runs ? "another run is loading" : "another session holds the run lock",
             wait_budget_left(budget), holder.words);
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

/* Who has the lock, among all locks of the server. */
#define IS_HELD                                                                                    \
    "EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 2 "     \
    "AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) "             \
    "AND classid = " FIRST_KEY " AND objid = " SECOND_KEY " AND pid "

static bool ask(const struct query *query, const struct session *session, bool *held)
{
    PGresult *row;

    if (!connection_query_row(session->connection, query, &row, session->error))
        return false;
    *held = PQgetvalue(row, 0, 0)[0] == 't';
    PQclear(row);
    return true;
}

bool run_lock_is_held(const struct session *session, bool *held)
{
    const struct query query = {.sql = "SELECT pg_is_in_recovery() OR " IS_HELD
                                       "IS DISTINCT FROM pg_backend_pid())",
                                .columns = 1};

    return ask(&query, session, held);
}

bool run_lock_is_held_by(const char *process, const struct session *session, bool *held)
{
    const struct query query = {.sql = "SELECT " IS_HELD "= $1::integer)",
                                .parameters = &process,
                                .parameter_count = 1,
                                .columns = 1};

    return ask(&query, session, held);
}

bool run_lock_read_process(const struct session *session, char process[RUN_LOCK_PROCESS_SIZE])
{
    const struct query query = {.sql = "SELECT pg_backend_pid()", .columns = 1};
    PGresult *row;

    if (!connection_query_row(session->connection, &query, &row, session->error))
        return false;
    (void)snprintf(process, RUN_LOCK_PROCESS_SIZE, "%s", PQgetvalue(row, 0, 0));
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
