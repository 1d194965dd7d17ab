#include "pg/connection.h"

#include "base/await.h"
#include "base/clock.h"
#include "base/interrupt.h"
#include "pg/cancel.h"
#include "pg/connect.h"
#include "pg/distributed_tables.h"
#include "pg/server_message.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

struct connection {
    PGconn *handle;
    struct log *log;
    struct phase_list *phases; /* NULL: nobody wants to know */
    double deadline;           /* of the next answers, as clock_seconds() tells; 0: none */
    const atomic_bool *stop;   /* NULL: nobody sets it */
    bool cancelled;            /* the statement has been, for a signal or for `stop` */
    bool dropped;              /* the server was given up */
    const char *schema_prefix;
    char name[256];
    struct encoding *encoding; /* the database's */
    struct distribution *distribution;
    struct server_notice ending; /* why the server ended the connection, said between statements */
};

/* An error that comes while no statement runs is a notice for libpq, and the next statement then
 * finds the connection closed. */
static void forward_notice(void *context, const PGresult *notice)
{
    struct connection *connection = context;
    struct server_notice read;

    if (!server_notice_read(notice, &read))
        return;
    if (strcmp(read.severity, "FATAL") == 0)
        connection->ending = read;
    server_notice_log(connection->log, &read);
}

static void name_connection(struct connection *connection)
{
    const char *host = PQhost(connection->handle);

    (void)snprintf(connection->name, sizeof connection->name, "%s on %s", PQdb(connection->handle),
                   host != NULL && *host != '\0' ? host : "localhost");
}

bool connection_open(const struct connection_options *options, struct connection **connection,
                     struct error *error)
{
    struct connection *opened = calloc(1, sizeof *opened);

