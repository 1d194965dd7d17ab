#include "schema/catalog_reading.h"

#include "pg/distribution.h"
#include "scripted_libpq.h"
#include "suite.h"

#include <stdio.h>
#include <string.h>

extern const char table_obstacles_sql[], columns_of_tables_sql[], table_state_sql[];
extern const char hidden_table_sql[], rules_in_the_way_sql[], tables_present_sql[];

#define NAMES " [{\"stock\",\"spare\"}] [{\"things\",\"parts\"}]"
#define ENUM                                                                                       \
    "[{\"" TABLE_ENUM_SCHEMA "\",\"" TABLE_ENUM_SCHEMA "\"}] "                                     \
    "[{\"" TABLE_ENUM_NAME "\",\"" TABLE_ENUM_NAME "\"}]"
#define USAGE                                                                                      \
    "SELECT 1 FROM pg_namespace WHERE nspname = $1 AND NOT has_schema_privilege(oid, 'USAGE')"
#define ALLOWED                                                                                    \
    "SELECT p FROM unnest(string_to_array($3, ',')) p "                                            \
    "WHERE NOT has_table_privilege(format('%I.%I', $1::text, $2::text), p)"

#define OBSTACLES(answer)                                                                          \
    ASKS(table_obstacles_sql, NAMES " [{\"SELECT,INSERT\",\"SELECT\"}]", answer)
#define COLUMNS(answer) ASKS(columns_of_tables_sql, NAMES " " ENUM, answer)

static const struct column thing_columns[] = {{.name = "thing", .type = COLUMN_BIGINT}};
static const struct column part_columns[] = {{.name = "part", .type = COLUMN_BIGINT},
                                             {.name = "name", .type = COLUMN_TEXT}};
static const struct table things = {
    .schema = "stock", .name = "things", .columns = thing_columns, .column_count = 1};
static const struct table parts = {
    .schema = "spare", .name = "parts", .columns = part_columns, .column_count = 2};
static const struct catalog_request requests[] = {{.table = &things, .access = ACCESS_INSERT},
                                                  {.table = &parts}};

static const char *const clear_values[] = {"2", "t", "f", "1", "t", "f"};
static const struct scripted_result clear = {
    .status = PGRES_TUPLES_OK, .columns = 3, .rows = 2, .values = clear_values};
static const char *const clear_one_values[] = {"1", "t", "f"};
static const struct scripted_result clear_one = {
    .status = PGRES_TUPLES_OK, .columns = 3, .rows = 1, .values = clear_one_values};
static const char *const first_values[] = {"2", "t", "f", "1", "t", "t"};
static const struct scripted_result first_obstructed = {
    .status = PGRES_TUPLES_OK, .columns = 3, .rows = 2, .values = first_values};
static const char *const absent_values[] = {"1", "t", "f", "2", "f", "t"};
static const struct scripted_result second_absent = {
    .status = PGRES_TUPLES_OK, .columns = 3, .rows = 2, .values = absent_values};

static const char *const column_values[] = {
    "1",  "thing",  "20", "bigint", "0", "t", "f", "t", "7", "f",    "2",    "part",
    "20", "bigint", "0",  "t",      "t", "f", "",  "f", "2", "name", "1043", "character varying",
    "80", "f",      "f",  "t",      "",  "t"};
static const struct scripted_result columns = {
    .status = PGRES_TUPLES_OK, .columns = 10, .rows = 3, .values = column_values};
static const struct scripted_result columns_of_first = {
    .status = PGRES_TUPLES_OK, .columns = 10, .rows = 1, .values = column_values};

static const char *const state_values[] = {"t", "120", "50", "t", "f"};
static const struct scripted_result state = {
    .status = PGRES_TUPLES_OK, .columns = 5, .rows = 1, .values = state_values};

static const char *const present_values[] = {"", "", "0"};
static const struct scripted_result present = {
    .status = PGRES_TUPLES_OK, .columns = 3, .rows = 1, .values = present_values};
static const struct scripted_result none = {.status = PGRES_TUPLES_OK, .columns = 1};
static const struct scripted_result not_hidden = {.status = PGRES_TUPLES_OK, .columns = 2};
static const char *const insert_value[] = {"INSERT"};
static const struct scripted_result no_insert = {
    .status = PGRES_TUPLES_OK, .columns = 1, .rows = 1, .values = insert_value};
static const struct scripted_result no_usage = {
    .status = PGRES_TUPLES_OK, .columns = 1, .rows = 1, .value = "1"};
