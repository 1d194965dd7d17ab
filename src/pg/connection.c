#include "pg/connection.h"

#include "base/clock.h"
#include "base/interrupt.h"
#include "pg/conninfo.h"
#include "pg/server_message.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

struct connection {
    PGconn *handle;
    struct log *log;
    struct phase_list *phases; /* NULL: nobody wants to know */
    double deadline;           /* of connecting, as clock_seconds() tells; 0: none */
    bool cancelled;            /* a signal came, and the statement has been cancelled for it */
    char name[256];
    struct encoding *encoding; /* the database's */
};

static void forward_notice(void *context, const PGresult *notice)
{
    const struct connection *connection = context;

    server_message_log(connection->log, notice);
}

static void name_connection(struct connection *connection)
{
    const char *host = PQhost(connection->handle);

    (void)snprintf(connection->name, sizeof connection->name, "%s on %s", PQdb(connection->handle),
                   host != NULL && *host != '\0' ? host : "localhost");
}

/* With expand_dbname libpq takes a name, a key=value string or a URI for `dbname`. The keywords
 * that follow override what is set in it. */
static bool start_connecting(struct connection *connection, const char *conninfo,
                             struct error *error)
{
    const char *const keywords[] = {"dbname", "fallback_application_name", "client_encoding", NULL};
    const char *const values[] = {conninfo, "timele-load", "UTF8", NULL};

    connection->handle = PQconnectStartParams(keywords, values, 1);
    if (connection->handle == NULL)
        return error_memory(error);
    /* The server may have something to say before the connection is made. */
    (void)PQsetNoticeReceiver(connection->handle, forward_notice, connection);
    if (PQstatus(connection->handle) == CONNECTION_BAD)
        return connection_error(connection, NULL, "cannot connect", error);
    return true;
}

static bool wait_until_connected(struct connection *connection, double timeout, struct error *error)
{
    /* libpq leaves the limit to the caller of PQconnectPoll. */
    double seconds = conninfo_connect_timeout(connection->handle, timeout);

    if (seconds > 0)
        connection->deadline = clock_seconds() + seconds;
    for (;;) {
        switch (PQconnectPoll(connection->handle)) {
        case PGRES_POLLING_OK:
            connection->deadline = 0;
            return true;
        case PGRES_POLLING_READING:
            if (!connection_wait(connection, false, error))
                return false;
            break;
        case PGRES_POLLING_WRITING:
            if (!connection_wait(connection, true, error))
                return false;
            break;
        default:
            return connection_error(connection, NULL, "cannot connect", error);
        }
    }
}

bool connection_open(const struct connection_options *options, struct connection **connection,
                     struct error *error)
{
    struct connection *opened = calloc(1, sizeof *opened);

    if (opened == NULL)
        return error_memory(error);
    opened->log = options->log;
    opened->phases = options->phases;
    if (!conninfo_check(options->conninfo, error) ||
        !start_connecting(opened, options->conninfo, error) ||
        !wait_until_connected(opened, options->timeout, error))
        goto failed;
    if (PQsetnonblocking(opened->handle, 1) != 0) {
        (void)connection_error(opened, NULL, "cannot connect", error);
        goto failed;
    }
    name_connection(opened);
    if (!encoding_open(PQparameterStatus(opened->handle, "server_encoding"), &opened->encoding)) {
        (void)error_memory(error);
        goto failed;
    }
    *connection = opened;
    return true;

failed:
    connection_close(opened);
    return false;
}

void connection_close(struct connection *connection)
{
    if (connection == NULL)
        return;
    PQfinish(connection->handle);
    encoding_free(connection->encoding);
    free(connection);
}

const char *connection_name(const struct connection *connection)
{
    return connection->name;
}

struct encoding *connection_encoding(const struct connection *connection)
{
    return connection->encoding;
}

static void copy_place(char text[CONNECTION_PLACE_SIZE], const char *value)
{
    (void)snprintf(text, CONNECTION_PLACE_SIZE, "%s", value != NULL ? value : "");
}

void connection_describe(const struct connection *connection, struct connection_place *place)
{
    copy_place(place->database, PQdb(connection->handle));
    copy_place(place->host, PQhost(connection->handle));
    copy_place(place->port, PQport(connection->handle));
    copy_place(place->user, PQuser(connection->handle));
}

PGconn *connection_handle(struct connection *connection)
{
    return connection->handle;
}

