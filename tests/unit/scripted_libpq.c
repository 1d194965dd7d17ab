#include "scripted_libpq.h"

#include "base/log.h"
#include "suite.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* libpq leaves these types to itself, so that here they can be ours. */
struct pg_conn {
    ConnStatusType status;
    const char *message;
    PQnoticeReceiver notice_receiver;
    void *notice_context;
    int socket;
    int server_end; /* of the socket pair */
};

struct pg_result {
    const struct scripted_result *script;
};

struct pg_cancel {
    PGconn *connection;
};

/* libpq's functions have no place for a context before there is a connection. */
static struct {
    const char *name; /* NULL: none */
    const struct scripted_call *calls;
    size_t next;
    size_t connections, results, messages, cancels; /* given and not yet given back */
    uint8_t *copied;
    size_t copied_length, copied_size;
    struct log log;
} script;

const struct scripted_result script_done = {.status = PGRES_COMMAND_OK, .rows_changed = ""};
const struct scripted_result script_copying_out = {.status = PGRES_COPY_OUT};

static const char *const function_names[] = {
    [SCRIPT_END] = "nothing",
    [CONNECT_START] = "PQconnectStartParams",
    [CONNECT_POLL] = "PQconnectPoll",
    [SET_NONBLOCKING] = "PQsetnonblocking",
    [SEND_QUERY] = "PQsendQuery",
    [SEND_QUERY_PARAMS] = "PQsendQueryParams",
    [FLUSH] = "PQflush",
    [CONSUME_INPUT] = "PQconsumeInput",
    [GET_RESULT] = "PQgetResult",
    [PUT_COPY_DATA] = "PQputCopyData",
    [PUT_COPY_END] = "PQputCopyEnd",
    [GET_COPY_DATA] = "PQgetCopyData",
    [CANCEL] = "PQcancel",
};

/* What the calls say of themselves when they fail. */
static const char *script_name(void)
{
    return script.name != NULL ? script.name : "script";
}

static enum scripted_function next_function(void)
{
    if (script.calls == NULL || script.next == SCRIPT_LENGTH)
        return SCRIPT_END;
    return script.calls[script.next].function;
}

static bool comes_next(enum scripted_function function)
{
    return next_function() == function;
}

static const struct scripted_call *take_call(enum scripted_function function)
{
    const struct scripted_call *call;

    while (next_function() != SCRIPT_END && script.calls[script.next].repeats &&
           !comes_next(function))
        script.next++;
    ck_assert_msg(comes_next(function), "%s: call %zu: %s instead of %s", script_name(),
                  script.next, function_names[function], function_names[next_function()]);
    call = &script.calls[script.next];
    if (!call->repeats)
        script.next++;
    return call;
}

static void write_byte(int descriptor)
{
    ck_assert_int_eq(send(descriptor, "", 1, MSG_NOSIGNAL), 1);
}

static void read_all(int descriptor)
{
    char bytes[4096];

    while (recv(descriptor, bytes, sizeof bytes, MSG_DONTWAIT) > 0)
        continue;
}

/* Nothing can be read from the socket any more, and nothing written to it. */
static void fall_silent(PGconn *connection)
{
    char bytes[4096] = {0};

    read_all(connection->socket);
    while (send(connection->socket, bytes, sizeof bytes, MSG_DONTWAIT | MSG_NOSIGNAL) > 0)
        continue;
}

static void speak(PGconn *connection)
{
    read_all(connection->server_end);
    write_byte(connection->server_end);
}

/* Late enough to find the program waiting, most likely; it must work in either case. */
static void raise_later(int number)
{
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = number};
    const struct itimerspec delay = {.it_value = {.tv_nsec = 20 * 1000 * 1000}};
    timer_t timer;

    ck_assert_int_eq(timer_create(CLOCK_MONOTONIC, &event, &timer), 0);
    ck_assert_int_eq(timer_settime(timer, 0, &delay, NULL), 0);
}

static const struct scripted_call *play(PGconn *connection, enum scripted_function function)
{
    const struct scripted_call *call = take_call(function);

    if (call->message != NULL)
        connection->message = call->message;
    if (call->loses)
        connection->status = CONNECTION_BAD;
    if (call->notice != NULL) {
        PGresult notice = {.script = call->notice};

        ck_assert_msg(connection->notice_receiver != NULL, "nobody takes the notice");
        connection->notice_receiver(connection->notice_context, &notice);
    }
    if (call->raises != 0)
        ck_assert_int_eq(raise(call->raises), 0);
    if (call->raises_later != 0) {
        fall_silent(connection);
        raise_later(call->raises_later);
    }
    return call;
}

