#include "pg/server_product.h"
#include "scripted_libpq.h"
#include "suite.h"

#define ASK_VERSION "SELECT pg_catalog.version()"
#define ASK_SETTING "SELECT pg_catalog.current_setting($1, true)"
#define DDL_SETTING " [yb_ddl_transaction_block_enabled]"

#define NAME        "timele on /run/postgresql"
#define OLDEST_HINT "Use PostgreSQL 13 or later."
#define YUGABYTE_MESSAGE                                                                           \
    NAME " is YugabyteDB, which does not undo changes of the schema when a transaction fails: "    \
         "yb_ddl_transaction_block_enabled is off"
#define YUGABYTE_HINT                                                                              \
    "Start its tablet servers with ysql_yb_ddl_transaction_block_enabled, or use PostgreSQL 13 "   \
    "or later."

#define SAYS(text)                                                                                 \
    {                                                                                              \
        .status = PGRES_TUPLES_OK, .columns = 1, .rows = 1, .value = (text)                        \
    }

/* The texts are those of the products, as their users and their makers quote them. */
static const struct {
    const char *version;
    const char *is; /* what follows the connection's name */
} refused[] = {
    {"CockroachDB CCL v23.2.5 (x86_64-pc-linux-gnu, built 2024/05/01 12:00:00, go1.21.9)",
     " is CockroachDB, which does not undo changes of the schema when a transaction fails"},
    {"CockroachDB OSS v19.2.0 (x86_64-unknown-linux-gnu, built 2019/11/11 12:00:00, go1.12.12)",
     " is CockroachDB, which does not undo changes of the schema when a transaction fails"},
    {"PostgreSQL 9.4.26 (Greenplum Database 6.25.3 build commit:367edc6b) on "
     "x86_64-unknown-linux-gnu, compiled by gcc (GCC) 6.4.0, 64-bit",
     " is Greenplum, which does not enforce foreign keys"},
    {"PostgreSQL 12.12 (Greenplum Database 7.0.0 build commit:0a7a3566) on x86_64-pc-linux-gnu, "
     "compiled by gcc (GCC) 11.5.0, 64-bit",
     " is Greenplum, which does not enforce foreign keys"},
    {"PostgreSQL 9.4.26 (Greengage Database 6.27.0 build commit:0123456789abcdef) on "
     "x86_64-pc-linux-gnu, compiled by gcc-11, 64-bit",
     " is Greengage, which does not enforce foreign keys"},
    {"PostgreSQL 14.4 (Cloudberry Database 1.6.0 build 1) on x86_64-pc-linux-gnu, 64-bit",
     " is Cloudberry, which does not enforce foreign keys"},
    {"PostgreSQL 14.4 (Apache Cloudberry 2.0.0-incubating build 1) on aarch64-unknown-linux-gnu",
     " is Cloudberry, which does not enforce foreign keys"},
    {"PostgreSQL 8.0.2 on i686-pc-linux-gnu, compiled by GCC gcc (GCC) 3.4.2 20041017 (Red Hat "
     "3.4.2-6.fc3), Redshift 1.0.77467",
     " is Amazon Redshift, which enforces neither unique nor foreign keys"},
    {"PostgreSQL 13.14.0-RisingWave-2.3.2 (58c5893670f326f0922b9bc58c61c83cabeccaa8)",
     " is RisingWave, which has no transactions that write"},
    {"CrateDB 5.10.2 (built 3ad1a6e/2025-03-13T11:05:24Z, Linux 5.15 amd64, OpenJDK 64-Bit)",
     " is CrateDB, which has no transactions"},
    {"PostgreSQL 9.5.0 on x86_64-unknown-linux-gnu (Materialize v0.120.0)",
     " is Materialize, which has neither unique nor foreign keys"},
    {"PostgreSQL 12.3, compiled by Visual C++ build 1914, 64-bit, QuestDB",
     " is QuestDB, which has neither unique nor foreign keys"},
};