static const char *const rule_values[] = {"r", "INSERT", "instead of"};
static const struct scripted_result rule = {
    .status = PGRES_TUPLES_OK, .columns = 3, .rows = 1, .values = rule_values};
static const struct scripted_result refused = {
    .status = PGRES_FATAL_ERROR, .severity = "ERROR", .state = "42501", .message = "no"};

static struct connection *open_reading(const struct scripted_call calls[static SCRIPT_LENGTH],
                                       struct catalog_reading *reading)
{
    struct connection *connection = script_open(calls);
    struct error error = {0};

    ck_assert_msg(catalog_reading_start(reading, requests, 2, connection, &error), "%s",
                  error.message);
    return connection;
}

/* The text of the question about a table's state; its SQL is another file's. */
static char *state_of(const char *table)
{
    static char text[8192];

    (void)snprintf(text, sizeof text,
                   "SELECT state.*, NOT EXISTS (SELECT 1 FROM %s) FROM (%s) state", table,
                   table_state_sql);
    return text;
}

START_TEST(asks_of_each_table_its_state_alone)
{
    const struct scripted_call calls[SCRIPT_LENGTH] = {
        {OBSTACLES(clear)},
        {COLUMNS(columns)},
        {ASKS(state_of("\"spare\".\"parts\""), " [spare] [parts]", state)}};
    struct catalog_reading reading;
    struct connection *connection = open_reading(calls, &reading);
    struct catalog_table found;
    struct error error = {0};

    ck_assert(catalog_reading_exists(&reading, 1));
    ck_assert_msg(catalog_reading_take(&reading, 1, &found, &error), "%s", error.message);
    ck_assert(found.read);
    ck_assert(!found.empty);
    ck_assert(found.analyzable);
    ck_assert(found.partitioned);
    ck_assert_uint_eq(found.rows, 120);
    ck_assert_uint_eq(found.changes_until_analyze, 50);
    ck_assert(found.columns[0].present && found.columns[0].not_null);
    ck_assert(found.columns[1].present && !found.columns[1].not_null);
    ck_assert_uint_eq(found.columns[1].length, 80);
    catalog_reading_free(&reading);
    script_close(connection);
}
END_TEST

/* Takes the first table, which fails as the row says. */
static void expect_refusal(const struct scripted_case *row)
{
    struct catalog_reading reading;
    struct connection *connection = open_reading(row->calls, &reading);
    struct catalog_table found;
    struct error error = {0};

    ck_assert(!catalog_reading_take(&reading, 0, &found, &error));
    script_expect_error(row, &error);
    catalog_reading_free(&reading);
    script_close(connection);
}

static const struct scripted_case refusals[] = {
    {"no usage",
     {{OBSTACLES(first_obstructed)}, {COLUMNS(columns)}, {ASKS(USAGE, " [stock]", no_usage)}},
     FAILS(ERROR_DATABASE, "no USAGE privilege on schema stock")},
    {"no privilege",
     {{OBSTACLES(first_obstructed)},
      {COLUMNS(columns)},
      {ASKS(USAGE, " [stock]", none)},
      {ASKS(ALLOWED, " [stock] [things] [SELECT,INSERT]", no_insert)}},
     FAILS(ERROR_DATABASE, "no INSERT privilege on stock.things")},
    {"a rule",
     {{OBSTACLES(first_obstructed)},
      {COLUMNS(columns)},
      {ASKS(USAGE, " [stock]", none)},
      {ASKS(ALLOWED, " [stock] [things] [SELECT,INSERT]", none)},
      {ASKS(hidden_table_sql, " [stock] [things]", not_hidden)},
      {ASKS(rules_in_the_way_sql, " [stock] [things] [{3,0}]", rule)}},
     ERROR_DATABASE,
     "rule r of stock.things does something else instead of INSERT",
     NULL,
     "COPY ignores rules, and no row must go elsewhere: disable the rule for the load, or make it "
     "a trigger."},
};

START_TEST(asks_what_is_in_the_way)
{
    expect_refusal(&refusals[_i]);
}
END_TEST

