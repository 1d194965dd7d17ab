#include "base/interrupt.h"
#include "connection_statement.h"
#include "pg/copy_in.h"
#include "scripted_libpq.h"
#include "suite.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>

#define STOPPED    "stopped, because another part of the run has failed"
#define TERMINATED "terminated; nothing was changed"

static const struct scripted_result cancelled = {.status = PGRES_FATAL_ERROR,
                                                 .severity = "ERROR",
                                                 .state = "57014",
                                                 .message =
                                                     "canceling statement due to user request"};
static const struct scripted_result refused = {
    .status = PGRES_FATAL_ERROR, .state = "57014", .message = "canceling statement"};

struct stop {
    struct scripted_case script;
    running *run;
};

static bool copy_in(struct connection *connection, long long *result, struct error *error)
{
    struct copy_in *copy = NULL;

    *result = 0;
    if (!copy_in_open(connection, COMMAND, &copy, error))
        return false;
    copy_in_row(copy, 1);
    copy_in_bigint(copy, 7);
    return copy_in_row_end(copy, error) && copy_in_end(copy, error);
}

#define AWAITED_CANCEL                                                                             \
    {CANCELS}, {READS}, {GIVES(cancelled)},                                                        \
    {                                                                                              \
        GIVES_NO_MORE                                                                              \
    }

/* The statement is cancelled, and what the server still says is read. */
static const struct stop stops[] = {
    {{"as it is sent",
      {{SENDS(COMMAND), .stops = true}, AWAITED_CANCEL},
      FAILS(ERROR_STOPPED, STOPPED)},
     execute},
    {{"while it waits",
      {{SENDS(COMMAND), .stops_later = true},
       {CANCELS},
       {READS},
       {READS},
       {GIVES(cancelled)},
       {GIVES_NO_MORE}},
      FAILS(ERROR_STOPPED, STOPPED)},
     execute},
    {{"the server does not take what is sent",
      {{SENDS_QUERY},
       {FLUSHES_A_PART, .stops_later = true},
       {CANCELS},
       {READS},
       {FLUSHES},
       {GIVES(cancelled)},
       {GIVES_NO_MORE}},
      FAILS(ERROR_STOPPED, STOPPED)},
     query},
    {{"a signal comes as well",
      {{SENDS(COMMAND), .stops = true},
       {CANCELS},
       {READS, .raises = SIGTERM},
       {GIVES(cancelled)},
       {GIVES_NO_MORE}},
      FAILS(ERROR_TERMINATED, TERMINATED)},
     execute},
    {{"a signal came before",
      {{SENDS(COMMAND), .raises = SIGTERM},
       {CANCELS},
       {READS, .stops = true},
       {GIVES(cancelled)},
       {GIVES_NO_MORE}},
      FAILS(ERROR_TERMINATED, TERMINATED)},
     execute},
    {{"the cancel ends in a lost connection",
      {{SENDS(COMMAND), .stops = true},
       {CANCEL, .returns = 0},
       {CONSUME_INPUT, .returns = 0, .loses = true}},
      FAILS(ERROR_STOPPED, STOPPED)},
     execute},
    {{"before the rows of a COPY",
      {{SENDS(COMMAND)},
       {GIVES(copying), .stops = true},
       {PUT_COPY_END, .text = STOPPED, .returns = 1},
       {GIVES(refused)},
       {GIVES_NO_MORE}},
      FAILS(ERROR_STOPPED, STOPPED)},
     copy_in},
};

START_TEST(ends_a_statement)
{
    struct connection *connection = script_open_case(&stops[_i].script);
    struct error error = {0};
    long long result;

    ck_assert(interrupt_install(&error));
    ck_assert_msg(!stops[_i].run(connection, &result, &error), "%s", stops[_i].script.name);
    script_expect_error(&stops[_i].script, &error);
    script_close(connection);
}
END_TEST