/* Nothing else is asked. The age of what some of them were made from tells less than their name. */
START_TEST(products_that_break_a_promise_are_refused)
{
    const struct scripted_result answer = SAYS(refused[_i].version);
    const struct scripted_call calls[SCRIPT_LENGTH] = {
        {ASKS(ASK_VERSION, NULL, answer), .server_version = 80002}};
    struct connection *connection = script_open(calls);
    struct error error = {0};
    char message[ERROR_TEXT_SIZE];

    ck_assert_msg(!server_product_check(connection, &error), "%s", refused[_i].version);
    (void)snprintf(message, sizeof message, "%s%s", NAME, refused[_i].is);
    ck_assert_str_eq(error.message, message);
    ck_assert_str_eq(error.detail, "");
    ck_assert_str_eq(error.hint, OLDEST_HINT);
    ck_assert_int_eq(error.kind, ERROR_DATABASE);
    script_close(connection);
}
END_TEST

static const char *const taken[] = {
    "PostgreSQL 13.22 (Debian 13.22-1.pgdg12+1) on x86_64-pc-linux-gnu, compiled by gcc (Debian "
    "12.2.0-14) 12.2.0, 64-bit",
    "PostgreSQL 18.0 on x86_64-pc-linux-gnu, compiled by gcc, 64-bit",
    /* EDB Postgres Advanced Server, Aurora, AlloyDB, Neon, Percona */
    "PostgreSQL 16.3 (EnterpriseDB Advanced Server 16.3.0) on x86_64-pc-linux-gnu, 64-bit",
    "PostgreSQL 15.4 on aarch64-unknown-linux-gnu, compiled by aarch64-unknown-linux-gnu-gcc (GCC) "
    "9.5.0, 64-bit",
    "PostgreSQL 14.4 on x86_64-pc-linux-gnu, compiled by Debian clang version 12.0.1, 64-bit",
    "PostgreSQL 17.5 (aa1746f) on aarch64-unknown-linux-gnu, compiled by gcc (Debian), 64-bit",
    "PostgreSQL 17.0 - Percona Server for PostgreSQL 17.0.1 on x86_64-pc-linux-gnu, 64-bit",
    /* One that nobody has heard of */
    "PostgreSQL 15.0 compatible, made somewhere",
    "",
};

START_TEST(others_are_taken)
{
    const struct scripted_result answer = SAYS(taken[_i]);
    const struct scripted_call calls[SCRIPT_LENGTH] = {
        {ASKS(ASK_VERSION, NULL, answer), .server_version = 130000}};
    struct connection *connection = script_open(calls);
    struct error error = {0};

    ck_assert_msg(server_product_check(connection, &error), "%s: %s", taken[_i], error.message);
    script_close(connection);
}
END_TEST

#define OPENGAUSS                                                                                  \
    "PostgreSQL 9.2.4 (openGauss 5.0.0 build a07d57c3) compiled at 2023-03-29 03:37:13 commit 0 "  \
    "last mr  on x86_64-unknown-linux-gnu, compiled by g++ (GCC) 7.3.0, 64-bit"
#define YUGABYTE_11                                                                                \
    "PostgreSQL 11.2-YB-2024.2.4.0-b0 on x86_64-pc-linux-gnu, compiled by clang version 17.0.6"
#define YUGABYTE_15                                                                                \
    "PostgreSQL 15.12-YB-2025.1.0.0-b0 on x86_64-pc-linux-gnu, compiled by clang version 17.0.6"

static const struct scripted_result opengauss = SAYS(OPENGAUSS), on = SAYS("on"), off = SAYS("off"),
                                    yugabyte_11 = SAYS(YUGABYTE_11),
                                    yugabyte_15 = SAYS(YUGABYTE_15), unknown_setting = SAYS(NULL);
static const struct scripted_result too_late = {.status = PGRES_FATAL_ERROR,
                                                .severity = "ERROR",
                                                .state = "57014",
                                                .message =
                                                    "canceling statement due to statement timeout"};
static const struct scripted_result shut_down = {
    .status = PGRES_FATAL_ERROR,
    .severity = "FATAL",
    .state = "57P01",
    .message = "terminating connection due to administrator command"};
