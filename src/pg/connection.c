#include "pg/connection.h"

#include "base/clock.h"
#include "base/interrupt.h"
#include "pg/conninfo.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

struct connection {
    PGconn *handle;
    struct log *log;
    struct phase_list *phases; /* NULL: nobody looks on */
    double deadline;           /* when to give up waiting, as clock_seconds() tells; 0: never */
    bool cancelled;            /* a signal came and the statement was cancelled, once */
    char name[256];
};

/* libpq's own messages end in a newline and may have several lines; one line reads better. */
static void copy_one_line(char *target, size_t size, const char *source)
{
    size_t length = 0;

    for (; *source != '\0' && length + 3 < size; source++) {
        if (*source != '\n') {
            target[length++] = *source;
            if (*source == '\t')
                target[length - 1] = ' ';
            continue;
        }
        /* What continues a message starts with a tab. */
        source += strspn(source, "\n\t") - 1;
        if (source[1] != '\0') {
            target[length++] = ';';
            target[length++] = ' ';
        }
    }
    target[length] = '\0';
}

static void forward_notice(void *context, const PGresult *result)
{
    struct connection *connection = context;
    const char *severity = PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);
    const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);

    if (severity == NULL || message == NULL)
        return;
    if (strcmp(severity, "WARNING") == 0)
        log_warning(connection->log, "the server says: %s", message);
    else if (strcmp(severity, "INFO") == 0)
        log_note(connection->log, "the server says: %s", message);
    else
        log_verbose(connection->log, "the server says: %s", message);
}

static void name_connection(struct connection *connection)
{
    const char *host = PQhost(connection->handle);

    (void)snprintf(connection->name, sizeof connection->name, "%s on %s", PQdb(connection->handle),
                   host != NULL && *host != '\0' ? host : "localhost");
}

/* expand_dbname lets `dbname` be a name, a key=value string or a URI; what follows it overrides. */
static bool start_connecting(struct connection *connection, const char *conninfo,
                             struct error *error)
{
    const char *const keywords[] = {"dbname", "fallback_application_name", "client_encoding", NULL};
    const char *const values[] = {conninfo, "timele-load", "UTF8", NULL};

    connection->handle = PQconnectStartParams(keywords, values, 1);
    if (connection->handle == NULL)
        return error_memory(error);
    if (PQstatus(connection->handle) == CONNECTION_BAD)
        return connection_error(connection, NULL, "cannot connect", error);
    return true;
}

/* libpq leaves the limit to the caller of PQconnectPoll; it is that of the connection string, the
 * service file or PGCONNECT_TIMEOUT. */
static void set_connect_deadline(struct connection *connection, double timeout)
{
    PQconninfoOption *options = PQconninfo(connection->handle);
    double seconds = timeout;

    for (PQconninfoOption *option = options; option != NULL && option->keyword != NULL; option++)
        if (strcmp(option->keyword, "connect_timeout") == 0 && option->val != NULL)
            seconds = (double)strtol(option->val, NULL, 10);
    if (seconds > 0)
        connection->deadline = clock_seconds() + seconds;
    PQconninfoFree(options);
}

static bool wait_until_connected(struct connection *connection, double timeout, struct error *error)
{
    set_connect_deadline(connection, timeout);
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

bool connection_open(const char *conninfo, double timeout, struct log *log,
                     struct phase_list *phases, struct connection **connection, struct error *error)
{
    struct connection *opened = calloc(1, sizeof *opened);

    if (opened == NULL)
        return error_memory(error);
    opened->log = log;
    opened->phases = phases;
    if (!conninfo_check(conninfo, error) || !start_connecting(opened, conninfo, error) ||
        !wait_until_connected(opened, timeout, error))
        goto failed;
    if (PQsetnonblocking(opened->handle, 1) != 0) {
        (void)connection_error(opened, NULL, "cannot connect", error);
        goto failed;
    }
    (void)PQsetNoticeReceiver(opened->handle, forward_notice, opened);
    name_connection(opened);
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
    free(connection);
}

const char *connection_name(const struct connection *connection)
{
    return connection->name;
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

static void copy_field(char *target, const PGresult *result, int field)
{
    const char *text = PQresultErrorField(result, field);

    if (text != NULL)
        copy_one_line(target, ERROR_TEXT_SIZE, text);
}

static void copy_state(struct error *error, const PGresult *result)
{
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);

    if (state != NULL)
        (void)snprintf(error->state, sizeof error->state, "%s", state);
}

/* For a row that violates NOT NULL or a check, the detail is the whole row: a password's hash,
 * which is shown to nobody, would be in it. */
static bool detail_shows_row(const PGresult *result)
{
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);

    return state != NULL && (strcmp(state, "23502") == 0 || strcmp(state, "23514") == 0);
}

