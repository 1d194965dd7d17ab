#include "pg/stage.h"

#include "pg/distributed_tables.h"
#include "scripted_libpq.h"
#include "suite.h"

/* Orders are distributed by the hash of their id, users lie on each node. */
static const char *const may[] = {"t", "t", "loader"};
static const char *const may_not[] = {"t", "f", "\"the loader\""};
static const char *const no_schema[] = {"f", "f", "loader"};
static const struct scripted_result yes = {
    .status = PGRES_TUPLES_OK, .columns = 3, .rows = 1, .values = may};
static const struct scripted_result no = {
    .status = PGRES_TUPLES_OK, .columns = 3, .rows = 1, .values = may_not};
static const struct scripted_result missing = {
    .status = PGRES_TUPLES_OK, .columns = 3, .rows = 1, .values = no_schema};
static const struct scripted_result nothing = {
    .status = PGRES_TUPLES_OK, .columns = 1, .rows = 1, .value = ""};
static const struct scripted_result seven = {.status = PGRES_COMMAND_OK, .rows_changed = "7"};
static const struct scripted_result refused = {
    .status = PGRES_FATAL_ERROR, .severity = "ERROR", .message = "no"};

#define MAY_CREATE(answer)                                                                         \
    ASKS("SELECT n.oid IS NOT NULL, coalesce(has_schema_privilege(n.oid, 'CREATE'), false), "      \
         "format('%I', current_user) FROM (SELECT to_regnamespace('timele_load')::oid AS oid) n",  \
         NULL, answer)
#define DISTRIBUTES(name, key)                                                                     \
    ASKS("SELECT create_distributed_table(format('timele_load.%I', $1::text), $2::text, "          \
         "colocate_with => format('%I.%I', $3::text, $4::text))",                                  \
         " [" name "] [" key "] [orders] [orders]", nothing)
#define COPIES_TO_EACH(name)                                                                       \
    ASKS("SELECT create_reference_table(format('timele_load.%I', $1::text))", " [" name "]",       \
         nothing)

enum way { CREATE, CREATE_LIKE, CREATE_FILLED };

struct making {
    struct scripted_case expected;
    bool distributed;
    enum table_id beside;
    enum way way;
};

static const struct making made[] = {
    {{"temporary",
      {{EXECUTES("CREATE TEMPORARY TABLE list (id bigint) ON COMMIT DROP")}},
      .kind = ERROR_NONE},
     false,
     TABLE_ORDERS,
     CREATE},
    {{"temporary, like a query",
      {{EXECUTES(
          "CREATE TEMPORARY TABLE list ON COMMIT DROP AS SELECT id FROM pg_temp.other WITH NO "
          "DATA")}},
      .kind = ERROR_NONE},
     false,
     TABLE_ORDERS,
     CREATE_LIKE},
    {{"temporary, with the rows of a query",
      {{ANSWERS("CREATE TEMPORARY TABLE list ON COMMIT DROP AS SELECT id FROM pg_temp.other",
                seven)}},
      .kind = ERROR_NONE},
     false,
     TABLE_ORDERS,
     CREATE_FILLED},
    {{"by hash",
      {{MAY_CREATE(yes)},
       {EXECUTES("CREATE TABLE timele_load.list (id bigint)")},
       {DISTRIBUTES("list", "id")},
       {EXECUTES("DROP TABLE timele_load.list")}},
      .kind = ERROR_NONE},
     true,
     TABLE_ORDERS,
     CREATE},
    {{"by hash, like a query",
      {{MAY_CREATE(yes)},
       {EXECUTES("CREATE TABLE timele_load.list AS SELECT id FROM timele_load.other WITH NO DATA")},
       {DISTRIBUTES("list", "id")},
       {EXECUTES("DROP TABLE timele_load.list")}},
      .kind = ERROR_NONE},
     true,
     TABLE_ORDERS,
     CREATE_LIKE},
    {{"by hash, with the rows of a query",
      {{MAY_CREATE(yes)},
       {EXECUTES("CREATE TABLE timele_load.list AS SELECT id FROM timele_load.other WITH NO DATA")},
       {DISTRIBUTES("list", "id")},
       {ANSWERS("INSERT INTO timele_load.list SELECT id FROM timele_load.other", seven)},
       {EXECUTES("DROP TABLE timele_load.list")}},
      .kind = ERROR_NONE},
     true,
     TABLE_ORDERS,
     CREATE_FILLED},
    {{"on each node",
      {{MAY_CREATE(yes)},
       {EXECUTES("CREATE TABLE timele_load.list (id bigint)")},
       {COPIES_TO_EACH("list")},
       {EXECUTES("DROP TABLE timele_load.list")}},
      .kind = ERROR_NONE},
     true,
     TABLE_USERS,
     CREATE},
    {{"no schema",
      {{MAY_CREATE(missing)}},
      ERROR_DATABASE,
      "there is no schema timele_load, in which updates of distributed tables make tables of their "
      "own",
      NULL,
      "--create-schema makes it."},
     true,
     TABLE_USERS,
     CREATE},
    {{"no privilege",
      {{MAY_CREATE(no)}},
      ERROR_DATABASE,
      "\"the loader\" may not create tables in the schema timele_load, as updates of distributed "
      "tables do",
      NULL,
      "GRANT CREATE ON SCHEMA timele_load TO \"the loader\" allows it."},
     true,
     TABLE_USERS,
     CREATE},
    {{"not created",
      {{MAY_CREATE(yes)}, {ANSWERS("CREATE TABLE timele_load.list (id bigint)", refused)}},
      FAILS(ERROR_DATABASE, "no")},
     true,
     TABLE_USERS,
     CREATE},
    {{"the rows are refused",
      {{ANSWERS("CREATE TEMPORARY TABLE list ON COMMIT DROP AS SELECT id FROM pg_temp.other",
                refused)}},
      FAILS(ERROR_DATABASE, "cannot list orders: no")},
     false,
     TABLE_ORDERS,
     CREATE_FILLED},
};

