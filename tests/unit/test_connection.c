#include "base/interrupt.h"
#include "pg/connection.h"
#include "scripted_libpq.h"
#include "suite.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#define INTERRUPTED  "interrupted; nothing was changed"
#define TERMINATED   "terminated; nothing was changed"
#define LOST_MESSAGE "server closed the connection unexpectedly\n\tThis probably means trouble.\n"
#define LOST         .loses = true, .message = LOST_MESSAGE
#define LOST_SHOWN   "server closed the connection unexpectedly; This probably means trouble."

static const struct scripted_result done = {.status = PGRES_COMMAND_OK, .rows_changed = ""};
static const struct scripted_result changed_three = {.status = PGRES_COMMAND_OK,
                                                     .rows_changed = "3"};
static const struct scripted_result nothing_to_do = {.status = PGRES_EMPTY_QUERY};
static const struct scripted_result one_row = {
    .status = PGRES_TUPLES_OK, .columns = 2, .rows = 1, .value = "7"};
static const struct scripted_result two_rows = {
    .status = PGRES_TUPLES_OK, .columns = 2, .rows = 2, .value = "7"};
static const struct scripted_result no_row = {.status = PGRES_TUPLES_OK, .columns = 2};
static const struct scripted_result copying = {.status = PGRES_COPY_IN};
static const struct scripted_result refused = {
    .status = PGRES_FATAL_ERROR,
    .severity = "ERROR",
    .state = "23505",
    .message = "duplicate key value violates unique constraint \"users_pkey\"",
    .detail = "Key (id)=(7) already exists.",
    .hint = "Take\nanother."};
static const struct scripted_result refused_again = {
    .status = PGRES_FATAL_ERROR, .severity = "ERROR", .message = "something else"};
static const struct scripted_result cancelled = {.status = PGRES_FATAL_ERROR,
                                                 .severity = "ERROR",
                                                 .message =
                                                     "canceling statement due to user request"};
static const struct scripted_result ended = {
    .status = PGRES_FATAL_ERROR,
    .severity = "FATAL",
    .message = "terminating connection due to administrator command"};
static const struct scripted_result ended_without_a_word = {.status = PGRES_FATAL_ERROR};

#define OPENING_TEXT "dbname=timele fallback_application_name=timele-load client_encoding=UTF8 "
#define OPENS        CONNECT_START, .text = OPENING_TEXT, .returns = 1

static bool open_it(const char *database, struct connection **connection, struct error *error)
{
    static struct log log;

    log = (struct log){.stream = stderr};
    return connection_open(&(struct connection_options){.conninfo = database, .log = &log},
                           connection, error);
}

START_TEST(opens_when_the_server_is_ready)
{
    static const struct scripted_call calls[SCRIPT_LENGTH] = {
        {OPENS},
        {CONNECT_POLL, .returns = PGRES_POLLING_WRITING},
        {CONNECT_POLL, .returns = PGRES_POLLING_READING},
        {CONNECT_POLL, .returns = PGRES_POLLING_READING},
        {CONNECT_POLL, .returns = PGRES_POLLING_OK},
        {.function = SET_NONBLOCKING},
    };
    struct connection *connection = NULL;
    struct error error = {0};

    script_play(calls);
    ck_assert_msg(open_it("timele", &connection, &error), "%s", error.message);
    ck_assert_str_eq(connection_name(connection), "timele on /run/postgresql");
    ck_assert(!connection_is_lost(connection));
    script_close(connection);
}
END_TEST

START_TEST(leaves_what_is_not_given_to_the_environment)
{
    static const struct scripted_call calls[SCRIPT_LENGTH] = {
        {CONNECT_START, .text = "fallback_application_name=timele-load client_encoding=UTF8 ",
         .returns = 1},
        {CONNECT_POLL, .returns = PGRES_POLLING_OK},
        {.function = SET_NONBLOCKING},
    };
    struct connection *connection = NULL;
    struct error error = {0};

    script_play(calls);
    ck_assert_msg(open_it(NULL, &connection, &error), "%s", error.message);
    script_close(connection);
}
END_TEST

