#include "pg/distribution.h"
#include "scripted_libpq.h"
#include "suite.h"

#include <string.h>

extern const char distributed_tables_sql[], transaction_settings_again_sql[];

#define ASK_CITUS "SELECT pg_catalog.to_regclass('pg_catalog.pg_dist_partition') IS NOT NULL"
#define ASK_GROUP                                                                                  \
    "SELECT groupid = 0, (SELECT min(nodename || ':' || nodeport) FROM pg_dist_node "              \
    "WHERE groupid = 0) FROM pg_dist_local_group"
#define ASK_TABLE "SELECT to_regclass(format('%I.%I', $1::name, $2::name)) IS NOT NULL"

static const struct scripted_result yes = {
    .status = PGRES_TUPLES_OK, .columns = 1, .rows = 1, .value = "t"};
static const struct scripted_result no = {
    .status = PGRES_TUPLES_OK, .columns = 1, .rows = 1, .value = "f"};
static const struct scripted_result none = {.status = PGRES_TUPLES_OK, .columns = 5};
static const char *const coordinator_values[] = {"t", "db0:5432"};
static const struct scripted_result coordinator = {
    .status = PGRES_TUPLES_OK, .columns = 2, .rows = 1, .values = coordinator_values};

static void find(const struct scripted_call calls[static SCRIPT_LENGTH], bool refused,
                 struct error *error)
{
    struct connection *connection = script_open(calls);

    ck_assert_int_eq(distribution_find(connection, error), !refused);
    script_close(connection);
}

START_TEST(asks_a_server_without_citus_nothing_more)
{
    static const struct scripted_call calls[SCRIPT_LENGTH] = {{ASKS(ASK_CITUS, NULL, no)}};
    struct error error = {0};

    find(calls, false, &error);
    ck_assert_int_eq(error.kind, ERROR_NONE);
}
END_TEST

/* Only Citus is there: no setting is changed. */
START_TEST(sets_nothing_where_nothing_is_distributed)
{
    static const struct scripted_call calls[SCRIPT_LENGTH] = {
        {ASKS(ASK_CITUS, NULL, yes)},
        {ASKS(ASK_GROUP, NULL, coordinator)},
        {ASKS(distributed_tables_sql, NULL, none)}};
    struct error error = {0};

    find(calls, false, &error);
    ck_assert_int_eq(error.kind, ERROR_NONE);
}
END_TEST

static const struct {
    const char *const values[2];
    const char *hint;
} workers[] = {{{"f", "db0:5432"}, "Connect to the coordinator, db0:5432."},
               {{"f", NULL}, "Connect to the coordinator of the cluster."}};

START_TEST(refuses_a_worker_and_names_the_coordinator)
{
    const struct scripted_result worker = {
        .status = PGRES_TUPLES_OK, .columns = 2, .rows = 1, .values = workers[_i].values};
    const struct scripted_call calls[SCRIPT_LENGTH] = {{ASKS(ASK_CITUS, NULL, yes)},
                                                       {ASKS(ASK_GROUP, NULL, worker)}};
    struct error error = {0};

    find(calls, true, &error);
    ck_assert_int_eq(error.kind, ERROR_DATABASE);
    ck_assert_ptr_nonnull(strstr(error.message, " is a worker node of Citus: each run goes through "
                                                "the coordinator"));
    ck_assert_str_eq(error.hint, workers[_i].hint);
}
END_TEST

#define LAYOUT_HINT "contrib/citus.sql distributes TimeL-E's tables as this program needs them."

/* The catalog's rows of two tables, the second "" where there is one. */
static const struct {
    const char *const values[10];
    const char *message, *hint;
} layouts[] = {
    {{"orders", "orders", "hash", "user_id", "2", "", "", "", "", ""},
     "orders.orders is distributed by its column user_id, and cannot be loaded into",
     LAYOUT_HINT},
    {{"orders", "order_items", "by append", "order_id", "2", "", "", "", "", ""},
     "orders.order_items is distributed by append, and cannot be loaded into",
     LAYOUT_HINT},
    {{"orders", "order_items", "as one shard", NULL, "2", "", "", "", "", ""},
     "orders.order_items is distributed as one shard, and cannot be loaded into",
     LAYOUT_HINT},
    /* Its rows are known by two columns. */
    {{"orders", "order_items", "as a reference table", NULL, "2", "", "", "", "", ""},
     "orders.order_items is distributed as a reference table, and cannot be loaded into",
     LAYOUT_HINT},
    {{"users", "users", "as a local table", NULL, "0", "", "", "", "", ""},
     "users.users is distributed as a local table, and cannot be loaded into",
     "SELECT undistribute_table('users.users', cascade_via_foreign_keys => true) makes an ordinary "
     "table of it."},
    {{"orders", "orders", "hash", "id", "2", "orders", "order_items", "hash", "order_id", "3"},
     "the rows of orders.order_items do not lie with those of orders.orders: nothing can be loaded",
     LAYOUT_HINT},
};