    if (opened == NULL)
        return error_memory(error);
    opened->log = options->log;
    opened->phases = options->phases;
    opened->stop = options->stop;
    opened->schema_prefix = "";
    if (!connect_handle(options, &opened->handle, error))
        goto failed;
    if (PQsetnonblocking(opened->handle, 1) != 0) {
        (void)connection_error(opened, NULL, "cannot connect", error);
        goto failed;
    }
    (void)PQsetNoticeReceiver(opened->handle, forward_notice, opened);
    name_connection(opened);
    if (!encoding_open(PQparameterStatus(opened->handle, "server_encoding"), &opened->encoding)) {
        (void)error_memory(error);
        goto failed;
    }
    opened->distribution = calloc(1, sizeof *opened->distribution);
    if (opened->distribution == NULL) {
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
    free(connection->distribution);
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

struct distribution *connection_distribution(const struct connection *connection)
{
    return connection->distribution;
}

void connection_prefix_schemas(struct connection *connection, const char *prefix)
{
    connection->schema_prefix = prefix;
}

const char *connection_schema_prefix(const struct connection *connection)
{
    return connection->schema_prefix;
}

PGconn *connection_handle(struct connection *connection)
{
    return connection->handle;
}

bool connection_is_lost(const struct connection *connection)
{
    return connection->dropped || PQstatus(connection->handle) == CONNECTION_BAD;
}

void connection_limit(struct connection *connection, double seconds)
{
    connection->deadline = seconds > 0 ? clock_seconds() + seconds : 0;
    connection->cancelled = false;
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
        return connect_stop_error(connection->stop, error);
    if (connection->ending.message[0] != '\0' &&
        PQresultErrorField(result, PG_DIAG_SQLSTATE) == NULL)
        return error_set(error, ERROR_DATABASE, "%s%s%s", purpose != NULL ? purpose : "",
                         purpose != NULL ? ": " : "", connection->ending.message);
    return server_message_error(connection->handle, result, purpose, error);
}

/* How long a server may take to answer once it has been asked to cancel. One that is there needs a
 * moment; packets that were lost have been sent again several times by then. */
static const double cancel_seconds = 10;

/* What ends a wait early. What has been cancelled already is not stopped again: a second signal
 * ends the wait, which has to be looked at where signals do not reach the thread. */
static struct await_limits limits_until(const struct connection *connection, double deadline)
{
    static const atomic_bool never;
    bool stops_again = connection->stop != NULL && connection->cancelled;

    return (struct await_limits){.deadline = deadline,
                                 .interrupted =
                                     connection->cancelled ? interrupt_urgent : interrupt_pending,
                                 .phases = connection->phases,
                                 .stop = stops_again ? &never : connection->stop};
}

/* Failures are ignored: when the cancel cannot be sent, the server rolls back all the same once the
 * connection is closed. */
static void cancel_statement(struct connection *connection)
{
    double limit = clock_seconds() + cancel_seconds;
    struct await_limits limits;

    connection->cancelled = true;
    if (connection->deadline <= 0 || connection->deadline > limit)
        connection->deadline = limit;
    limits = limits_until(connection, connection->deadline);
    cancel_send(connection->handle, &limits);
}

/* The socket stays libpq's; whatever libpq does with it from now on fails at once. */
static void give_up(struct connection *connection)
{
    connection->dropped = true;
    (void)shutdown(PQsocket(connection->handle), SHUT_RDWR);
}

static bool drop(struct connection *connection, struct error *error)
{
    give_up(connection);
    if (connection->cancelled)
        return connect_stop_error(connection->stop, error);
    return error_set(error, ERROR_DATABASE, "the server does not answer");
}

/* Waits until the socket is ready, or until `nudge` (0: never). */
static bool wait_until(struct connection *connection, struct pollfd *socket, double nudge,
                       struct error *error)
{
    for (;;) {
        bool nudges = nudge > 0 && (connection->deadline <= 0 || nudge < connection->deadline);
        const struct await_limits limits =
            limits_until(connection, nudges ? nudge : connection->deadline);

        switch (await_descriptor(socket, &limits)) {
        case AWAIT_READY:
            return true;
        case AWAIT_LATE:
            return nudges || drop(connection, error);
        case AWAIT_INTERRUPTED:
            if (connection->cancelled)
                return drop(connection, error);
            cancel_statement(connection);
            break;
        case AWAIT_FAILED:
            return error_set(error, ERROR_DATABASE, "cannot wait for the server: %s",
                             strerror(errno));
        }
    }
}

static bool wait_for(struct connection *connection, short events, double nudge, bool *ready,
                     struct error *error)
{
    struct pollfd socket = {.fd = PQsocket(connection->handle), .events = events};

    if (socket.fd < 0 || connection->dropped)
        return connection_error(connection, NULL, NULL, error);
    if (!wait_until(connection, &socket, nudge, error))
        return false;
    *ready = socket.revents != 0;
    return true;
}

bool connection_wait(struct connection *connection, bool for_write, struct error *error)
{
    bool ready;

    return wait_for(connection, for_write ? POLLIN | POLLOUT : POLLIN, 0, &ready, error);
}

/* What the server sends meanwhile is read: otherwise each side would wait for the other. */
bool connection_flush(struct connection *connection, struct error *error)
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

/* libpq that found no memory for an answer looks at it again only when it is asked, and says
 * nothing of it. */
static const double nudge_seconds = 1;
enum { MEMORY_ATTEMPTS = 3 };

static bool is_busy(const struct connection *connection, int *failures)
{
    bool busy;

    errno = 0;
    busy = PQisBusy(connection->handle) != 0;
    *failures += busy && errno == ENOMEM;
    return busy;
}

static bool next_result(struct connection *connection, PGresult **result, struct error *error)
{
    int failures = 0;

    while (is_busy(connection, &failures)) {
        bool ready = false;

        if (failures == MEMORY_ATTEMPTS) {
            give_up(connection);
            return error_memory(error);
        }
        if (!wait_for(connection, POLLIN, clock_seconds() + nudge_seconds, &ready, error))
            return false;
        if (ready && PQconsumeInput(connection->handle) == 0)
            return connection_error(connection, NULL, NULL, error);
    }
    *result = PQgetResult(connection->handle);
    return true;
}

static bool begins_copy(const PGresult *result)
{
    ExecStatusType status = PQresultStatus(result);

    return status == PGRES_COPY_IN || status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH;
}

/* libpq gives the result of a COPY again and again until its data is moved: that of one that was
 * broken off, or that nobody has asked for. */
bool connection_next_result(struct connection *connection, PGresult **result, struct error *error)
{
    if (!next_result(connection, result, error))
        return false;
    if (!begins_copy(*result))
        return true;
    PQclear(*result);
    *result = NULL;
    give_up(connection);
    return error_set(error, ERROR_DATABASE, "the server began a COPY that was not asked for");
}

bool connection_drain(struct connection *connection, struct error *error)
{
    PGresult *result = NULL;

    do {
        if (!connection_next_result(connection, &result, error))
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

    if (!connection_flush(connection, error))
        return false;
    if (!connection_next_result(connection, &result, error))
        return false;
    if (PQresultStatus(result) != PGRES_COMMAND_OK)
        (void)connection_error(connection, result, NULL, error);
    else if (rows != NULL)
        *rows = strtoull(PQcmdTuples(result), NULL, 10);
    PQclear(result);
    return connection_drain(connection, error);
}

/* A signal whose cancel came too late for one statement ends the run before the next one. So does
 * `stop`. */
bool connection_may_send(const struct connection *connection, struct error *error)
{
    bool stopped = connection->stop != NULL && atomic_load(connection->stop);

    return (!interrupt_pending() && !stopped) || connect_stop_error(connection->stop, error);
}

static bool send_query(struct connection *connection, const char *purpose, const char *sql,
                       struct error *error)
{
    if (!connection_may_send(connection, error))
        return false;
    return PQsendQuery(connection->handle, sql) == 1 ||
           connection_error(connection, NULL, purpose, error);
}

bool connection_execute_counted(struct connection *connection, const char *purpose, const char *sql,
                                unsigned long long *rows, struct error *error)
{
    PGresult *result;

    if (!send_query(connection, purpose, sql, error) || !connection_flush(connection, error))
        return false;
    do {
        if (!connection_next_result(connection, &result, error))
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

bool connection_first_result(struct connection *connection, const char *sql, PGresult **result,
                             struct error *error)
{
    return send_query(connection, NULL, sql, error) && connection_flush(connection, error) &&
           connection_next_result(connection, result, error);
}

bool connection_start_copy(struct connection *connection, const char *sql, ExecStatusType expected,
                           struct error *error)
{
    PGresult *result = NULL;

    if (!send_query(connection, NULL, sql, error) || !connection_flush(connection, error) ||
        !next_result(connection, &result, error))
        return false;
    if (PQresultStatus(result) == expected) {
        PQclear(result);
        return true;
    }
    (void)connection_error(connection, result, NULL, error);
    PQclear(result);
    return connection_drain(connection, error);
}