static const struct {
    struct scripted_case script;
    const char *database;
} failed_openings[] = {
    {{"no memory",
      {{CONNECT_START, .text = OPENING_TEXT, .returns = 0}},
      FAILS(ERROR_INTERNAL, "out of memory")},
     "timele"},
    {{"no such host",
      {{OPENS, .loses = true, .message = "could not translate host name\n"}},
      FAILS(ERROR_DATABASE, "cannot connect: could not translate host name")},
     "timele"},
    {{"a well-formed string is shown",
      {{CONNECT_START,
        .text = "dbname=host=nowhere fallback_application_name=timele-load client_encoding=UTF8 ",
        .returns = 1, .loses = true, .message = "could not translate host name \"nowhere\"\n"}},
      FAILS(ERROR_DATABASE, "cannot connect: could not translate host name \"nowhere\"")},
     "host=nowhere"},
    {{"no server",
      {{OPENS},
       {CONNECT_POLL, .returns = PGRES_POLLING_FAILED,
        .message = "connection to server failed: refused\n\tIs it running?\n"}},
      FAILS(ERROR_DATABASE,
            "cannot connect: connection to server failed: refused; Is it running?")},
     "timele"},
    {{"lost while it connects",
      {{OPENS}, {CONNECT_POLL, .returns = PGRES_POLLING_READING, LOST}},
      FAILS(ERROR_DATABASE, LOST_SHOWN)},
     "timele"},
    {{"cannot be made nonblocking",
      {{OPENS},
       {CONNECT_POLL, .returns = PGRES_POLLING_OK},
       {SET_NONBLOCKING, .returns = -1, .message = "cannot flush\n"}},
      FAILS(ERROR_DATABASE, "cannot connect: cannot flush")},
     "timele"},
    /* Nothing runs on the server yet: nothing to cancel, nor anyone to wait for. */
    {{"a signal comes",
      {{OPENS}, {CONNECT_POLL, .returns = PGRES_POLLING_READING, .raises_later = SIGTERM}},
      FAILS(ERROR_TERMINATED, TERMINATED)},
     "timele"},
};

START_TEST(says_why_it_cannot_connect)
{
    const struct scripted_case *row = &failed_openings[_i].script;
    struct connection *connection = NULL;
    struct error error = {0};

    ck_assert(interrupt_install(&error));
    script_play(row->calls);
    ck_assert_msg(!open_it(failed_openings[_i].database, &connection, &error), "%s", row->name);
    script_expect_error(row, &error);
    ck_assert_ptr_null(connection);
    script_end();
}
END_TEST

/* libpq quotes what it does not understand, and that may be the password or a part of it: it is not
 * even asked. */
static const char *const malformed[] = {
    "user=me password=my hunter2",
    "password='hunter2",
    "hunter2=password",
    "postgresql://me:hunter2%zz@db/timele",
    "postgres://me:hunter2@[::1/timele",
};

START_TEST(never_shows_a_password)
{
    static const struct scripted_call nothing[SCRIPT_LENGTH];
    struct connection *connection = NULL;
    struct error error = {0};

    script_play(nothing);
    ck_assert_msg(!open_it(malformed[_i], &connection, &error), "%s", malformed[_i]);
    ck_assert_int_eq(error.kind, ERROR_DATABASE);
    ck_assert_str_eq(error.message, "cannot connect: the connection string cannot be read");
    ck_assert_str_eq(error.detail, "");
    ck_assert_msg(strstr(error.hint, "hunter2") == NULL, "%s: %s", malformed[_i], error.hint);
    script_end();
}
END_TEST