START_TEST(refuses_other_layouts)
{
    const struct scripted_result tables = {.status = PGRES_TUPLES_OK,
                                           .columns = 5,
                                           .rows = layouts[_i].values[5][0] != '\0' ? 2 : 1,
                                           .values = layouts[_i].values};
    const struct scripted_call calls[SCRIPT_LENGTH] = {
        {ASKS(ASK_CITUS, NULL, yes)},
        {ASKS(ASK_GROUP, NULL, coordinator)},
        {ASKS(distributed_tables_sql, NULL, tables)}};
    struct error error = {0};

    find(calls, true, &error);
    ck_assert_int_eq(error.kind, ERROR_DATABASE);
    ck_assert_str_eq(error.message, layouts[_i].message);
    ck_assert_str_eq(error.hint, layouts[_i].hint);
}
END_TEST

/* A table of the name in another schema is none of TimeL-E's; a cart is in no file. */
static const char *const others[] = {"shop",   "orders", "by range",         "day", "9",
                                     "orders", "carts",  "as a local table", NULL,  "0"};
static const struct scripted_result other_tables = {
    .status = PGRES_TUPLES_OK, .columns = 5, .rows = 2, .values = others};

START_TEST(leaves_other_tables_alone)
{
    static const struct scripted_call calls[SCRIPT_LENGTH] = {
        {ASKS(ASK_CITUS, NULL, yes)},
        {ASKS(ASK_GROUP, NULL, coordinator)},
        {ASKS(distributed_tables_sql, NULL, other_tables)}};
    struct error error = {0};

    find(calls, false, &error);
    ck_assert_int_eq(error.kind, ERROR_NONE);
}
END_TEST

/* The departments are not there, the aisles are, and are not distributed. */
static const char *const users_values[] = {"users", "users", "as a reference table", NULL, "1"};
static const struct scripted_result users_alone = {
    .status = PGRES_TUPLES_OK, .columns = 5, .rows = 1, .values = users_values};

START_TEST(refuses_a_table_that_was_left_behind)
{
    static const struct scripted_call calls[SCRIPT_LENGTH] = {
        {ASKS(ASK_CITUS, NULL, yes)},
        {ASKS(ASK_GROUP, NULL, coordinator)},
        {ASKS(distributed_tables_sql, NULL, users_alone)},
        {ASKS(ASK_TABLE, " [products] [departments]", no)},
        {ASKS(ASK_TABLE, " [products] [aisles]", yes)}};
    struct error error = {0};

    find(calls, true, &error);
    ck_assert_str_eq(
        error.message,
        "products.aisles is not distributed, and other tables are: nothing can be loaded");
    ck_assert_str_eq(error.hint, LAYOUT_HINT);
}
END_TEST

/* All tables as contrib/citus.sql lays them out. */
static const char *const laid_out[] = {"users",
                                       "users",
                                       "as a reference table",
                                       NULL,
                                       "1", /**/
                                       "products",
                                       "departments",
                                       "as a reference table",
                                       NULL,
                                       "1", /**/
                                       "products",
                                       "aisles",
                                       "as a reference table",
                                       NULL,
                                       "1", /**/
                                       "products",
                                       "products",
                                       "as a reference table",
                                       NULL,
                                       "1", /**/
                                       "products",
                                       "product_enriched",
                                       "as a reference table",
                                       NULL,
                                       "1", /**/
                                       "orders",
                                       "orders",
                                       "hash",
                                       "id",
                                       "2", /**/
                                       "orders",
                                       "order_items",
                                       "hash",
                                       "order_id",
                                       "2", /**/
                                       "orders",
                                       "order_status_history",
                                       "hash",
                                       "order_id",
                                       "2", /**/
                                       "orders",
                                       "carts",
                                       "hash",
                                       "id",
                                       "3", /**/
                                       "orders",
                                       "cart_items",
                                       "hash",
                                       "cart_id",
                                       "3"};