bool connection_is_lost(const struct connection *connection)
{
    return PQstatus(connection->handle) == CONNECTION_BAD;
}

bool connection_in_transaction(const struct connection *connection)
{
    return PQtransactionStatus(connection->handle) == PQTRANS_INTRANS;
}

bool connection_error(struct connection *connection, const PGresult *result, const char *purpose,
                      struct error *error)
{
    if (error->kind != ERROR_NONE)
        return false;
    if (connection->cancelled)
        return interrupt_error(error);
    return server_message_error(connection->handle, result, purpose, error);
}

/* Failures are ignored: when the cancel cannot be sent, the server rolls back all the same once the
 * connection is closed. */
static void cancel_statement(struct connection *connection)
{
    char reason[256];
    PGcancel *cancel = PQgetCancel(connection->handle);

    connection->cancelled = true;
    if (cancel != NULL)
        (void)PQcancel(cancel, reason, (int)sizeof reason);
    PQfreeCancel(cancel);
}

/* How often phase_tick is called while the connection waits. */
static const double tick_seconds = 0.1;

static bool is_late(const struct connection *connection)
{
    return connection->deadline > 0 && clock_seconds() >= connection->deadline;
}

/* ppoll(2) until the deadline or the next tick, whichever comes first. */
static int wait_for(struct pollfd *socket, const struct connection *connection,
                    const sigset_t *mask)
{
    bool ticks = phase_is_observed(connection->phases);
    double left = connection->deadline > 0 ? connection->deadline - clock_seconds() : tick_seconds;
    struct timespec limit = {0};

    if (connection->deadline <= 0 && !ticks)
        return ppoll(socket, 1, NULL, mask);
    if (ticks && left > tick_seconds)
        left = tick_seconds;
    if (left > 0) {
        limit.tv_sec = (time_t)left;
        limit.tv_nsec = (long)((left - (double)limit.tv_sec) * 1e9);
    }
    return ppoll(socket, 1, &limit, mask);
}

bool connection_wait(struct connection *connection, bool for_write, struct error *error)
{
    struct pollfd socket = {.fd = PQsocket(connection->handle),
                            .events = (short)(for_write ? POLLIN | POLLOUT : POLLIN)};
    sigset_t wait_mask;
    int ready = -1;

    if (socket.fd < 0)
        return connection_error(connection, NULL, NULL, error);
    for (;;) {
        interrupt_hold(&wait_mask);
        if (interrupt_pending() && !connection->cancelled)
            errno = EINTR;
        else
            ready = wait_for(&socket, connection, &wait_mask);
        int reason = errno;
        interrupt_release(&wait_mask);
        phase_tick(connection->phases);
        if (ready > 0)
            return true;
        if (ready == 0 && !is_late(connection))
            continue;
        if (ready == 0)
            return error_set(error, ERROR_DATABASE,
                             "cannot connect: timeout expired, the server did not answer");
        if (reason != EINTR)
            return error_set(error, ERROR_DATABASE, "cannot wait for the server: %s",
                             strerror(reason));
        /* A server that does not answer would not answer the request to cancel either. */
        if (interrupt_pending() && PQstatus(connection->handle) != CONNECTION_OK)
            return interrupt_error(error);
        if (interrupt_pending() && !connection->cancelled)
            cancel_statement(connection);
    }
}

/* Sends what libpq has buffered. What the server sends meanwhile is read: otherwise each side would
 * wait for the other. */
static bool flush(struct connection *connection, struct error *error)
{
    for (;;) {
        int left = PQflush(connection->handle);

        if (left == 0)
            return true;
        if (left < 0)
            return connection_error(connection, NULL, NULL, error);
        if (!connection_wait(connection, true, error))
            return false;
        if (PQconsumeInput(connection->handle) == 0)
            return connection_error(connection, NULL, NULL, error);
    }
}

/* The next result of the running statement; *result is NULL after the last. */
static bool next_result(struct connection *connection, PGresult **result, struct error *error)
{
    while (PQisBusy(connection->handle)) {
        if (!connection_wait(connection, false, error))
            return false;
        if (PQconsumeInput(connection->handle) == 0)
            return connection_error(connection, NULL, NULL, error);
    }
    *result = PQgetResult(connection->handle);
    return true;
}