/* The statements of all tests below; each runs in one of the ways a connection has. */
#define COMMAND     "UPDATE"
#define QUERY       "SELECT $1, $2"
#define SENDS_QUERY SEND_QUERY_PARAMS, .text = QUERY " [orders] [NULL]", .returns = 1
#define CANNOT_SEND SEND_QUERY_PARAMS, .text = QUERY " [orders] [NULL]", .returns = 0
#define READS_NONE  CONSUME_INPUT, .returns = 0

/* Runs the statement; `result` is a number that the caller gets, 0 where there is none. */
typedef bool running(struct connection *connection, long long *result, struct error *error);

static bool execute(struct connection *connection, long long *result, struct error *error)
{
    *result = 0;
    return connection_execute(connection, COMMAND, error);
}

static bool execute_for(struct connection *connection, long long *result, struct error *error)
{
    *result = 0;
    return connection_execute_for(connection, "cannot create", COMMAND, error);
}

static bool count(struct connection *connection, long long *result, struct error *error)
{
    unsigned long long rows = 0;
    bool done_it = connection_execute_counted(connection, COMMAND, &rows, error);

    *result = (long long)rows;
    return done_it;
}

static const char *const parameters[] = {"orders", NULL};

/* Asks for so many columns; gives the number of rows. */
static bool query_columns(struct connection *connection, int columns, long long *result,
                          struct error *error)
{
    const struct query asked = {
        .sql = QUERY, .parameters = parameters, .parameter_count = 2, .columns = columns};
    PGresult *rows = NULL;

    if (!connection_query(connection, &asked, &rows, error))
        return false;
    *result = PQntuples(rows);
    PQclear(rows);
    return true;
}

static bool query(struct connection *connection, long long *result, struct error *error)
{
    return query_columns(connection, 2, result, error);
}

static bool query_3_columns(struct connection *connection, long long *result, struct error *error)
{
    return query_columns(connection, 3, result, error);
}

/* Gives the value of the second column. */
static bool query_row(struct connection *connection, long long *result, struct error *error)
{
    const struct query asked = {
        .sql = QUERY, .parameters = parameters, .parameter_count = 2, .columns = 2};
    PGresult *row = NULL;

    if (!connection_query_row(connection, &asked, &row, error))
        return false;
    *result = strtoll(PQgetvalue(row, 0, 1), NULL, 10);
    PQclear(row);
    return true;
}

static bool start_copy(struct connection *connection, long long *result, struct error *error)
{
    *result = 0;
    return connection_start_copy(connection, COMMAND, PGRES_COPY_IN, error);
}

static const struct {
    const char *name;
    struct scripted_call calls[SCRIPT_LENGTH];
    running *run;
    long long result;
} completions[] = {
    {"a command", {{SENDS(COMMAND)}, {GIVES(done)}, {GIVES_NO_MORE}}, execute, 0},
    {"several results",
     {{SENDS(COMMAND)},
      {GIVES(done)},
      {GIVES(changed_three)},
      {GIVES(nothing_to_do)},
      {GIVES_NO_MORE}},
     execute,
     0},
    {"a command that is flushed in parts",
     {{SENDS(COMMAND)},
      {FLUSHES_A_PART},
      {READS},
      {FLUSHES_A_PART},
      {READS},
      {FLUSHES},
      {GIVES(done)},
      {GIVES_NO_MORE}},
     execute,
     0},
    {"results that are awaited",
     {{SENDS(COMMAND)}, {READS}, {READS}, {GIVES(done)}, {READS}, {GIVES_NO_MORE}},
     execute,
     0},
    {"a count of changed rows",
     {{SENDS(COMMAND)}, {READS}, {GIVES(changed_three)}, {GIVES_NO_MORE}},
     count,
     3},
    {"a query",
     {{SENDS_QUERY},
      {FLUSHES_A_PART},
      {READS},
      {FLUSHES},
      {READS},
      {GIVES(two_rows)},
      {GIVES_NO_MORE}},
     query,
     2},
    {"a query of one row", {{SENDS_QUERY}, {GIVES(one_row)}, {GIVES_NO_MORE}}, query_row, 7},
    {"the start of a COPY", {{SENDS(COMMAND)}, {READS}, {GIVES(copying)}}, start_copy, 0},
};

