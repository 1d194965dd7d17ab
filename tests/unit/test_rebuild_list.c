#include "schema/rebuild_list.h"
#include "scripted_libpq.h"
#include "suite.h"

static const struct table things = {.schema = "stock", .name = "things"};
static const struct table parts = {.schema = "stock", .name = "parts"};
static const struct table labels = {.schema = "shop", .name = "labels"};

#define QUESTION "SELECT 1"
static const struct scripted_result second = {
    .status = PGRES_TUPLES_OK, .columns = 1, .rows = 1, .value = "2"};

/* What stands in the array, for a prefix of the schemas. */
static const struct {
    const char *prefix;
    struct scripted_case script;
} lists[] = {
    {"",
     {"as they are",
      {{ASKS(QUESTION, " [{stock.things,shop.labels}]", second)}},
      FAILS(ERROR_NONE, "")}},
    {"building_",
     {"prefixed",
      {{ASKS(QUESTION, " [{building_stock.things,building_shop.labels}]", second)}},
      FAILS(ERROR_NONE, "")}},
};

START_TEST(lists_tables_that_nothing_stands_in_the_way_of)
{
    struct rebuild_table tables[] = {
        {.table = &things}, {.table = &parts, .obstacle = "a view"}, {.table = &labels}};
    struct connection *connection = script_open_case(&lists[_i].script);
    struct rebuild_list list;
    struct error error = {0};
    PGresult *rows = NULL;

    connection_prefix_schemas(connection, lists[_i].prefix);
    ck_assert(rebuild_list_open(&list, tables, 3, connection, &error));
    ck_assert_uint_eq(list.count, 2);
    ck_assert_msg(rebuild_list_query(&list, QUESTION, 1, &rows, &error), "%s", error.message);
    ck_assert_ptr_eq(rebuild_list_table(&list, rows, 0, 0), &tables[2]);
    PQclear(rows);
    rebuild_list_free(&list);
    script_close(connection);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("rebuild list");
    TCase *tests = tcase_create("list");

    tcase_add_loop_test(tests, lists_tables_that_nothing_stands_in_the_way_of, 0,
                        TABLE_ROWS(lists));
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