/* Throws away what is left of the running statement, so that the connection is usable again. */
static bool drain(struct connection *connection, struct error *error)
{
    PGresult *result = NULL;

    do {
        if (!next_result(connection, &result, error))
            return false;
        if (result != NULL && PQresultStatus(result) == PGRES_FATAL_ERROR)
            (void)connection_error(connection, result, NULL, error);
        PQclear(result);
    } while (result != NULL && PQstatus(connection->handle) != CONNECTION_BAD);
    return error->kind == ERROR_NONE;
}

bool connection_finish(struct connection *connection, unsigned long long *rows, struct error *error)
{
    PGresult *result;

    if (!flush(connection, error))
        return false;
    if (!next_result(connection, &result, error))
        return false;
    if (PQresultStatus(result) != PGRES_COMMAND_OK)
        (void)connection_error(connection, result, NULL, error);
    else if (rows != NULL)
        *rows = strtoull(PQcmdTuples(result), NULL, 10);
    PQclear(result);
    return drain(connection, error);
}

/* A signal whose cancel came too late for one statement ends the run before the next one. */
static bool send_query(struct connection *connection, const char *purpose, const char *sql,
                       struct error *error)
{
    if (interrupt_pending())
        return interrupt_error(error);
    return PQsendQuery(connection->handle, sql) == 1 ||
           connection_error(connection, NULL, purpose, error);
}

bool connection_execute_counted(struct connection *connection, const char *purpose, const char *sql,
                                unsigned long long *rows, struct error *error)
{
    PGresult *result;

    if (!send_query(connection, purpose, sql, error) || !flush(connection, error))
        return false;
    do {
        if (!next_result(connection, &result, error))
            return false;
        switch (PQresultStatus(result)) {
        case PGRES_COMMAND_OK:
            *rows = strtoull(PQcmdTuples(result), NULL, 10);
            break;
        case PGRES_EMPTY_QUERY:
            break;
        case PGRES_TUPLES_OK:
            (void)error_set(error, ERROR_INTERNAL, "a command returned rows: %s", sql);
            break;
        default:
            if (result != NULL)
                (void)connection_error(connection, result, purpose, error);
        }
        PQclear(result);
    } while (result != NULL && PQstatus(connection->handle) != CONNECTION_BAD);
    if (PQstatus(connection->handle) == CONNECTION_BAD)
        return connection_error(connection, NULL, purpose, error);
    return error->kind == ERROR_NONE;
}

bool connection_execute_for(struct connection *connection, const char *purpose, const char *sql,
                            struct error *error)
{
    unsigned long long rows;

    return connection_execute_counted(connection, purpose, sql, &rows, error);
}

bool connection_execute(struct connection *connection, const char *sql, struct error *error)
{
    return connection_execute_for(connection, NULL, sql, error);
}

bool connection_query(struct connection *connection, const struct query *query, PGresult **result,
                      struct error *error)
{
    PGresult *rows = NULL;

    if (interrupt_pending())
        return interrupt_error(error);
    if (PQsendQueryParams(connection->handle, query->sql, query->parameter_count, NULL,
                          query->parameters, NULL, NULL, 0) != 1)
        return connection_error(connection, NULL, NULL, error);
    if (!flush(connection, error) || !next_result(connection, &rows, error))
        return false;
    if (PQresultStatus(rows) != PGRES_TUPLES_OK)
        (void)connection_error(connection, rows, NULL, error);
    else if (PQnfields(rows) != query->columns)
        (void)error_set(error, ERROR_INTERNAL, "a query returned %d columns instead of %d: %s",
                        PQnfields(rows), query->columns, query->sql);
    if (!drain(connection, error)) {
        PQclear(rows);
        return false;
    }
    *result = rows;
    return true;
}

bool connection_query_row(struct connection *connection, const struct query *query,
                          PGresult **result, struct error *error)
{
    if (!connection_query(connection, query, result, error))
        return false;
    if (PQntuples(*result) == 1)
        return true;
    (void)error_set(error, ERROR_INTERNAL, "a query returned %d rows instead of 1: %s",
                    PQntuples(*result), query->sql);
    PQclear(*result);
    *result = NULL;
    return false;
}

bool connection_start_copy(struct connection *connection, const char *sql, ExecStatusType expected,
                           struct error *error)
{
    PGresult *result = NULL;

    if (!send_query(connection, NULL, sql, error) || !flush(connection, error) ||
        !next_result(connection, &result, error))
        return false;
    if (PQresultStatus(result) == expected) {
        PQclear(result);
        return true;
    }
    (void)connection_error(connection, result, NULL, error);
    PQclear(result);
    return drain(connection, error);
}
