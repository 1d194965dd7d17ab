#include "base/interrupt.h"
#include "connection_statement.h"
#include "scripted_libpq.h"
#include "suite.h"

#include <signal.h>

#define INTERRUPTED  "interrupted; nothing was changed"
#define TERMINATED   "terminated; nothing was changed"
#define LOST_MESSAGE "server closed the connection unexpectedly\n\tThis probably means trouble.\n"
#define LOST         .loses = true, .message = LOST_MESSAGE
#define LOST_SHOWN   "server closed the connection unexpectedly; This probably means trouble."
#define READS_NONE   CONSUME_INPUT, .returns = 0
#define CANNOT_SEND  SEND_QUERY_PARAMS, .text = QUERY " [orders] [NULL]", .returns = 0

static const struct scripted_result changed_three = {.status = PGRES_COMMAND_OK,
                                                     .rows_changed = "3"};
static const struct scripted_result no_row = {.status = PGRES_TUPLES_OK, .columns = 2};
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

static const struct scripted_result node_gone = {
    .status = PGRES_FATAL_ERROR, .severity = "ERROR", .state = "08006", .message = "node gone"};
static const struct scripted_result node_gone_with_hint = {.status = PGRES_FATAL_ERROR,
                                                           .severity = "ERROR",
                                                           .state = "08006",
                                                           .message = "node gone",
                                                           .hint = "Look at it."};
static const struct scripted_result not_understood = {
    .status = PGRES_FATAL_ERROR, .severity = "FATAL", .state = "08P01", .message = "what?"};

static const struct scripted_result no_memory = {
    .status = PGRES_FATAL_ERROR, .severity = "ERROR", .state = "53200", .message = "out of memory"};

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
    {{"a node that the server has lost",
      {{SENDS(COMMAND)}, {GIVES(node_gone)}, {GIVES_NO_MORE}},
      ERROR_DATABASE,
      "node gone",
      NULL,
      "The server cannot reach another one that it needs, such as a node of its cluster. Run it "
      "again when that one is there."},
     execute},
    {{"a node that the server has a word about",
      {{SENDS(COMMAND)}, {GIVES(node_gone_with_hint)}, {GIVES_NO_MORE}},
      ERROR_DATABASE,
      "node gone",
      NULL,
      "Look at it."},
     execute},
    {{"what a pooler says of anything",
      {{SENDS(COMMAND)}, {GIVES(not_understood)}, {GIVES_NO_MORE}},
      FAILS(ERROR_DATABASE, "what?")},
     execute},
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
      FAILS(ERROR_INTERNAL, "a command returned rows: " COMMAND)},
     count},
    {{"no COPY",
      {{SENDS(COMMAND)}, {GIVES(one_row)}, {GIVES_NO_MORE}},
      FAILS(ERROR_INTERNAL, "the server's answer is none that was asked for: PGRES_TUPLES_OK")},
     start_copy},
    {{"a COPY that nobody asked for",
      {{SENDS(COMMAND)}, {GIVES(script_copying_out)}},
      FAILS(ERROR_DATABASE, "the server began a COPY that was not asked for")},
     execute},
    {{"a COPY after a query's row",
      {{SENDS_QUERY}, {GIVES(one_row)}, {GIVES(script_copying_out)}},
      FAILS(ERROR_DATABASE, "the server began a COPY that was not asked for")},
     query_row},
    {{"no memory to send it",
      {{SEND_QUERY, .text = COMMAND, .returns = 0, .message = "out of memory\n"}},
      FAILS(ERROR_INTERNAL, "out of memory")},
     execute},
    {{"no memory for input",
      {{SENDS(COMMAND)}, {READS_NONE, .message = "cannot allocate memory for input buffer\n"}},
      FAILS(ERROR_INTERNAL, "cannot allocate memory for input buffer")},
     execute},
    {{"the server has no memory",
      {{SENDS(COMMAND)}, {GIVES(no_memory)}, {GIVES_NO_MORE}},
      FAILS(ERROR_DATABASE, "out of memory")},
     execute},
    /* libpq says nothing of it. */
    {{"no memory for an answer, ever",
      {{SENDS(COMMAND)}, {READS, .repeats = true, .starves = true}},
      FAILS(ERROR_INTERNAL, "out of memory")},
     execute},
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