START_TEST(runs_a_statement)
{
    struct connection *connection = script_open(completions[_i].calls);
    struct error error = {0};
    long long result;

    ck_assert_msg(completions[_i].run(connection, &result, &error), "%s: %s", completions[_i].name,
                  error.message);
    ck_assert_int_eq(error.kind, ERROR_NONE);
    ck_assert_msg(result == completions[_i].result, "%s: %lld", completions[_i].name, result);
    script_close(connection);
}
END_TEST

#define DUPLICATE "duplicate key value violates unique constraint \"users_pkey\""
#define REFUSAL   ERROR_DATABASE, DUPLICATE, "Key (id)=(7) already exists.", "Take; another."

/* A user's row holds the hash of a password. */
static const struct scripted_result null_in_row = {
    .status = PGRES_FATAL_ERROR,
    .state = "23502",
    .message = "null value in column \"email_address\" violates not-null constraint",
    .detail = "Failing row contains (7, hunter2, null)."};
static const struct scripted_result check_of_row = {.status = PGRES_FATAL_ERROR,
                                                    .state = "23514",
                                                    .message = "new row violates check constraint",
                                                    .detail =
                                                        "Failing row contains (7, hunter2, null)."};

struct failure {
    struct scripted_case script;
    running *run;
};

/* What the server refuses, and answers that were not asked for: these are bugs of this program.
 * The rest is drained all the same. */
static const struct failure refusals[] = {
    {{"a refusal", {{SENDS(COMMAND)}, {GIVES(refused)}, {GIVES_NO_MORE}}, REFUSAL}, execute},
    {{"a null in a row is kept to itself",
      {{SENDS(COMMAND)}, {GIVES(null_in_row)}, {GIVES_NO_MORE}},
      FAILS(ERROR_DATABASE, "null value in column \"email_address\" violates not-null constraint")},
     execute},
    {{"a row that fails a check is kept to itself",
      {{SENDS(COMMAND)}, {GIVES(check_of_row)}, {GIVES_NO_MORE}},
      FAILS(ERROR_DATABASE, "new row violates check constraint")},
     execute},
    {{"what a statement was for",
      {{SENDS(COMMAND)}, {GIVES(done)}, {GIVES(refused)}, {GIVES(refused_again)}, {GIVES_NO_MORE}},
      ERROR_DATABASE,
      "cannot create: " DUPLICATE,
      "Key (id)=(7) already exists.",
      "Take; another."},
     execute_for},
    {{"rows of a command",
      {{SENDS(COMMAND)}, {GIVES(two_rows)}, {GIVES(done)}, {GIVES_NO_MORE}},
      FAILS(ERROR_INTERNAL, "a command returned rows: " COMMAND)},
     execute},
    /* A deferred constraint, say: the command is done, and yet it failed. */
    {{"an error after the count",
      {{SENDS(COMMAND)},
       {GIVES(changed_three)},
       {GIVES(refused)},
       {GIVES(refused_again)},
       {GIVES_NO_MORE}},
      REFUSAL},
     count},
    {{"a count of anything but a command",
      {{SENDS(COMMAND)}, {GIVES(one_row)}, {GIVES_NO_MORE}},
      FAILS(ERROR_INTERNAL, "the server's answer is none that was asked for: PGRES_TUPLES_OK")},
     count},
    {{"no COPY",
      {{SENDS(COMMAND)}, {GIVES(one_row)}, {GIVES_NO_MORE}},
      FAILS(ERROR_INTERNAL, "the server's answer is none that was asked for: PGRES_TUPLES_OK")},
     start_copy},
    {{"a refused query", {{SENDS_QUERY}, {GIVES(refused)}, {GIVES_NO_MORE}}, REFUSAL}, query_row},
    {{"a query refused after its row",
      {{SENDS_QUERY}, {GIVES(one_row)}, {GIVES(refused)}, {GIVES_NO_MORE}},
      REFUSAL},
     query_row},
    {{"a query without rows or columns",
      {{SENDS_QUERY}, {GIVES(done)}, {GIVES_NO_MORE}},
      FAILS(ERROR_INTERNAL, "the server's answer is none that was asked for: PGRES_COMMAND_OK")},
     query_row},
    {{"two rows instead of one",
      {{SENDS_QUERY}, {GIVES(two_rows)}, {GIVES_NO_MORE}},
      FAILS(ERROR_INTERNAL, "a query returned 2 rows instead of 1: " QUERY)},
     query_row},
    {{"no row instead of one",
      {{SENDS_QUERY}, {GIVES(no_row)}, {GIVES_NO_MORE}},
      FAILS(ERROR_INTERNAL, "a query returned 0 rows instead of 1: " QUERY)},
     query_row},
    {{"another number of columns",
      {{SENDS_QUERY}, {GIVES(one_row)}, {GIVES_NO_MORE}},
      FAILS(ERROR_INTERNAL, "a query returned 2 columns instead of 3: " QUERY)},
     query_3_columns},
};

