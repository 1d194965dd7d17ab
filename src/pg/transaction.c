#include "pg/transaction.h"

#include "pg/query.h"
#include "pg/search_path.h"
#include "pg/statement.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

/* SET LOCAL statements; no parameters, no rows. */
extern const char transaction_settings_sql[];

static const char *const beginnings[] = {
    [TRANSACTION_LOAD] = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE",
    [TRANSACTION_LOOK] = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
};

/* The message that begins the transaction also lifts the time limits. A second message might come
 * too late: a limit may be as short as a millisecond. */
static bool begin(struct connection *connection, enum transaction_kind kind, struct error *error)
{
    struct statement statement;
    bool begun;

    if (!statement_open(&statement, connection, error))
        return false;
    statement_add(&statement, "%s;\n%s", beginnings[kind], transaction_settings_sql);
    begun = statement_execute(&statement, error);
    statement_free(&statement);
    return begun;
}

static bool limit_locks(struct connection *connection, int seconds, struct error *error)
{
    char sql[64];

    (void)snprintf(sql, sizeof sql, "SET LOCAL lock_timeout = '%ds'", seconds);
    return seconds == 0 || connection_execute(connection, sql, error);
}

/* PostgreSQL 17 can limit a whole transaction; older servers do not know the setting. The server's
 * version comes from libpq: a query for it would fix the moment that a TRANSACTION_LOOK sees. */
static bool lift_transaction_timeout(struct connection *connection, struct error *error)
{
    if (PQserverVersion(connection_handle(connection)) < 170000)
        return true;
    return connection_execute(connection, "SET LOCAL transaction_timeout = 0", error);
}

bool transaction_abandon(struct connection *connection)
{
    struct error ignored = {0};

    switch (PQtransactionStatus(connection_handle(connection))) {
    case PQTRANS_IDLE:
        return true;
    case PQTRANS_INTRANS:
    case PQTRANS_INERROR:
        return connection_execute(connection, "ROLLBACK", &ignored);
    default:
        return false;
    }
}

static bool is_standby(struct connection *connection)
{
    const struct query query = {.sql = "SELECT pg_catalog.pg_is_in_recovery()", .columns = 1};
    struct error ignored = {0};
    PGresult *row;
    bool recovers;

    if (!transaction_abandon(connection) ||
        !connection_query_row(connection, &query, &row, &ignored))
        return false;
    recovers = PQgetvalue(row, 0, 0)[0] == 't';
    PQclear(row);
    return recovers;
}

/* A standby refuses at the first statement, in words that do not say what it is. */
static bool explain_refusal(struct connection *connection, const struct error *refusal,
                            struct error *error)
{
    if (refusal->kind != ERROR_DATABASE || !is_standby(connection))
        return error_copy(error, refusal);
    (void)error_set(error, ERROR_DATABASE, "%s is a standby: nothing can be written there",
                    connection_name(connection));
    return error_hint(error, "Connect to the primary, or name both, host=A,B, and add "
                             "target_session_attrs=read-write.");
}

bool transaction_begin(struct connection *connection, enum transaction_kind kind, int lock_timeout,
                       struct error *error)
{
    struct error refusal = {0};

    assert(!connection_in_transaction(connection));
    if (!begin(connection, kind, &refusal))
        return explain_refusal(connection, &refusal, error);
    return lift_transaction_timeout(connection, error) &&
           limit_locks(connection, lock_timeout, error) &&
           (kind == TRANSACTION_LOOK || search_path_remember(connection, error));
}

bool transaction_read_time(struct connection *connection, int64_t *time, struct error *error)
{
    const struct query query = {
        .sql = "SELECT (extract(epoch FROM transaction_timestamp()) * 1000000)::bigint "
               "- 946684800000000",
        .columns = 1};
    PGresult *row;

    if (!connection_query_row(connection, &query, &row, error))
        return false;
    *time = strtoll(PQgetvalue(row, 0, 0), NULL, 10);
    PQclear(row);
    return true;
}