START_TEST(sends_nothing_afterwards)
{
    static const struct scripted_call calls[SCRIPT_LENGTH] = {
        {SENDS(COMMAND), .stops = true}, {CANCELS}, {READS}, {GIVES(done)}, {GIVES_NO_MORE}};
    static const struct {
        const char *name;
        running *run;
    } next[] = {{"execute", execute},
                {"count", count},
                {"query", query},
                {"row", query_row},
                {"copy in", start_copy}};
    struct connection *connection = script_open(calls);
    struct error first = {0};
    long long result;

    ck_assert_msg(execute(connection, &result, &first), "%s", first.message);
    for (int i = 0; i < TABLE_ROWS(next); i++) {
        struct error error = {0};

        ck_assert_msg(!next[i].run(connection, &result, &error), "%s", next[i].name);
        ck_assert_msg(error.kind == ERROR_STOPPED, "%s: %s", next[i].name, error.message);
        ck_assert_str_eq(error.message, STOPPED);
    }
    ck_assert(!connection_is_lost(connection));
    script_close(connection);
}
END_TEST

/* A statement of a thread that signals do not reach. */
struct stopped_statement {
    struct connection *connection;
    bool succeeded;
    struct error error;
};

static void *run_statement(void *context)
{
    struct stopped_statement *statement = context;

    statement->succeeded = connection_execute(statement->connection, COMMAND, &statement->error);
    return NULL;
}

START_TEST(a_second_signal_gives_up_a_server_that_stays_silent)
{
    static const struct scripted_call calls[SCRIPT_LENGTH] = {
        {SENDS(COMMAND), .stops_later = true}, {CANCELS, .blocks = true, .raises = SIGTERM}};
    struct stopped_statement statement = {.connection = script_open(calls)};
    struct error error = {0};
    sigset_t all, callers;
    pthread_t thread;

    ck_assert(interrupt_install(&error));
    ck_assert_int_eq(raise(SIGTERM), 0);
    interrupt_forget();
    ck_assert(!interrupt_pending());
    ck_assert_int_eq(sigfillset(&all), 0);
    ck_assert_int_eq(pthread_sigmask(SIG_SETMASK, &all, &callers), 0);
    ck_assert_int_eq(pthread_create(&thread, NULL, run_statement, &statement), 0);
    ck_assert_int_eq(pthread_sigmask(SIG_SETMASK, &callers, NULL), 0);
    ck_assert_int_eq(pthread_join(thread, NULL), 0);
    ck_assert(!statement.succeeded);
    ck_assert_int_eq(statement.error.kind, ERROR_TERMINATED);
    ck_assert(connection_is_lost(statement.connection));
    script_close(statement.connection);
}
END_TEST

START_TEST(ends_the_wait_for_a_connection)
{
    static const struct scripted_call calls[SCRIPT_LENGTH] = {
        {CONNECT,
         .text = "dbname=timele fallback_application_name=timele-load client_encoding=UTF8 ",
         .returns = 1, .blocks = true, .stops_later = true}};
    static struct log log;
    struct connection *connection = NULL;
    struct error error = {0};

    log = (struct log){.stream = stderr};
    script_play(calls);
    ck_assert(!connection_open(
        &(struct connection_options){.conninfo = "timele", .log = &log, .stop = script_stop()},
        &connection, &error));
    ck_assert_int_eq(error.kind, ERROR_STOPPED);
    ck_assert_str_eq(error.message, STOPPED);
    ck_assert_ptr_null(connection);
    script_end();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("connection stop");
    TCase *tests = tcase_create("stop");

    tcase_add_loop_test(tests, ends_a_statement, 0, TABLE_ROWS(stops));
    tcase_add_test(tests, sends_nothing_afterwards);
    tcase_add_test(tests, a_second_signal_gives_up_a_server_that_stays_silent);
    tcase_add_test(tests, ends_the_wait_for_a_connection);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