/* Every point at which a connection can be lost while a statement runs. */
static const struct failure losses[] = {
    {{"as it is sent",
      {{SEND_QUERY, .text = COMMAND, .returns = 0, LOST}},
      FAILS(ERROR_DATABASE, LOST_SHOWN)},
     execute},
    {{"as it is flushed",
      {{SENDS(COMMAND)}, {FLUSH, .returns = -1, LOST}},
      FAILS(ERROR_DATABASE, LOST_SHOWN)},
     execute},
    {{"with a part to flush",
      {{SENDS(COMMAND)}, {FLUSHES_A_PART, LOST}},
      FAILS(ERROR_DATABASE, LOST_SHOWN)},
     execute},
    {{"as input is read between two parts",
      {{SENDS(COMMAND)}, {FLUSHES_A_PART}, {READS_NONE, LOST}},
      FAILS(ERROR_DATABASE, LOST_SHOWN)},
     execute},
    {{"as the result is awaited",
      {{SENDS(COMMAND)}, {READS_NONE, LOST}},
      FAILS(ERROR_DATABASE, LOST_SHOWN)},
     execute},
    {{"and the server said why",
      {{SENDS(COMMAND)}, {GIVES(ended), LOST}},
      FAILS(ERROR_DATABASE, "terminating connection due to administrator command")},
     execute},
    {{"and the server said nothing",
      {{SENDS(COMMAND)}, {GIVES(ended_without_a_word), LOST}},
      FAILS(ERROR_DATABASE, LOST_SHOWN)},
     execute},
    {{"without any result",
      {{SENDS(COMMAND)}, {GIVES_NO_MORE, .loses = true}},
      FAILS(ERROR_DATABASE, "the server ended the connection")},
     execute},
    {{"after the result",
      {{SENDS(COMMAND)}, {GIVES(done)}, {READS_NONE, LOST}},
      FAILS(ERROR_DATABASE, LOST_SHOWN)},
     execute},
    {{"as a query is sent", {{CANNOT_SEND, LOST}}, FAILS(ERROR_DATABASE, LOST_SHOWN)}, query_row},
    {{"as a query is flushed",
      {{SENDS_QUERY}, {FLUSH, .returns = -1, LOST}},
      FAILS(ERROR_DATABASE, LOST_SHOWN)},
     query_row},
    {{"as a query's rows are awaited",
      {{SENDS_QUERY}, {READS_NONE, LOST}},
      FAILS(ERROR_DATABASE, LOST_SHOWN)},
     query_row},
    {{"after a query's row",
      {{SENDS_QUERY}, {GIVES(one_row)}, {READS_NONE, LOST}},
      FAILS(ERROR_DATABASE, LOST_SHOWN)},
     query_row},
};