static void expect_text(const struct scripted_call *call, const char *text)
{
    const char *expected = call->text != NULL ? call->text : "(NULL)";
    const char *parameters = call->parameters != NULL ? call->parameters : "";
    const char *given = text != NULL ? text : "(NULL)";
    size_t length = strlen(expected);

    ck_assert_msg(strncmp(given, expected, length) == 0 && strcmp(given + length, parameters) == 0,
                  "%s: %s was given \"%s\" instead of \"%s%s\"", script_name(),
                  function_names[call->function], given, expected, parameters);
}

void script_play(const struct scripted_call calls[static SCRIPT_LENGTH])
{
    script.calls = calls;
    script.next = 0;
    script.copied_length = 0;
}

void script_end(void)
{
    while (next_function() != SCRIPT_END && script.calls[script.next].repeats)
        script.next++;
    ck_assert_msg(next_function() == SCRIPT_END, "%s: call %zu, %s, did not come", script_name(),
                  script.next, function_names[next_function()]);
    ck_assert_msg(script.connections == 0, "%s: the connection was not closed", script_name());
    ck_assert_msg(script.results == 0, "%s: %zu results were not cleared", script_name(),
                  script.results);
    ck_assert_msg(script.messages == 0, "%s: %zu messages were not freed", script_name(),
                  script.messages);
    ck_assert_msg(script.cancels == 0, "%s: %zu cancels were not freed", script_name(),
                  script.cancels);
    free(script.copied);
    script.copied = NULL;
    script.copied_size = 0;
}

struct connection *script_open(const struct scripted_call calls[static SCRIPT_LENGTH])
{
    static const struct scripted_call opening[SCRIPT_LENGTH] = {
        {CONNECT_START,
         .text = "dbname=timele fallback_application_name=timele-load client_encoding=UTF8 ",
         .returns = 1},
        {CONNECT_POLL, .returns = PGRES_POLLING_OK},
        {.function = SET_NONBLOCKING},
    };
    const struct connection_options options = {.conninfo = "timele", .log = &script.log};
    struct connection *connection = NULL;
    struct error error = {0};

    script.log = (struct log){.stream = stderr, .level = LOG_QUIET};
    script.name = NULL;
    script_play(opening);
    ck_assert_msg(connection_open(&options, &connection, &error), "%s", error.message);
    script_play(calls);
    return connection;
}

struct connection *script_open_case(const struct scripted_case *row)
{
    struct connection *connection = script_open(row->calls);

    script.name = row->name;
    return connection;
}

static void expect_words(const char *what, const char *words, const char *expected)
{
    if (expected == NULL)
        expected = "";
    ck_assert_msg(strcmp(words, expected) == 0, "%s: the %s is \"%s\" instead of \"%s\"",
                  script_name(), what, words, expected);
}

void script_expect_error(const struct scripted_case *row, const struct error *error)
{
    script.name = row->name;
    expect_words("message", error->message, row->message);
    expect_words("detail", error->detail, row->detail);
    expect_words("hint", error->hint, row->hint);
    ck_assert_msg(error->kind == row->kind, "%s: the kind is %d instead of %d", row->name,
                  (int)error->kind, (int)row->kind);
}

void script_close(struct connection *connection)
{
    connection_close(connection);
    script_end();
}

const uint8_t *script_copied(size_t *length)
{
    *length = script.copied_length;
    return script.copied;
}

PGconn *PQconnectStartParams(const char *const *keywords, const char *const *values,
                             int expand_dbname)
{
    PGconn *connection = calloc(1, sizeof *connection);
    const struct scripted_call *call;
    char parameters[512] = "";
    int ends[2];

    ck_assert_ptr_nonnull(connection);
    ck_assert_msg(expand_dbname == 1, "dbname would not be taken for a connection string");
    for (size_t i = 0, used = 0; keywords[i] != NULL; i++)
        if (values[i] != NULL)
            used += (size_t)snprintf(parameters + used, sizeof parameters - used, "%s=%s ",
                                     keywords[i], values[i]);
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    *connection = (PGconn){
        .status = CONNECTION_STARTED, .message = "", .socket = ends[0], .server_end = ends[1]};
    script.connections++;
    speak(connection);
    call = play(connection, CONNECT_START);
    expect_text(call, parameters);
    if (call->returns == 1)
        return connection;
    PQfinish(connection);
    return NULL;
}