static const struct scripted_result ours = {
    .status = PGRES_TUPLES_OK, .columns = 5, .rows = 10, .values = laid_out};
static const char *const setting_values[] = {"SET LOCAL lock_timeout = '7s'",
                                             "SET LOCAL jit = 'off'"};
static const struct scripted_result settings = {
    .status = PGRES_TUPLES_OK, .columns = 1, .rows = 2, .values = setting_values};
static const struct scripted_result refused = {
    .status = PGRES_FATAL_ERROR, .severity = "ERROR", .message = "no"};

#define FINDS(answer)                                                                              \
    {ASKS(ASK_CITUS, NULL, yes)}, {ASKS(ASK_GROUP, NULL, coordinator)},                            \
    {                                                                                              \
        ASKS(distributed_tables_sql, NULL, answer)                                                 \
    }
#define SETS_FIRST                                                                                 \
    {EXECUTES("SET LOCAL citus.multi_shard_modify_mode = 'sequential'")},                          \
        {EXECUTES("SET LOCAL citus.enable_local_execution = off")},                                \
        {EXECUTES("SET LOCAL citus.propagate_set_commands = 'local'")},                            \
        {EXECUTES("SET LOCAL citus.enable_ddl_propagation = on")},                                 \
        {EXECUTES("SET LOCAL plan_cache_mode = auto")},                                            \
    {                                                                                              \
        ASKS(transaction_settings_again_sql, NULL, settings)                                       \
    }

/* Settings go one by one: Citus sends the message that has one to the other nodes. The limits come
 * after the setting that passes them on. */
START_TEST(tells_how_each_table_lies_until_it_lies_otherwise)
{
    static const struct scripted_call calls[SCRIPT_LENGTH] = {
        FINDS(ours),
        SETS_FIRST,
        {EXECUTES("SET LOCAL lock_timeout = '7s'")},
        {EXECUTES("SET LOCAL jit = 'off'")},
        FINDS(none)};
    struct connection *connection = script_open(calls);
    struct error error = {0};

    ck_assert(distribution_find(connection, &error));
    ck_assert(distribution_is_any(connection));
    ck_assert_int_eq(distribution_of(connection, table_get(TABLE_USERS)), DISTRIBUTION_REFERENCE);
    ck_assert_int_eq(distribution_of(connection, table_get(TABLE_ORDER_ITEMS)), DISTRIBUTION_HASH);
    /* --reset drops the tables, and those that are made anew are not distributed. */
    ck_assert(distribution_find(connection, &error));
    ck_assert(!distribution_is_any(connection));
    ck_assert_int_eq(distribution_of(connection, table_get(TABLE_USERS)), DISTRIBUTION_LOCAL);
    script_close(connection);
}
END_TEST

START_TEST(fails_when_a_limit_is_refused)
{
    static const struct scripted_call calls[SCRIPT_LENGTH] = {
        FINDS(ours), SETS_FIRST, {ANSWERS("SET LOCAL lock_timeout = '7s'", refused)}};
    struct error error = {0};

    find(calls, true, &error);
    ck_assert_str_eq(error.message, "no");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("distribution");
    TCase *tests = tcase_create("distribution");

    tcase_add_test(tests, asks_a_server_without_citus_nothing_more);
    tcase_add_test(tests, sets_nothing_where_nothing_is_distributed);
    tcase_add_loop_test(tests, refuses_a_worker_and_names_the_coordinator, 0, TABLE_ROWS(workers));
    tcase_add_loop_test(tests, refuses_other_layouts, 0, TABLE_ROWS(layouts));
    tcase_add_test(tests, leaves_other_tables_alone);
    tcase_add_test(tests, refuses_a_table_that_was_left_behind);
    tcase_add_test(tests, tells_how_each_table_lies_until_it_lies_otherwise);
    tcase_add_test(tests, fails_when_a_limit_is_refused);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