static const struct scripted_result two_rows = {
    .status = PGRES_TUPLES_OK, .columns = 1, .rows = 2, .value = "PostgreSQL 15.0"};

static const struct scripted_case cases[] = {
    {"an old server",
     {{ASKS(ASK_VERSION, NULL, opengauss), .server_version = 90204}},
     ERROR_DATABASE,
     NAME " is older than PostgreSQL 13",
     "It says that it is " OPENGAUSS,
     OLDEST_HINT},
    {"an old server that does not answer",
     {{ASKS(ASK_VERSION, NULL, too_late), .server_version = 120022}},
     ERROR_DATABASE,
     NAME " is older than PostgreSQL 13",
     NULL,
     OLDEST_HINT},
    {"schema changes outside of transactions",
     {{ASKS(ASK_VERSION, NULL, yugabyte_15)}, {ASKS(ASK_SETTING, DDL_SETTING, off)}},
     ERROR_DATABASE,
     YUGABYTE_MESSAGE,
     NULL,
     YUGABYTE_HINT},
    {"a release that does not know the setting",
     {{ASKS(ASK_VERSION, NULL, yugabyte_11)}, {ASKS(ASK_SETTING, DDL_SETTING, unknown_setting)}},
     ERROR_DATABASE,
     YUGABYTE_MESSAGE,
     NULL,
     YUGABYTE_HINT},
    {"a setting that cannot be asked for",
     {{ASKS(ASK_VERSION, NULL, yugabyte_15)}, {ASKS(ASK_SETTING, DDL_SETTING, too_late)}},
     ERROR_DATABASE,
     YUGABYTE_MESSAGE,
     NULL,
     YUGABYTE_HINT},
    {"an old one with schema changes in transactions",
     {{ASKS(ASK_VERSION, NULL, yugabyte_11), .server_version = 110002},
      {ASKS(ASK_SETTING, DDL_SETTING, on)}},
     ERROR_DATABASE,
     NAME " is older than PostgreSQL 13",
     "It says that it is " YUGABYTE_11,
     OLDEST_HINT},
    {"the server goes away",
     {{SEND_QUERY_PARAMS, .text = ASK_VERSION, .returns = 1},
      {GET_RESULT, .result = &shut_down, .loses = true},
      {GIVES_NO_MORE}},
     FAILS(ERROR_DATABASE, "terminating connection due to administrator command")},
    {"an answer of another shape",
     {{ASKS(ASK_VERSION, NULL, two_rows)}},
     FAILS(ERROR_INTERNAL, "a query returned 2 rows instead of 1: " ASK_VERSION)},
};

START_TEST(says_why_not)
{
    struct connection *connection = script_open_case(&cases[_i]);
    struct error error = {0};

    ck_assert_msg(!server_product_check(connection, &error), "%s", cases[_i].name);
    script_expect_error(&cases[_i], &error);
    script_close(connection);
}
END_TEST

static const struct scripted_case fine[] = {
    {.name = "schema changes in transactions",
     .calls = {{ASKS(ASK_VERSION, NULL, yugabyte_15)}, {ASKS(ASK_SETTING, DDL_SETTING, on)}}},
    {.name = "a time limit", .calls = {{ASKS(ASK_VERSION, NULL, too_late)}}},
};

START_TEST(goes_on)
{
    struct connection *connection = script_open_case(&fine[_i]);
    struct error error = {0};

    ck_assert_msg(server_product_check(connection, &error), "%s: %s", fine[_i].name, error.message);
    ck_assert_int_eq(error.kind, ERROR_NONE);
    script_close(connection);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("server product");
    TCase *tests = tcase_create("products");

    tcase_add_loop_test(tests, products_that_break_a_promise_are_refused, 0, TABLE_ROWS(refused));
    tcase_add_loop_test(tests, others_are_taken, 0, TABLE_ROWS(taken));
    tcase_add_loop_test(tests, says_why_not, 0, TABLE_ROWS(cases));
    tcase_add_loop_test(tests, goes_on, 0, TABLE_ROWS(fine));
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