PostgresPollingStatusType PQconnectPoll(PGconn *connection)
{
    int polled = play(connection, CONNECT_POLL)->returns;

    if (polled == PGRES_POLLING_OK)
        connection->status = CONNECTION_OK;
    if (polled == PGRES_POLLING_FAILED)
        connection->status = CONNECTION_BAD;
    return (PostgresPollingStatusType)polled;
}

int PQsetnonblocking(PGconn *connection, int nonblocking)
{
    ck_assert_int_eq(nonblocking, 1);
    return play(connection, SET_NONBLOCKING)->returns;
}

void PQfinish(PGconn *connection)
{
    if (connection == NULL)
        return;
    (void)close(connection->socket);
    (void)close(connection->server_end);
    free(connection);
    script.connections--;
}

ConnStatusType PQstatus(const PGconn *connection)
{
    return connection->status;
}

/* libpq closes the socket of a connection that is lost. */
int PQsocket(const PGconn *connection)
{
    return connection->status == CONNECTION_BAD ? -1 : connection->socket;
}

char *PQerrorMessage(const PGconn *connection)
{
    static char message[512];

    (void)snprintf(message, sizeof message, "%s", connection->message);
    return message;
}

/* Without a value for any option. libpq itself makes them, for it is libpq that frees them. */
PQconninfoOption *PQconninfo(PGconn *connection)
{
    ck_assert_ptr_nonnull(connection);
    return PQconninfoParse("", NULL);
}

char *PQdb(const PGconn *connection)
{
    static char name[] = "timele";

    ck_assert_ptr_nonnull(connection);
    return name;
}

char *PQhost(const PGconn *connection)
{
    static char host[] = "/run/postgresql";

    ck_assert_ptr_nonnull(connection);
    return host;
}

PQnoticeReceiver PQsetNoticeReceiver(PGconn *connection, PQnoticeReceiver receiver, void *context)
{
    PQnoticeReceiver former = connection->notice_receiver;

    connection->notice_receiver = receiver;
    connection->notice_context = context;
    return former;
}

int PQsendQuery(PGconn *connection, const char *sql)
{
    const struct scripted_call *call = play(connection, SEND_QUERY);

    expect_text(call, sql);
    return call->returns;
}

int PQsendQueryParams(PGconn *connection, const char *sql, int count, const Oid *types,
                      const char *const *values, const int *lengths, const int *formats,
                      int result_format)
{
    const struct scripted_call *call = play(connection, SEND_QUERY_PARAMS);
    char *given = NULL;
    size_t size;
    FILE *stream = open_memstream(&given, &size);

    ck_assert_ptr_nonnull(stream);
    (void)fputs(sql, stream);
    for (int i = 0; i < count; i++)
        (void)fprintf(stream, " [%s]", values[i] != NULL ? values[i] : "NULL");
    ck_assert_int_eq(fclose(stream), 0);
    expect_text(call, given);
    free(given);
    ck_assert_ptr_null(types);
    ck_assert_ptr_null(lengths);
    ck_assert_ptr_null(formats);
    ck_assert_int_eq(result_format, 0);
    return call->returns;
}

int PQflush(PGconn *connection)
{
    return comes_next(FLUSH) ? play(connection, FLUSH)->returns : 0;
}

int PQconsumeInput(PGconn *connection)
{
    return play(connection, CONSUME_INPUT)->returns;
}

int PQisBusy(PGconn *connection)
{
    return connection->status != CONNECTION_BAD &&
           (comes_next(CONSUME_INPUT) || comes_next(CANCEL));
}

PGresult *PQgetResult(PGconn *connection)
{
    const struct scripted_call *call = play(connection, GET_RESULT);
    PGresult *result;

    if (call->result == NULL)
        return NULL;
    result = malloc(sizeof *result);
    ck_assert_ptr_nonnull(result);
    result->script = call->result;
    script.results++;
    return result;
}

void PQclear(PGresult *result)
{
    if (result != NULL)
        script.results--;
    free(result);
}

