#include "schema/shard_statistics.h"

#include "pg/distribution.h"
#include "scripted_libpq.h"
#include "suite.h"

extern const char shard_statistics_sql[];

/* The nodes need not answer in the order of the tables. */
static const char *const values[] = {"2", "100000", "4200", "1", "80", "0"};
static const struct scripted_result answer = {
    .status = PGRES_TUPLES_OK, .columns = 3, .rows = 2, .values = values};
static const struct scripted_result refused = {
    .status = PGRES_FATAL_ERROR, .severity = "ERROR", .state = "42501", .message = "no"};

#define ASKS_NODES(result)                                                                         \
    ASKS(shard_statistics_sql,                                                                     \
         " [{\"users\",\"orders\",\"products\"}] [{\"users\",\"order_items\",\"aisles\"}]",        \
         result)

/* The connection is to be closed when the statistics are freed. */
static struct connection *ask(const struct scripted_call calls[static SCRIPT_LENGTH],
                              bool distributed, struct shard_statistics *statistics,
                              struct error *error)
{
    const struct table *const tables[] = {table_get(TABLE_USERS), table_get(TABLE_ORDER_ITEMS),
                                          table_get(TABLE_AISLES)};
    struct connection *connection = script_open(calls);

    if (distributed) {
        connection_distribution(connection)->kinds[TABLE_USERS] = DISTRIBUTION_REFERENCE;
        connection_distribution(connection)->kinds[TABLE_ORDER_ITEMS] = DISTRIBUTION_HASH;
    }
    ck_assert_int_eq(
        shard_statistics_ask(statistics, tables, TABLE_ROWS(tables), connection, error),
        error->kind == ERROR_NONE);
    return connection;
}

START_TEST(asks_nothing_where_nothing_is_distributed)
{
    static const struct scripted_call calls[SCRIPT_LENGTH] = {{.function = SCRIPT_END}};
    struct shard_statistics statistics;
    struct catalog_table table = {.rows = 7, .changes_until_analyze = 3};
    struct error error = {0};
    struct connection *connection;

    connection = ask(calls, false, &statistics, &error);
    ck_assert_msg(error.kind == ERROR_NONE, "%s", error.message);
    shard_statistics_take(&statistics, 1, &table);
    ck_assert_uint_eq(table.rows, 7);
    ck_assert_uint_eq(table.changes_until_analyze, 3);
    shard_statistics_free(&statistics);
    script_close(connection);
}
END_TEST

/* The third table is not distributed. */
static const struct {
    uint64_t rows, changes;
} known[] = {{80, 0}, {100000, 4200}, {7, 3}};

START_TEST(takes_what_the_nodes_know)
{
    static const struct scripted_call calls[SCRIPT_LENGTH] = {{ASKS_NODES(answer)}};
    struct shard_statistics statistics;
    struct catalog_table table = {.rows = 7, .changes_until_analyze = 3};
    struct error error = {0};
    struct connection *connection;

    connection = ask(calls, true, &statistics, &error);
    ck_assert_msg(error.kind == ERROR_NONE, "%s", error.message);
    shard_statistics_take(&statistics, (size_t)_i, &table);
    ck_assert_uint_eq(table.rows, known[_i].rows);
    ck_assert_uint_eq(table.changes_until_analyze, known[_i].changes);
    shard_statistics_free(&statistics);
    script_close(connection);
}
END_TEST

START_TEST(a_refused_question_is_an_error)
{
    static const struct scripted_call calls[SCRIPT_LENGTH] = {{ASKS_NODES(refused)}};
    struct shard_statistics statistics;
    struct error error = {0};
    struct connection *connection;

    connection = ask(calls, true, &statistics, &error);
    ck_assert_str_eq(error.message, "no");
    shard_statistics_free(&statistics);
    script_close(connection);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("shard statistics");
    TCase *tests = tcase_create("shard statistics");

    tcase_add_test(tests, asks_nothing_where_nothing_is_distributed);
    tcase_add_loop_test(tests, takes_what_the_nodes_know, 0, TABLE_ROWS(known));
    tcase_add_test(tests, a_refused_question_is_an_error);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