bool connection_error(struct connection *connection, const PGresult *result, const char *purpose,
                      struct error *error)
{
    const char *primary = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    char message[ERROR_TEXT_SIZE];

    if (error->kind != ERROR_NONE)
        return false;
    if (connection->cancelled)
        return interrupt_error(error);
    copy_one_line(message, sizeof message,
                  primary != NULL ? primary : PQerrorMessage(connection->handle));
    if (message[0] == '\0' && result != NULL)
        return error_set(error, ERROR_INTERNAL,
                         "the server's answer is none that was asked for: %s",
                         PQresStatus(PQresultStatus(result)));
    if (message[0] == '\0')
        (void)snprintf(message, sizeof message, "the server ended the connection");
    (void)error_set(error, ERROR_DATABASE, "%s%s%s", purpose != NULL ? purpose : "",
                    purpose != NULL ? ": " : "", message);
    copy_state(error, result);
    if (!detail_shows_row(result))
        copy_field(error->detail, result, PG_DIAG_MESSAGE_DETAIL);
    copy_field(error->hint, result, PG_DIAG_MESSAGE_HINT);
    return false;
}

/* Best effort: when the cancel cannot be sent, closing the connection rolls back all the same. */
static void cancel_statement(struct connection *connection)
{
    char reason[256];
    PGcancel *cancel = PQgetCancel(connection->handle);

    connection->cancelled = true;
    if (cancel != NULL)
        (void)PQcancel(cancel, reason, (int)sizeof reason);
    PQfreeCancel(cancel);
}

/* How often to look up while waiting, when somebody looks on. */
static const double tick_seconds = 0.1;

static bool is_late(const struct connection *connection)
{
    return connection->deadline > 0 && clock_seconds() >= connection->deadline;
}

/* ppoll(2) up to the deadline, or to the next tick. */
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

/* Sends what libpq has buffered; reads meanwhile, or a server that is talking would block us. */
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

/* A cancel that came too late for one statement ends the run before the next one. */
static bool send_query(struct connection *connection, const char *purpose, const char *sql,
                       struct error *error)
{
    if (interrupt_pending())
        return interrupt_error(error);
    return PQsendQuery(connection->handle, sql) == 1 ||
           connection_error(connection, NULL, purpose, error);
}

bool connection_execute_for(struct connection *connection, const char *purpose, const char *sql,
                            struct error *error)
{
    PGresult *result;

    if (!send_query(connection, purpose, sql, error) || !flush(connection, error))
        return false;
    do {
        if (!next_result(connection, &result, error))
            return false;
        switch (PQresultStatus(result)) {
        case PGRES_COMMAND_OK:
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

bool connection_execute(struct connection *connection, const char *sql, struct error *error)
{
    return connection_execute_for(connection, NULL, sql, error);
}

bool connection_execute_counted(struct connection *connection, const char *sql,
                                unsigned long long *rows, struct error *error)
{
    return send_query(connection, NULL, sql, error) && connection_finish(connection, rows, error);
}

bool connection_query(struct connection *connection, const char *sql, int parameter_count,
                      const char *const *parameters, int columns, PGresult **result,
                      struct error *error)
{
    PGresult *rows = NULL;

    if (interrupt_pending())
        return interrupt_error(error);
    if (PQsendQueryParams(connection->handle, sql, parameter_count, NULL, parameters, NULL, NULL,
                          0) != 1)
        return connection_error(connection, NULL, NULL, error);
    if (!flush(connection, error) || !next_result(connection, &rows, error))
        return false;
    if (PQresultStatus(rows) != PGRES_TUPLES_OK)
        (void)connection_error(connection, rows, NULL, error);
    else if (PQnfields(rows) != columns)
        (void)error_set(error, ERROR_INTERNAL, "a query returned %d columns instead of %d: %s",
                        PQnfields(rows), columns, sql);
    if (!drain(connection, error)) {
        PQclear(rows);
        return false;
    }
    *result = rows;
    return true;
}

bool connection_query_row(struct connection *connection, const char *sql, int parameter_count,
                          const char *const *parameters, int columns, PGresult **result,
                          struct error *error)
{
    if (!connection_query(connection, sql, parameter_count, parameters, columns, result, error))
        return false;
    if (PQntuples(*result) == 1)
        return true;
    (void)error_set(error, ERROR_INTERNAL, "a query returned %d rows instead of 1: %s",
                    PQntuples(*result), sql);
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