START_TEST(a_missing_table_is_told)
{
    static const struct scripted_call calls[SCRIPT_LENGTH] = {
        {OBSTACLES(second_absent)},
        {COLUMNS(columns_of_first)},
        {ASKS(USAGE, " [spare]", none)},
        {ASKS(tables_present_sql, " [spare] [parts]", present)}};
    struct catalog_reading reading;
    struct connection *connection = open_reading(calls, &reading);
    struct catalog_table found;
    struct error error = {0};

    ck_assert(catalog_reading_exists(&reading, 0));
    ck_assert(!catalog_reading_exists(&reading, 1));
    ck_assert(!catalog_reading_take(&reading, 1, &found, &error));
    ck_assert_int_eq(error.kind, ERROR_DATABASE);
    ck_assert_msg(strncmp(error.message, "there is no table spare.parts in ", 33) == 0, "%s",
                  error.message);
    catalog_reading_free(&reading);
    script_close(connection);
}
END_TEST

START_TEST(a_refused_question_is_an_error)
{
    static const struct scripted_call calls[SCRIPT_LENGTH] = {{OBSTACLES(clear)},
                                                              {COLUMNS(refused)}};
    struct connection *connection = script_open(calls);
    struct catalog_reading reading;
    struct error error = {0};

    ck_assert(!catalog_reading_start(&reading, requests, 2, connection, &error));
    ck_assert_str_eq(error.message, "no");
    catalog_reading_free(&reading);
    script_close(connection);
}
END_TEST

START_TEST(no_tables_need_no_question)
{
    static const struct scripted_call calls[SCRIPT_LENGTH] = {{.function = SCRIPT_END}};
    struct connection *connection = script_open(calls);
    struct catalog_reading reading;
    struct error error = {0};

    ck_assert(catalog_reading_start(&reading, requests, 0, connection, &error));
    catalog_reading_free(&reading);
    script_close(connection);
}
END_TEST

static const char *const aisle_values[] = {
    "1", "aisle_id", "23",   "integer",           "0", "t", "f", "t", "",  "f",
    "1", "aisle",    "1043", "character varying", "0", "t", "f", "f", "",  "f",
    "1", "inferred", "16",   "boolean",           "0", "t", "f", "t", "f", "f"};
static const struct scripted_result aisle_columns = {
    .status = PGRES_TUPLES_OK, .columns = 10, .rows = 3, .values = aisle_values};
static const char *const distributed_values[] = {"t", "0", "0", "f", "t"};
static const struct scripted_result distributed_state = {
    .status = PGRES_TUPLES_OK, .columns = 5, .rows = 1, .values = distributed_values};
static const struct scripted_result filled = {
    .status = PGRES_TUPLES_OK, .columns = 1, .rows = 1, .value = "f"};

/* Its rows are on other nodes, where the functions of its state must not run. */
START_TEST(asks_apart_whether_a_distributed_table_is_empty)
{
    static char state_alone[8192];
    const struct scripted_call calls[SCRIPT_LENGTH] = {
        {ASKS(table_obstacles_sql, " [{\"products\"}] [{\"aisles\"}] [{\"SELECT\"}]", clear_one)},
        {ASKS(columns_of_tables_sql,
              " [{\"products\"}] [{\"aisles\"}] [{\"" TABLE_ENUM_SCHEMA "\"}] [{\"" TABLE_ENUM_NAME
              "\"}]",
              aisle_columns)},
        {ASKS(state_alone, " [products] [aisles]", distributed_state)},
        {ASKS("SELECT NOT EXISTS (SELECT 1 FROM \"products\".\"aisles\" LIMIT 1)", NULL, filled)}};
    struct catalog_table found;
    struct error error = {0};
    struct connection *connection;

    (void)snprintf(state_alone, sizeof state_alone, "SELECT state.*, true FROM (%s) state",
                   table_state_sql);
    connection = script_open(calls);
    connection_distribution(connection)->kinds[TABLE_AISLES] = DISTRIBUTION_REFERENCE;
    ck_assert_msg(catalog_read_table(connection, table_get(TABLE_AISLES), 0, &found, &error), "%s",
                  error.message);
    ck_assert(!found.empty);
    script_close(connection);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("catalog_reading");
    TCase *tests = tcase_create("catalog_reading");

    tcase_add_test(tests, asks_of_each_table_its_state_alone);
    tcase_add_loop_test(tests, asks_what_is_in_the_way, 0, sizeof refusals / sizeof *refusals);
    tcase_add_test(tests, a_missing_table_is_told);
    tcase_add_test(tests, a_refused_question_is_an_error);
    tcase_add_test(tests, no_tables_need_no_question);
    tcase_add_test(tests, asks_apart_whether_a_distributed_table_is_empty);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
