#include "schema/missing_table.h"

#include "scripted_libpq.h"
#include "suite.h"

#include <string.h>

extern const char tables_present_sql[];

static const struct table parts = {.schema = "spare", .name = "parts"};

#define HINT                                                                                       \
    "Name TimeL-E's database with -d, or let --create-schema create what is missing in this one."

/* What the server has, and what is said of it; @ stands for the database. */
static const struct {
    const char *values[3];
    const char *before, *after; /* the message, around the database's name */
    const char *detail;
} missing[] = {
    {{"", "", "0"}, "there is no table spare.parts in ", "", "The database has no tables."},
    {{"", "public.parts", "1"},
     "there is no table spare.parts in ",
     "",
     "The database has these tables: public.parts."},
    {{"", "a.b, a.c, a.d, a.e, a.f", "5"},
     "there is no table spare.parts in ",
     "",
     "The database has these tables: a.b, a.c, a.d, a.e, a.f."},
    {{"", "a.b, a.c, a.d, a.e, a.f", "17"},
     "there is no table spare.parts in ",
     "",
     "The database has these tables, and 12 more: a.b, a.c, a.d, a.e, a.f."},
    {{"a view", "", "0"},
     "spare.parts in ",
     " is a view, and no table",
     "The database has no tables."},
};

START_TEST(says_what_is_there)
{
    const struct scripted_result answer = {
        .status = PGRES_TUPLES_OK, .columns = 3, .rows = 1, .values = missing[_i].values};
    const struct scripted_call calls[SCRIPT_LENGTH] = {
        {ASKS(tables_present_sql, " [spare] [parts]", answer)}};
    struct connection *connection = script_open(calls);
    struct error error = {0};
    char message[ERROR_TEXT_SIZE];

    ck_assert(!missing_table_refuse(connection, &parts, &error));
    (void)snprintf(message, sizeof message, "%s%s%s", missing[_i].before,
                   connection_name(connection), missing[_i].after);
    ck_assert_str_eq(error.message, message);
    ck_assert_str_eq(error.detail, missing[_i].detail);
    /* --create-schema cannot make a table where something else has its name. */
    ck_assert_str_eq(error.hint,
                     missing[_i].values[0][0] == '\0' ? HINT : "Name TimeL-E's database with -d.");
    ck_assert_int_eq(error.kind, ERROR_DATABASE);
    script_close(connection);
}
END_TEST

START_TEST(passes_on_what_the_server_refuses)
{
    static const struct scripted_result refused = {
        .status = PGRES_FATAL_ERROR, .severity = "ERROR", .state = "42501", .message = "no"};
    static const struct scripted_call calls[SCRIPT_LENGTH] = {
        {ASKS(tables_present_sql, " [spare] [parts]", refused)}};
    struct connection *connection = script_open(calls);
    struct error error = {0};

    ck_assert(!missing_table_refuse(connection, &parts, &error));
    ck_assert_ptr_nonnull(strstr(error.message, "no"));
    ck_assert_str_eq(error.state, "42501");
    script_close(connection);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("missing_table");
    TCase *tests = tcase_create("missing");

    tcase_add_loop_test(tests, says_what_is_there, 0, TABLE_ROWS(missing));
    tcase_add_test(tests, passes_on_what_the_server_refuses);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