#define AWAITED_CANCEL                                                                             \
    {CANCELS}, {READS}, {GIVES(cancelled)},                                                        \
    {                                                                                              \
        GIVES_NO_MORE                                                                              \
    }

/* A signal comes between the look at the flag and the wait, or earlier, or during the wait. */
static const struct failure interruptions[] = {
    {{"SIGINT as it is sent",
      {{SENDS(COMMAND), .raises = SIGINT}, AWAITED_CANCEL},
      FAILS(ERROR_INTERRUPTED, INTERRUPTED)},
     execute},
    {{"SIGTERM as it is sent",
      {{SENDS(COMMAND), .raises = SIGTERM}, AWAITED_CANCEL},
      FAILS(ERROR_TERMINATED, TERMINATED)},
     execute},
    {{"SIGINT while it waits",
      {{SENDS(COMMAND), .raises_later = SIGINT},
       {CANCELS},
       {READS},
       {READS},
       {GIVES(cancelled)},
       {GIVES_NO_MORE}},
      FAILS(ERROR_INTERRUPTED, INTERRUPTED)},
     execute},
    {{"SIGTERM while it waits",
      {{SENDS(COMMAND), .raises_later = SIGTERM},
       {CANCELS},
       {READS},
       {READS},
       {GIVES(cancelled)},
       {GIVES_NO_MORE}},
      FAILS(ERROR_TERMINATED, TERMINATED)},
     execute},
    {{"the server does not take what is sent",
      {{SENDS_QUERY},
       {FLUSHES_A_PART, .raises_later = SIGTERM},
       {CANCELS},
       {READS},
       {FLUSHES},
       {GIVES(cancelled)},
       {GIVES_NO_MORE}},
      FAILS(ERROR_TERMINATED, TERMINATED)},
     query},
    {{"the cancel ends in a lost connection",
      {{SENDS(COMMAND), .raises = SIGTERM}, {CANCEL, .returns = 0}, {READS_NONE, LOST}},
      FAILS(ERROR_TERMINATED, TERMINATED)},
     execute},
};

static void expect_failure(const struct failure *failure)
{
    struct connection *connection = script_open_case(&failure->script);
    struct error error = {0};
    long long result;

    ck_assert(interrupt_install(&error));
    ck_assert_msg(!failure->run(connection, &result, &error), "%s", failure->script.name);
    script_expect_error(&failure->script, &error);
    script_close(connection);
}

START_TEST(says_why_a_statement_failed)
{
    expect_failure(&refusals[_i]);
}
END_TEST

START_TEST(notices_a_lost_connection)
{
    expect_failure(&losses[_i]);
}
END_TEST

START_TEST(cancels_when_a_signal_comes)
{
    expect_failure(&interruptions[_i]);
}
END_TEST

START_TEST(keeps_an_earlier_error)
{
    struct connection *connection = script_open_case(&refusals[0].script);
    struct error error = {0};

    (void)error_set(&error, ERROR_FILE, "cannot read users.csv");
    ck_assert(!connection_execute(connection, COMMAND, &error));
    ck_assert_int_eq(error.kind, ERROR_FILE);
    ck_assert_str_eq(error.message, "cannot read users.csv");
    ck_assert_str_eq(error.detail, "");
    script_close(connection);
}
END_TEST

/* A COMMIT that was carried out must not be called a failure; but nothing may follow. */
START_TEST(ends_with_the_next_statement_when_the_cancel_came_too_late)
{
    static const struct scripted_call calls[SCRIPT_LENGTH] = {
        {SENDS(COMMAND), .raises = SIGTERM}, {CANCELS}, {READS}, {GIVES(done)}, {GIVES_NO_MORE}};
    static const struct {
        const char *name;
        running *run;
    } next[] = {{"execute", execute}, {"count", count}, {"query", query}, {"copy", start_copy}};
    struct connection *connection = script_open(calls);
    struct error first = {0};
    long long result;

    ck_assert(interrupt_install(&first));
    ck_assert_msg(execute(connection, &result, &first), "%s", first.message);
    for (int i = 0; i < TABLE_ROWS(next); i++) {
        struct error error = {0};

        ck_assert_msg(!next[i].run(connection, &result, &error), "%s", next[i].name);
        ck_assert_msg(error.kind == ERROR_TERMINATED, "%s: %s", next[i].name, error.message);
    }
    script_close(connection);
}
END_TEST