ExecStatusType PQresultStatus(const PGresult *result)
{
    return result != NULL ? result->script->status : PGRES_FATAL_ERROR;
}

static const char *result_field(const struct scripted_result *result, int field)
{
    switch (field) {
    case PG_DIAG_SEVERITY_NONLOCALIZED:
        return result->severity;
    case PG_DIAG_SQLSTATE:
        return result->state;
    case PG_DIAG_MESSAGE_PRIMARY:
        return result->message;
    case PG_DIAG_MESSAGE_DETAIL:
        return result->detail;
    case PG_DIAG_MESSAGE_HINT:
        return result->hint;
    default:
        return NULL;
    }
}

/* libpq gives what may be written to, though nobody should. */
static char *writable(const char *text)
{
    static char texts[8][512];
    static size_t turn;
    char *given = texts[turn++ % 8];

    (void)snprintf(given, sizeof texts[0], "%s", text);
    return given;
}

char *PQresultErrorField(const PGresult *result, int field)
{
    const char *text = result != NULL ? result_field(result->script, field) : NULL;

    return text != NULL ? writable(text) : NULL;
}

char *PQcmdTuples(PGresult *result)
{
    static char rows[32];

    (void)snprintf(rows, sizeof rows, "%s",
                   result->script->rows_changed != NULL ? result->script->rows_changed : "");
    return rows;
}

int PQnfields(const PGresult *result)
{
    return result->script->columns;
}

int PQntuples(const PGresult *result)
{
    return result->script->rows;
}

char *PQgetvalue(const PGresult *result, int row, int column)
{
    const struct scripted_result *answer = result->script;

    ck_assert_int_lt(row, answer->rows);
    ck_assert_int_lt(column, answer->columns);
    return writable(answer->values != NULL ? answer->values[row * answer->columns + column]
                                           : answer->value);
}

static void keep_copied(const char *bytes, size_t length)
{
    if (script.copied_size - script.copied_length < length) {
        script.copied_size = (script.copied_length + length) * 2;
        script.copied = realloc(script.copied, script.copied_size);
        ck_assert_ptr_nonnull(script.copied);
    }
    memcpy(script.copied + script.copied_length, bytes, length);
    script.copied_length += length;
}

int PQputCopyData(PGconn *connection, const char *bytes, int length)
{
    const struct scripted_call *call = play(connection, PUT_COPY_DATA);

    ck_assert_int_gt(length, 0);
    if (call->returns == 1)
        keep_copied(bytes, (size_t)length);
    return call->returns;
}

int PQputCopyEnd(PGconn *connection, const char *reason)
{
    const struct scripted_call *call = play(connection, PUT_COPY_END);

    expect_text(call, reason);
    return call->returns;
}

int PQgetCopyData(PGconn *connection, char **bytes, int async)
{
    const struct scripted_call *call = play(connection, GET_COPY_DATA);

    ck_assert_int_eq(async, 1);
    *bytes = NULL;
    if (call->bytes == NULL)
        return call->returns;
    *bytes = malloc((size_t)call->length);
    ck_assert_ptr_nonnull(*bytes);
    memcpy(*bytes, call->bytes, (size_t)call->length);
    script.messages++;
    return call->length;
}

void PQfreemem(void *memory)
{
    if (memory != NULL)
        script.messages--;
    free(memory);
}

char *PQescapeIdentifier(PGconn *connection, const char *name, size_t length)
{
    char *quoted = malloc(length + 3);

    ck_assert(connection != NULL && quoted != NULL);
    ck_assert_ptr_null(memchr(name, '"', length));
    (void)snprintf(quoted, length + 3, "\"%.*s\"", (int)length, name);
    script.messages++;
    return quoted;
}

PGcancel *PQgetCancel(PGconn *connection)
{
    PGcancel *cancel = malloc(sizeof *cancel);

    ck_assert_ptr_nonnull(cancel);
    cancel->connection = connection;
    script.cancels++;
    return cancel;
}

void PQfreeCancel(PGcancel *cancel)
{
    if (cancel != NULL)
        script.cancels--;
    free(cancel);
}

int PQcancel(PGcancel *cancel, char *reason, int size)
{
    const struct scripted_call *call = play(cancel->connection, CANCEL);

    (void)snprintf(reason, (size_t)size, "not now");
    speak(cancel->connection);
    return call->returns;
}
