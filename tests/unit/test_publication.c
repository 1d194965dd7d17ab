#include "schema/publication.h"

#include "scripted_libpq.h"
#include "suite.h"

extern const char logical_replication_sql[], published_tables_sql[];

static const struct table things = {.schema = "stock", .name = "things"};
static const struct table parts = {.schema = "spare", .name = "parts"};
static const struct table *const tables[] = {&things, &parts};

static const char *const values[] = {"2",         "publication p", "no index",
                                     "no update", "no index for",  "no delete"};
static const struct scripted_result one_row = {
    .status = PGRES_TUPLES_OK, .columns = 6, .rows = 1, .values = values};
static const struct scripted_result refused = {
    .status = PGRES_FATAL_ERROR, .severity = "ERROR", .state = "42501", .message = "no"};

static const struct scripted_result replicated = {
    .status = PGRES_TUPLES_OK, .columns = 1, .rows = 1, .value = "t"};
static const struct scripted_result not_replicated = {
    .status = PGRES_TUPLES_OK, .columns = 1, .rows = 1, .value = "f"};

/* The second of two tables is published, and there is no first. */
START_TEST(finds_each_table_by_its_place)
{
    static const struct scripted_call calls[SCRIPT_LENGTH] = {
        {ASKS(logical_replication_sql, NULL, replicated)},
        {ASKS(published_tables_sql, " [{\"stock\",\"spare\"}] [{\"things\",\"parts\"}]", one_row)}};
    struct connection *connection = script_open(calls);
    struct publication publications[2] = {{.truncation = "?"}, {.truncation = "?"}};
    struct error error = {0};

    ck_assert_msg(publication_read(tables, 2, publications, connection, &error), "%s",
                  error.message);
    ck_assert_str_eq(publications[0].truncation, "");
    ck_assert_str_eq(publications[0].why_no_update_without_indexes, "");
    ck_assert_str_eq(publications[0].why_no_update, "");
    ck_assert_str_eq(publications[0].why_no_delete_without_indexes, "");
    ck_assert_str_eq(publications[0].why_no_delete, "");
    ck_assert_str_eq(publications[1].truncation, "publication p");
    ck_assert_str_eq(publications[1].why_no_update_without_indexes, "no index");
    ck_assert_str_eq(publications[1].why_no_update, "no update");
    ck_assert_str_eq(publications[1].why_no_delete_without_indexes, "no index for");
    ck_assert_str_eq(publications[1].why_no_delete, "no delete");
    script_close(connection);
}
END_TEST

START_TEST(asks_of_no_table_where_nothing_is_replicated)
{
    static const struct scripted_call calls[SCRIPT_LENGTH] = {
        {ASKS(logical_replication_sql, NULL, not_replicated)}};
    struct connection *connection = script_open(calls);
    struct publication publications[2] = {{.truncation = "?"}, {.why_no_delete = "?"}};
    struct error error = {0};

    ck_assert_msg(publication_read(tables, 2, publications, connection, &error), "%s",
                  error.message);
    ck_assert_str_eq(publications[0].truncation, "");
    ck_assert_str_eq(publications[1].why_no_delete, "");
    script_close(connection);
}
END_TEST

static const struct scripted_call refusals[][SCRIPT_LENGTH] = {
    {{ASKS(logical_replication_sql, NULL, refused)}},
    {{ASKS(logical_replication_sql, NULL, replicated)},
     {ASKS(published_tables_sql, " [{\"stock\"}] [{\"things\"}]", refused)}},
};

START_TEST(a_refused_question_is_an_error)
{
    struct connection *connection = script_open(refusals[_i]);
    struct publication publication;
    struct error error = {0};

    ck_assert(!publication_read(tables, 1, &publication, connection, &error));
    ck_assert_str_eq(error.message, "no");
    script_close(connection);
}
END_TEST

START_TEST(requires_that_nothing_is_in_the_way)
{
    struct error error = {0};

    ck_assert(publication_require("", &error));
    ck_assert_int_eq(error.kind, ERROR_NONE);
    ck_assert(!publication_require("it has no replica identity", &error));
    ck_assert_int_eq(error.kind, ERROR_DATABASE);
    ck_assert_str_eq(error.message, "it has no replica identity");
    ck_assert_str_ne(error.hint, "");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("publication");
    TCase *tests = tcase_create("publication");

    tcase_add_test(tests, finds_each_table_by_its_place);
    tcase_add_test(tests, asks_of_no_table_where_nothing_is_replicated);
    tcase_add_loop_test(tests, a_refused_question_is_an_error, 0, TABLE_ROWS(refusals));
    tcase_add_test(tests, requires_that_nothing_is_in_the_way);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
