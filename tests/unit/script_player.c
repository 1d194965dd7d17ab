#include "script_player.h"

#include "base/log.h"
#include "single_statement.h"
#include "suite.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* libpq's functions have no place for a context before there is a connection. */
static struct {
    const char *name; /* NULL: none */
    const struct scripted_call *calls;
    atomic_size_t next; /* a thread that nobody waits for any more plays a call, too */
    atomic_size_t given[GIVEN_KINDS]; /* and not yet given back */
    atomic_bool ended;
    atomic_bool stop;
    pthread_t stopper;
    bool has_stopper; /* the thread is to be joined */
    uint8_t *copied;
    size_t copied_length, copied_size;
    struct log log;
} script;

const struct scripted_result script_done = {.status = PGRES_COMMAND_OK, .rows_changed = ""};
const struct scripted_result script_copying_out = {.status = PGRES_COPY_OUT};
const struct scripted_result script_path = {
    .status = PGRES_TUPLES_OK, .columns = 1, .rows = 1, .value = "pg_catalog"};

static const char *const function_names[] = {
    [SCRIPT_END] = "nothing",
    [CONNECT] = "PQconnectStartParams",
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

bool script_comes_next(enum scripted_function function)
{
    return next_function() == function;
}

bool script_starves(void)
{
    return next_function() != SCRIPT_END && script.calls[script.next].starves;
}

static const struct scripted_call *take_call(enum scripted_function function)
{
    const struct scripted_call *call;

    while (next_function() != SCRIPT_END && script.calls[script.next].repeats &&
           !script_comes_next(function))
        script.next++;
    ck_assert_msg(script_comes_next(function), "%s: call %zu: %s instead of %s", script_name(),
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

void script_speak(PGconn *connection)
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

static void *stop_later(void *context)
{
    (void)nanosleep(&(struct timespec){.tv_nsec = 20 * 1000 * 1000}, NULL);
    atomic_store((atomic_bool *)context, true);
    return NULL;
}

static void stop(PGconn *connection, bool later)
{
    if (!later) {
        atomic_store(&script.stop, true);
        return;
    }
    fall_silent(connection);
    ck_assert(!script.has_stopper);
    ck_assert_int_eq(pthread_create(&script.stopper, NULL, stop_later, &script.stop), 0);
    script.has_stopper = true;
}

const struct scripted_call *script_play_call(PGconn *connection, enum scripted_function function)
{
    const struct scripted_call *call = take_call(function);

    if (call->message != NULL)
        connection->message = call->message;
    if (call->loses)
        connection->status = CONNECTION_BAD;
    if (call->server_version != 0)
        connection->server_version = call->server_version;
    if (call->notice != NULL) {
        PGresult notice = {.script = call->notice};

        ck_assert_msg(connection->notice_receiver != NULL, "nobody takes the notice");
        connection->notice_receiver(connection->notice_context, &notice);
    }
    if (call->raises != 0)
        ck_assert_int_eq(kill(getpid(), call->raises), 0);
    if (call->raises_later != 0) {
        fall_silent(connection);
        raise_later(call->raises_later);
    }
    if (call->stops || call->stops_later)
        stop(connection, call->stops_later);
    return call;
}

void script_expect_text(const struct scripted_call *call, const char *text)
{
    const char *expected = call->text != NULL ? call->text : "(NULL)";
    const char *parameters = call->parameters != NULL ? call->parameters : "";
    const char *given = text != NULL ? text : "(NULL)";
    size_t length = strlen(expected);

    ck_assert_msg(strncmp(given, expected, length) == 0 && strcmp(given + length, parameters) == 0,
                  "%s: %s was given \"%s\" instead of \"%s%s\"", script_name(),
                  function_names[call->function], given, expected, parameters);
}

void script_expect_statement(const struct scripted_call *call, const char *sql)
{
    ck_assert_msg(call->script || is_single_statement(sql),
                  "%s: %s was given more than one statement: \"%s\"", script_name(),
                  function_names[call->function], sql);
}

static void wait_a_moment(void)
{
    (void)nanosleep(&(struct timespec){.tv_nsec = 1000 * 1000}, NULL);
}

void script_block(const struct scripted_call *call)
{
    while (call->blocks && !atomic_load(&script.ended))
        wait_a_moment();
}

/* A call that nobody waits for any more gives back what it has when it returns. */
static void await_abandoned_calls(void)
{
    atomic_store(&script.ended, true);
    for (int i = 0; i < 10000; i++) {
        if (script.given[GIVEN_CONNECTIONS] == 0 && script.given[GIVEN_CANCELS] == 0)
            return;
        wait_a_moment();
    }
}

const atomic_bool *script_stop(void)
{
    for (size_t i = 0; i < SCRIPT_LENGTH; i++)
        if (script.calls[i].stops || script.calls[i].stops_later)
            return &script.stop;
    return NULL;
}

void script_play(const struct scripted_call calls[static SCRIPT_LENGTH])
{
    script.calls = calls;
    script.next = 0;
    script.copied_length = 0;
    atomic_store(&script.ended, false);
    atomic_store(&script.stop, false);
}

void script_end(void)
{
    while (next_function() != SCRIPT_END && script.calls[script.next].repeats)
        script.next++;
    ck_assert_msg(next_function() == SCRIPT_END, "%s: call %zu, %s, did not come", script_name(),
                  script.next, function_names[next_function()]);
    await_abandoned_calls();
    if (script.has_stopper)
        ck_assert_int_eq(pthread_join(script.stopper, NULL), 0);
    script.has_stopper = false;
    ck_assert_msg(script.given[GIVEN_CONNECTIONS] == 0, "%s: the connection was not closed",
                  script_name());
    ck_assert_msg(script.given[GIVEN_RESULTS] == 0, "%s: %zu results were not cleared",
                  script_name(), (size_t)script.given[GIVEN_RESULTS]);
    ck_assert_msg(script.given[GIVEN_MESSAGES] == 0, "%s: %zu messages were not freed",
                  script_name(), (size_t)script.given[GIVEN_MESSAGES]);
    ck_assert_msg(script.given[GIVEN_CANCELS] == 0, "%s: %zu cancels were not freed", script_name(),
                  (size_t)script.given[GIVEN_CANCELS]);
    free(script.copied);
    script.copied = NULL;
    script.copied_size = 0;
}

struct connection *script_open(const struct scripted_call calls[static SCRIPT_LENGTH])
{
    static const struct scripted_call opening[SCRIPT_LENGTH] = {
        {CONNECT,
         .text = "dbname=timele fallback_application_name=timele-load client_encoding=UTF8 ",
         .returns = 1},
        {.function = SET_NONBLOCKING},
    };
    struct connection_options options = {.conninfo = "timele", .log = &script.log};
    struct connection *connection = NULL;
    struct error error = {0};

    script_play(calls);
    options.stop = script_stop();
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

void script_give(enum script_given kind)
{
    script.given[kind]++;
}

void script_take_back(enum script_given kind)
{
    script.given[kind]--;
}

void script_keep_copied(const char *bytes, size_t length)
{
    if (script.copied_size - script.copied_length < length) {
        script.copied_size = (script.copied_length + length) * 2;
        script.copied = realloc(script.copied, script.copied_size);
        ck_assert_ptr_nonnull(script.copied);
    }
    memcpy(script.copied + script.copied_length, bytes, length);
    script.copied_length += length;
}
