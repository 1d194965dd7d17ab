#include "pg/statement.h"
#include "scripted_libpq.h"
#include "suite.h"

static const struct scripted_call nothing[SCRIPT_LENGTH] = {{.function = SCRIPT_END}};

static void expect_qualified(struct connection *connection, const char *expected)
{
    struct statement statement;
    struct error error = {0};

    ck_assert(statement_open(&statement, connection, &error));
    statement_qualified(&statement, "orders", "order_items");
    ck_assert_pstr_eq(statement_text(&statement, &error), expected);
    statement_free(&statement);
}

START_TEST(a_qualified_name_has_the_connections_prefix)
{
    struct connection *connection = script_open(nothing);

    ck_assert_str_eq(connection_schema_prefix(connection), "");
    expect_qualified(connection, "\"orders\".\"order_items\"");
    connection_prefix_schemas(connection, "building_");
    ck_assert_str_eq(connection_schema_prefix(connection), "building_");
    expect_qualified(connection, "\"building_orders\".\"order_items\"");
    connection_prefix_schemas(connection, "");
    expect_qualified(connection, "\"orders\".\"order_items\"");
    script_close(connection);
}
END_TEST

START_TEST(an_identifier_has_no_prefix)
{
    struct connection *connection = script_open(nothing);
    struct statement statement;
    struct error error = {0};

    connection_prefix_schemas(connection, "building_");
    ck_assert(statement_open(&statement, connection, &error));
    statement_identifier(&statement, "orders");
    ck_assert_pstr_eq(statement_text(&statement, &error), "\"orders\"");
    statement_free(&statement);
    script_close(connection);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("statement");
    TCase *tests = tcase_create("names");

    tcase_add_test(tests, a_qualified_name_has_the_connections_prefix);
    tcase_add_test(tests, an_identifier_has_no_prefix);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
