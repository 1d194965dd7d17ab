#include "connection_statement.h"
#include "scripted_libpq.h"
#include "suite.h"

static const struct scripted_result changed_three = {.status = PGRES_COMMAND_OK,
                                                     .rows_changed = "3"};
static const struct scripted_result nothing_to_do = {.status = PGRES_EMPTY_QUERY};

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

int main(void)
{
    Suite *suite = suite_create("connection statements");
    TCase *tests = tcase_create("statements");

    tcase_add_loop_test(tests, runs_a_statement, 0, TABLE_ROWS(completions));
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
