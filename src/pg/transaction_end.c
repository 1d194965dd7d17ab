#include "pg/transaction_end.h"

#include "pg/query.h"

#include <stdio.h>
#include <string.h>

/* No parameters: one row, the cluster and its timeline. Only where the next one says so. */
extern const char server_identity_sql[];

/* No parameters: one row, whether the user may ask server_identity.sql. */
extern const char server_identity_privilege_sql[];

static bool read_text(struct connection *connection, const struct query *query, char *text,
                      size_t size, struct error *error)
{
    PGresult *row;

    if (!connection_query_row(connection, query, &row, error))
        return false;
    (void)snprintf(text, size, "%s", PQgetvalue(row, 0, 0));
    PQclear(row);
    return true;
}

static bool read_server(struct connection *connection, struct transaction_identity *identity,
                        struct error *error)
{
    const struct query may = {.sql = server_identity_privilege_sql, .columns = 1};
    const struct query ask = {.sql = server_identity_sql, .columns = 1};
    char answer[8];

    identity->server[0] = '\0';
    return read_text(connection, &may, answer, sizeof answer, error) &&
           (answer[0] != 't' ||
            read_text(connection, &ask, identity->server, sizeof identity->server, error));
}

bool transaction_identify(struct connection *connection, struct transaction_identity *identity,
                          struct error *error)
{
    const struct query query = {.sql = "SELECT pg_catalog.pg_current_xact_id()", .columns = 1};

    connection_describe(connection, &identity->place);
    return read_text(connection, &query, identity->id, sizeof identity->id, error) &&
           read_server(connection, identity, error);
}

/* An ERROR is a COMMIT that was refused; with FATAL the server ends the connection, and may have
 * carried it out before. */
static enum transaction_end judge(struct connection *connection, PGresult *result,
                                  struct error *error)
{
    const char *severity = PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);

    if (PQresultStatus(result) == PGRES_COMMAND_OK) {
        if (strcmp(PQcmdStatus(result), "COMMIT") == 0)
            return TRANSACTION_COMMITTED;
        (void)error_set(error, ERROR_INTERNAL, "the server answered COMMIT with %s",
                        PQcmdStatus(result));
        return TRANSACTION_ROLLED_BACK;
    }
    (void)connection_error(connection, result, NULL, error);
    return severity != NULL && strcmp(severity, "ERROR") == 0 ? TRANSACTION_ROLLED_BACK
                                                              : TRANSACTION_UNKNOWN;
}

enum transaction_end transaction_commit(struct connection *connection, struct error *error)
{
    struct error ignored = {0};
    PGresult *result = NULL;
    enum transaction_end end;

    /* The server answers the COMMIT of a failed transaction with a rollback and without an error.
     */
    if (!connection_in_transaction(connection)) {
        (void)error_set(error, ERROR_INTERNAL, "there is no transaction to commit");
        return TRANSACTION_ROLLED_BACK;
    }
    if (!connection_first_result(connection, "COMMIT", &result, error))
        return connection_in_transaction(connection) ? TRANSACTION_ROLLED_BACK
                                                     : TRANSACTION_UNKNOWN;
    end = judge(connection, result, error);
    PQclear(result);
    if (end != TRANSACTION_UNKNOWN)
        (void)connection_drain(connection, &ignored);
    return end;
}

/* Another server may have given the same id to another transaction: one that was a standby until it
 * was promoted, say. */
static bool is_same_server(struct connection *connection,
                           const struct transaction_identity *identity)
{
    struct transaction_identity here = {0};
    struct error ignored = {0};

    connection_describe(connection, &here.place);
    if (!read_server(connection, &here, &ignored) || strcmp(here.server, identity->server) != 0)
        return false;
    return here.server[0] != '\0' || (strcmp(here.place.host, identity->place.host) == 0 &&
                                      strcmp(here.place.port, identity->place.port) == 0);
}

enum transaction_end transaction_look_up(struct connection *connection,
                                         const struct transaction_identity *identity)
{
    const char *parameter = identity->id;
    const struct query query = {.sql = "SELECT pg_catalog.pg_xact_status($1::pg_catalog.xid8)",
                                .parameters = &parameter,
                                .parameter_count = 1,
                                .columns = 1};
    struct error ignored = {0};
    char status[32];

    if (!is_same_server(connection, identity) ||
        !read_text(connection, &query, status, sizeof status, &ignored))
        return TRANSACTION_UNKNOWN;
    return strcmp(status, "committed") == 0 ? TRANSACTION_COMMITTED
           : strcmp(status, "aborted") == 0 ? TRANSACTION_ROLLED_BACK
                                            : TRANSACTION_UNKNOWN;
}