static struct connection *open_server(const struct scripted_case *script, bool distributed)
{
    struct connection *connection = script_open_case(script);
    struct distribution *distribution = connection_distribution(connection);

    if (distributed) {
        distribution->any = true;
        distribution->kinds[TABLE_ORDERS] = DISTRIBUTION_HASH;
        distribution->kinds[TABLE_USERS] = DISTRIBUTION_REFERENCE;
    }
    return connection;
}

static bool make(const struct stage *stage, enum way way, struct error *error)
{
    unsigned long long rows = 0;

    switch (way) {
    case CREATE:
        return stage_create(stage, "id bigint", error);
    case CREATE_LIKE:
        return stage_create_like(stage, "SELECT id FROM pg_temp.other", error);
    case CREATE_FILLED:
        return stage_create_filled(stage, "SELECT id FROM pg_temp.other", "cannot list orders",
                                   &rows, error) &&
               rows == 7;
    }
    return false;
}

/* What was made is dropped, and nothing else. */
START_TEST(stages_lie_with_the_rows_that_they_are_joined_with)
{
    const struct making *row = &made[_i];
    const struct stage stage = {.connection = open_server(&row->expected, row->distributed),
                                .name = "list",
                                .beside = table_get(row->beside),
                                .key = "id"};
    struct error error = {0};

    if (row->expected.kind == ERROR_NONE) {
        ck_assert_msg(make(&stage, row->way, &error), "%s: %s", row->expected.name, error.message);
        ck_assert_msg(stage_drop_all(stage.connection, &error), "%s: %s", row->expected.name,
                      error.message);
    } else {
        ck_assert(!make(&stage, row->way, &error));
        script_expect_error(&row->expected, &error);
    }
    script_close(stage.connection);
}
END_TEST

/* The last that was made may be made from the others. */
START_TEST(all_stages_are_dropped_the_last_one_first)
{
    static const struct scripted_case script = {
        "drop",
        {{MAY_CREATE(yes)},
         {EXECUTES("CREATE TABLE timele_load.one (id bigint)")},
         {COPIES_TO_EACH("one")},
         {MAY_CREATE(yes)},
         {EXECUTES("CREATE TABLE timele_load.two (id bigint)")},
         {COPIES_TO_EACH("two")},
         {EXECUTES("ANALYZE timele_load.two")},
         {EXECUTES("DROP TABLE timele_load.two")},
         {ANSWERS("DROP TABLE timele_load.one", refused)}},
        FAILS(ERROR_DATABASE, "no")};
    struct stage stage = {
        .connection = open_server(&script, true), .beside = table_get(TABLE_USERS), .key = "id"};
    struct error error = {0};

    stage.name = "one";
    ck_assert(stage_create(&stage, "id bigint", &error));
    stage.name = "two";
    ck_assert(stage_create(&stage, "id bigint", &error));
    ck_assert(stage_analyze(stage.connection, "two", &error));
    ck_assert(!stage_drop_all(stage.connection, &error));
    script_expect_error(&script, &error);
    script_close(stage.connection);
}
END_TEST

static const struct {
    bool distributed;
    const char *text;
} texts[] = {
    {false, "pg_temp.list: SELECT id FROM pg_temp.a JOIN pg_temp.b USING (id)"},
    {true, "timele_load.list: SELECT id FROM timele_load.a JOIN timele_load.b USING (id)"},
};

START_TEST(names_of_stages_in_a_query_get_their_schema)
{
    static const struct scripted_case script = {.name = "names"};
    struct connection *connection = open_server(&script, texts[_i].distributed);
    struct statement statement;
    struct error error = {0};

    ck_assert(statement_open(&statement, connection, &error));
    stage_add_name(&statement, "list");
    statement_add(&statement, ": ");
    stage_add_query(&statement, "SELECT id FROM pg_temp.a JOIN pg_temp.b USING (id)");
    ck_assert_str_eq(statement_text(&statement, &error), texts[_i].text);
    statement_free(&statement);
    script_close(connection);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("stage");
    TCase *tests = tcase_create("stages");

    tcase_add_loop_test(tests, stages_lie_with_the_rows_that_they_are_joined_with, 0,
                        TABLE_ROWS(made));
    tcase_add_test(tests, all_stages_are_dropped_the_last_one_first);
    tcase_add_loop_test(tests, names_of_stages_in_a_query_get_their_schema, 0, TABLE_ROWS(texts));
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
