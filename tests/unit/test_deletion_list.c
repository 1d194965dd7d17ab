#include "schema/deletion_list.h"

#include "scripted_libpq.h"
#include "stock_tables.h"
#include "suite.h"

#include <string.h>

static const struct scripted_result copying = {.status = PGRES_COPY_IN};
static const struct scripted_result three = {.status = PGRES_COMMAND_OK, .rows_changed = "3"};
static const struct scripted_result one = {.status = PGRES_COMMAND_OK, .rows_changed = "1"};
static const struct scripted_result refused = {
    .status = PGRES_FATAL_ERROR, .severity = "ERROR", .message = "no"};

#define CREATE_LIST                                                                                \
    "CREATE TEMPORARY TABLE timele_load_gone_things ON COMMIT DROP AS SELECT \"id\" "              \
    "FROM \"stock\".\"things\" WITH NO DATA"
#define CREATE_PARENTS                                                                             \
    "CREATE TEMPORARY TABLE timele_load_parent_parts ON COMMIT DROP AS SELECT \"thing_id\" "       \
    "FROM \"stock\".\"parts\" WITH NO DATA"

#define SENDS_ONE_ID(sql)                                                                          \
    SENDS(sql)                                                                                     \
    }                                                                                              \
    , {GIVES(copying)}, {PUT_COPY_DATA, .returns = 1}, {PUT_COPY_END, .returns = 1}, {GIVES(one)}, \
    {                                                                                              \
        GIVES_NO_MORE

static const struct {
    bool (*open)(struct connection *connection, const struct table *table, struct copy_in **copy,
                 struct error *error);
    const struct table *table;
    struct scripted_call calls[SCRIPT_LENGTH];
} opened[] = {
    {deletion_list_open_ids,
     &things,
     {{EXECUTES(CREATE_LIST)},
      {SENDS_ONE_ID("COPY pg_temp.timele_load_gone_things FROM STDIN (FORMAT binary)")}}},
    {deletion_list_open_parents,
     &parts,
     {{EXECUTES(CREATE_PARENTS)},
      {SENDS_ONE_ID("COPY pg_temp.timele_load_parent_parts FROM STDIN (FORMAT binary)")}}},
};

START_TEST(ids_are_sent_into_a_table_of_their_own)
{
    struct connection *connection = script_open(opened[_i].calls);
    struct error error = {0};
    struct copy_in *copy;

    ck_assert_msg(opened[_i].open(connection, opened[_i].table, &copy, &error), "%s",
                  error.message);
    copy_in_row(copy, 1);
    copy_in_bigint(copy, 7);
    ck_assert(copy_in_row_end(copy, &error));
    ck_assert_msg(copy_in_end(copy, &error), "%s", error.message);
    script_close(connection);
}
END_TEST

#define LIST_PARTS                                                                                 \
    "CREATE TEMPORARY TABLE timele_load_gone_parts ON COMMIT DROP AS SELECT t.\"thing_id\", "      \
    "t.\"number\" FROM \"stock\".\"parts\" t"
#define OF_PARENTS " JOIN pg_temp.timele_load_parent_parts p ON p.\"thing_id\" = t.\"thing_id\""
#define NOT_STAGED                                                                                 \
    " WHERE NOT EXISTS (SELECT 1 FROM pg_temp.timele_load_parts s "                                \
    "WHERE s.\"thing_id\" = t.\"thing_id\" AND s.\"number\" = t.\"number\")"
#define ANALYZE_PARENTS "ANALYZE pg_temp.timele_load_parent_parts"

START_TEST(lists_what_the_stage_does_not_have_of_the_parents)
{
    static const struct scripted_call calls[SCRIPT_LENGTH] = {
        {EXECUTES(ANALYZE_PARENTS)}, {ANSWERS(LIST_PARTS OF_PARENTS NOT_STAGED, three)}};
    struct connection *connection = script_open(calls);
    struct error error = {0};
    uint64_t count = 0;

    ck_assert_msg(deletion_list_of_parents(connection, &parts, &count, &error), "%s",
                  error.message);
    ck_assert_uint_eq(count, 3);
    script_close(connection);
}
END_TEST

START_TEST(a_refused_list_is_empty)
{
    static const struct scripted_call calls[SCRIPT_LENGTH] = {
        {EXECUTES(ANALYZE_PARENTS)},
        {ANSWERS(LIST_PARTS OF_PARENTS NOT_STAGED, refused)},
        {ANSWERS(ANALYZE_PARENTS, refused)},
        {ANSWERS(CREATE_LIST, refused)},
    };
    struct connection *connection = script_open(calls);
    struct error error = {0};
    struct copy_in *copy;
    uint64_t count = 7;

    ck_assert(!deletion_list_of_parents(connection, &parts, &count, &error));
    ck_assert_str_eq(error.message, "no");
    ck_assert_uint_eq(count, 0);
    count = 7;
    ck_assert(!deletion_list_of_parents(connection, &parts, &count, &error));
    ck_assert_uint_eq(count, 0);
    ck_assert(!deletion_list_open_ids(connection, &things, &copy, &error));
    script_close(connection);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("deletion_list");
    TCase *tests = tcase_create("statements");

    tcase_add_loop_test(tests, ids_are_sent_into_a_table_of_their_own, 0, TABLE_ROWS(opened));
    tcase_add_test(tests, lists_what_the_stage_does_not_have_of_the_parents);
    tcase_add_test(tests, a_refused_list_is_empty);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