/* Of a session that was ended between two statements. */
static const struct scripted_result farewell = {
    .severity = "FATAL", .message = "terminating connection due to administrator command"};

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
    {{"and the server had said why before the statement",
      {{SENDS(COMMAND)}, {READS_NONE, .notice = &farewell, LOST}},
      FAILS(ERROR_DATABASE, "terminating connection due to administrator command")},
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
    {{"a second signal comes, and the server is still silent",
      {{SENDS(COMMAND), .raises_later = SIGTERM}, {CANCELS, .blocks = true, .raises = SIGINT}},
      FAILS(ERROR_TERMINATED, TERMINATED)},
     execute},
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

START_TEST(gives_up_a_server_that_does_not_answer)
{
    static const struct scripted_call calls[SCRIPT_LENGTH] = {
        {SENDS(COMMAND), .raises_later = SIGTERM}, {CANCELS, .blocks = true}};
    struct connection *connection = script_open(calls);
    struct error error = {0}, later = {0};

    ck_assert(interrupt_install(&error));
    connection_limit(connection, 0.2);
    ck_assert(!connection_execute(connection, COMMAND, &error));
    ck_assert_str_eq(error.message, TERMINATED);
    ck_assert(connection_is_lost(connection));
    interrupt_forget();
    ck_assert(!connection_wait(connection, false, &later));
    ck_assert_int_ne(later.kind, ERROR_NONE);
    script_close(connection);
}
END_TEST

START_TEST(gives_the_server_a_limited_time)
{
    /* A signal that does nothing: the server falls silent. */
    static const struct scripted_call calls[SCRIPT_LENGTH] = {
        {SENDS(COMMAND), .raises_later = SIGWINCH}, {READS, .repeats = true}};
    struct connection *connection = script_open(calls);
    struct error error = {0};

    connection_limit(connection, 0.1);
    ck_assert(!connection_execute(connection, COMMAND, &error));
    ck_assert_int_eq(error.kind, ERROR_DATABASE);
    ck_assert_str_eq(error.message, "the server does not answer");
    ck_assert(connection_is_lost(connection));
    script_close(connection);
}
END_TEST

START_TEST(goes_on_when_there_is_memory_again)
{
    static const struct scripted_call calls[SCRIPT_LENGTH] = {
        {SENDS(COMMAND)}, {READS, .starves = true}, {READS, .starves = true}, {READS},
        {GIVES(done)},    {GIVES_NO_MORE}};
    struct connection *connection = script_open(calls);
    struct error error = {0};

    ck_assert_msg(connection_execute(connection, COMMAND, &error), "%s", error.message);
    ck_assert(!connection_is_lost(connection));
    script_close(connection);
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

int main(void)
{
    Suite *suite = suite_create("connection statement faults");
    TCase *tests = tcase_create("statements");

    tcase_add_loop_test(tests, says_why_a_statement_failed, 0, TABLE_ROWS(refusals));
    tcase_add_loop_test(tests, notices_a_lost_connection, 0, TABLE_ROWS(losses));
    tcase_add_test(tests, gives_up_a_server_that_does_not_answer);
    tcase_add_test(tests, gives_the_server_a_limited_time);
    tcase_add_test(tests, goes_on_when_there_is_memory_again);
    tcase_add_test(tests, keeps_an_earlier_error);
    tcase_add_loop_test(tests, cancels_when_a_signal_comes, 0, TABLE_ROWS(interruptions));
    tcase_add_test(tests, ends_with_the_next_statement_when_the_cancel_came_too_late);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