static const struct {
    enum log_level level;
    const char *severity;
    const char *shown;
} notices[] = {
    {LOG_QUIET, "WARNING", "timele-load: warning: the server says: no space\n"},
    {LOG_QUIET, "INFO", ""},
    {LOG_NORMAL, "INFO", "timele-load: the server says: no space\n"},
    {LOG_NORMAL, "NOTICE", ""},
    {LOG_VERBOSE, "NOTICE", "timele-load: the server says: no space\n"},
    {LOG_VERBOSE, NULL, ""},
};

START_TEST(logs_notices)
{
    const struct scripted_result notice = {.severity = notices[_i].severity, .message = "no space"};
    const struct scripted_call calls[SCRIPT_LENGTH] = {
        {OPENS},
        {CONNECT_POLL, .returns = PGRES_POLLING_OK},
        {.function = SET_NONBLOCKING},
        {SENDS(COMMAND)},
        {READS, .notice = &notice},
        {GIVES(done)},
        {GIVES_NO_MORE},
    };
    struct connection *connection = NULL;
    struct error error = {0};
    char *text = NULL;
    size_t size;
    struct log log = {.stream = open_memstream(&text, &size), .level = notices[_i].level};
    const struct connection_options options = {.conninfo = "timele", .log = &log};

    ck_assert_ptr_nonnull(log.stream);
    script_play(calls);
    ck_assert_msg(connection_open(&options, &connection, &error), "%s", error.message);
    ck_assert_msg(connection_execute(connection, COMMAND, &error), "%s", error.message);
    script_close(connection);
    ck_assert_int_eq(fclose(log.stream), 0);
    ck_assert_msg(strcmp(text, notices[_i].shown) == 0, "notice %d: \"%s\"", _i, text);
    free(text);
}
END_TEST

START_TEST(closes_nothing)
{
    connection_close(NULL);
    script_end();
}
END_TEST

static TCase *opening_case(void)
{
    TCase *tests = tcase_create("opening");

    tcase_add_test(tests, opens_when_the_server_is_ready);
    tcase_add_test(tests, leaves_what_is_not_given_to_the_environment);
    tcase_add_loop_test(tests, says_why_it_cannot_connect, 0, TABLE_ROWS(failed_openings));
    tcase_add_loop_test(tests, never_shows_a_password, 0, TABLE_ROWS(malformed));
    tcase_add_loop_test(tests, logs_notices, 0, TABLE_ROWS(notices));
    tcase_add_test(tests, closes_nothing);
    return tests;
}

static TCase *statement_case(void)
{
    TCase *tests = tcase_create("statements");

    tcase_add_loop_test(tests, runs_a_statement, 0, TABLE_ROWS(completions));
    tcase_add_loop_test(tests, says_why_a_statement_failed, 0, TABLE_ROWS(refusals));
    tcase_add_loop_test(tests, notices_a_lost_connection, 0, TABLE_ROWS(losses));
    tcase_add_test(tests, keeps_an_earlier_error);
    tcase_add_loop_test(tests, cancels_when_a_signal_comes, 0, TABLE_ROWS(interruptions));
    tcase_add_test(tests, ends_with_the_next_statement_when_the_cancel_came_too_late);
    return tests;
}

int main(void)
{
    Suite *suite = suite_create("connection");

    suite_add_tcase(suite, opening_case());
    suite_add_tcase(suite, statement_case());
    return suite_run(suite);
}
