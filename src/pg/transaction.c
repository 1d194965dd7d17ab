#include "pg/transaction.h"

#include <stdio.h>

/*
 * A job's role or database may set limits that are meant for the application's short statements;
 * while this program reads files its session looks idle. They are lifted by the very message that
 * begins the transaction: a limit of a millisecond would strike before the next. A price as text
 * must have all its digits. The memory is for the joins that prove foreign keys; compiling costs
 * the few large statements more than it saves.
 */
#define SETTINGS                                                                                   \
    "SET LOCAL statement_timeout = 0;"                                                             \
    "SET LOCAL idle_in_transaction_session_timeout = 0;"                                           \
    "SET LOCAL search_path = pg_catalog;"                                                          \
    "SET LOCAL client_min_messages = warning;"                                                     \
    "SET LOCAL extra_float_digits = 1;"                                                            \
    "SET LOCAL timele.loading = 'on';"                                                             \
    "SET LOCAL maintenance_work_mem = '256MB';"                                                    \
    "SET LOCAL jit = off"

static const char *const beginnings[] = {
    [TRANSACTION_LOAD] = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;" SETTINGS,
    [TRANSACTION_LOOK] = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;" SETTINGS,
};

static bool limit_locks(struct connection *connection, int seconds, struct error *error)
{
    char sql[64];

    (void)snprintf(sql, sizeof sql, "SET LOCAL lock_timeout = '%ds'", seconds);
    return seconds == 0 || connection_execute(connection, sql, error);
}

/* PostgreSQL 17's limit on a whole transaction; older servers do not know the setting. A SELECT
 * from the catalog would fix the moment that the transaction sees. */
static bool lift_transaction_timeout(struct connection *connection, struct error *error)
{
    if (PQserverVersion(connection_handle(connection)) < 170000)
        return true;
    return connection_execute(connection, "SET LOCAL transaction_timeout = 0", error);
}

bool transaction_begin(struct connection *connection, enum transaction_kind kind, int lock_timeout,
                       struct error *error)
{
    return connection_execute(connection, beginnings[kind], error) &&
           lift_transaction_timeout(connection, error) &&
           limit_locks(connection, lock_timeout, error);
}
