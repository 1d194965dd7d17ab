#include "schema/merge.h"

#include "scripted_libpq.h"
#include "suite.h"

#include <stdio.h>
#include <string.h>

extern const char suppressing_triggers_sql[];

/* A table with all that matters to a merge, and one whose key has two columns. */
enum { ID, EXTERNAL_ID, EMAIL, NAME, UPDATED_AT, INFERRED, THING_COLUMNS };

static const struct column thing_columns[] = {
    [ID] = {.name = "id", .type = COLUMN_BIGINT},
    [EXTERNAL_ID] = {.name = "external_id", .type = COLUMN_UUID_V4, .stable = true},
    [EMAIL] = {.name = "email", .type = COLUMN_TEXT},
    [NAME] = {.name = "name", .type = COLUMN_TEXT},
    [UPDATED_AT] = {.name = "updated_at", .type = COLUMN_TIMESTAMPTZ, .absent = ABSENT_LOAD_TIME},
    [INFERRED] = {.name = "inferred", .type = COLUMN_BOOLEAN, .absent = ABSENT_INFERRED},
};

static const struct table things = {.schema = "stock",
                                    .name = "things",
                                    .columns = thing_columns,
                                    .column_count = THING_COLUMNS,
                                    .key = {ID},
                                    .key_count = 1};

static const struct column part_columns[] = {
    {.name = "thing_id", .type = COLUMN_BIGINT},
    {.name = "number", .type = COLUMN_INTEGER},
    {.name = "weight", .type = COLUMN_DOUBLE},
};

static const struct table parts = {.schema = "stock",
                                   .name = "parts",
                                   .columns = part_columns,
                                   .column_count = 3,
                                   .key = {0, 1},
                                   .key_count = 2};

static const struct scripted_result refused = {
    .status = PGRES_FATAL_ERROR, .severity = "ERROR", .message = "no"};
static const struct scripted_result yes = {
    .status = PGRES_TUPLES_OK, .columns = 1, .rows = 1, .value = "t"};
static const struct scripted_result no = {
    .status = PGRES_TUPLES_OK, .columns = 1, .rows = 1, .value = "f"};
static const struct scripted_result two = {
    .status = PGRES_TUPLES_OK, .columns = 1, .rows = 1, .value = "2"};

/* Row 7 came from file 1: two fields, an int4 and an int8. */
#define ROW_7 "\0\2\0\0\0\4\0\0\0\1\0\0\0\10\0\0\0\0\0\0\0\7"

/* Everything that a test needs; the database has all columns of the table but `missing`. */
struct merging {
    struct catalog_table found;
    struct merge merge;
    struct error error;
    char rows[64]; /* that were given, as text */
};

static bool note_row(void *context, const struct copy_out_field *fields, struct error *error)
{
    struct merging *merging = context;
    size_t used = strlen(merging->rows);

    ck_assert_int_eq(error->kind, ERROR_NONE);
    (void)snprintf(merging->rows + used, sizeof merging->rows - used, "file %lld: %lld;",
                   (long long)copy_out_integer(&fields[0]),
                   (long long)copy_out_integer(&fields[1]));
    return true;
}

enum { NONE_MISSING = THING_COLUMNS };

static void begin(struct merging *merging, const struct table *table, size_t missing,
                  const struct scripted_call calls[static SCRIPT_LENGTH])
{
    *merging = (struct merging){.found = {.read = true}};
    for (size_t i = 0; i < table->column_count; i++)
        merging->found.columns[i].present = i != missing;
    merging->merge = (struct merge){.connection = script_open(calls),
                                    .table = table,
                                    .found = &merging->found,
                                    .row = note_row,
                                    .context = merging};
}

static void expect_success(struct merging *merging, bool result)
{
    ck_assert_msg(result, "%s", merging->error.message);
    ck_assert_int_eq(merging->error.kind, ERROR_NONE);
    script_close(merging->merge.connection);
}

START_TEST(a_stage_has_the_columns_that_table_and_database_share)
{
    static const struct scripted_call calls[SCRIPT_LENGTH] = {
        {EXECUTES("CREATE TEMPORARY TABLE timele_load_things ON COMMIT DROP AS SELECT "
                  "\"id\", \"external_id\", \"email\", \"name\", \"updated_at\", "
                  "0 AS timele_load_file FROM \"stock\".\"things\" WITH NO DATA")},
        {EXECUTES("ANALYZE pg_temp.timele_load_things")},
    };
    struct merging merging;

    begin(&merging, &things, INFERRED, calls);
    expect_success(&merging, merge_create_stage(&merging.merge, &merging.error) &&
                                 merge_analyze_stage(&merging.merge, &merging.error));
}
END_TEST

static const struct {
    size_t column;
    struct scripted_call calls[SCRIPT_LENGTH];
} vacated[] = {
    {EMAIL,
     {{USES_SESSION_PATH},
      {ASKS("WITH vacated AS (UPDATE \"stock\".\"things\" SET \"email\" = "
            "pg_catalog.gen_random_uuid()::pg_catalog.text WHERE \"id\" OPERATOR(pg_catalog.=) ANY "
            "($1::bigint[]) RETURNING 1) SELECT pg_catalog.count(*) FROM vacated",
            " [{7,8}]", two)},
      {RESTRICTS_PATH}}},
    {EXTERNAL_ID,
     {{USES_SESSION_PATH},
      {ASKS("WITH vacated AS (UPDATE \"stock\".\"things\" SET \"external_id\" = "
            "pg_catalog.gen_random_uuid() WHERE \"id\" OPERATOR(pg_catalog.=) ANY ($1::bigint[]) "
            "RETURNING 1) SELECT pg_catalog.count(*) FROM vacated",
            " [{7,8}]", two)},
      {RESTRICTS_PATH}}},
};

START_TEST(vacated_values_are_random_ones_of_the_column)
{
    struct merging merging;

    begin(&merging, &things, NONE_MISSING, vacated[_i].calls);
    expect_success(&merging,
                   merge_vacate(&merging.merge, vacated[_i].column, "{7,8}", 2, &merging.error));
}
END_TEST

#define PLACE                                                                                      \
    "UPDATE \"stock\".\"things\" t SET \"email\" = s.\"email\", \"name\" = s.\"name\", "           \
    "\"updated_at\" = coalesce(s.\"updated_at\", t.\"updated_at\")"
#define FROM_LIST(list) " FROM pg_temp." list " s WHERE t.\"id\" OPERATOR(pg_catalog.=) s.\"id\""
#define RETURNING       " RETURNING s.timele_load_file, t.\"id\""
#define LISTS(list)                                                                                \
    "CREATE TEMPORARY TABLE " list " ON COMMIT DROP AS SELECT s.* FROM \"stock\".\"things\" t "    \
    "JOIN pg_temp.timele_load_things s ON t.\"id\" = s.\"id\" WHERE "

static const struct scripted_result listed_none = {.status = PGRES_COMMAND_OK, .rows_changed = "0"};
static const struct scripted_result listed_one = {.status = PGRES_COMMAND_OK, .rows_changed = "1"};
static const struct scripted_result listed_two = {.status = PGRES_COMMAND_OK, .rows_changed = "2"};

START_TEST(placeholders_get_all_but_key_and_stable_columns)
{
    static const struct scripted_call calls[SCRIPT_LENGTH] = {
        {ANSWERS(LISTS("timele_load_place_things") "t.\"inferred\"", listed_one)},
        {EXECUTES("ANALYZE pg_temp.timele_load_place_things")},
        {USES_SESSION_PATH},
        {COPIES_OUT(PLACE ", \"inferred\" = s.\"inferred\"" FROM_LIST("timele_load_place_things")
                        RETURNING,
                    ROW_7)},
        {RESTRICTS_PATH},
    };
    struct merging merging;

    begin(&merging, &things, NONE_MISSING, calls);
    expect_success(&merging, merge_placeholders(&merging.merge, &merging.error));
    ck_assert_str_eq(merging.rows, "file 1: 7;");
}
END_TEST

/* A database of TimeL-E's service cannot mark them, so it has none. */
START_TEST(a_database_without_the_mark_has_no_placeholders)
{
    static const struct scripted_call calls[SCRIPT_LENGTH] = {
        {ANSWERS(LISTS("timele_load_place_things") "false", listed_none)},
    };
    struct merging merging;

    begin(&merging, &things, INFERRED, calls);
    expect_success(&merging, merge_placeholders(&merging.merge, &merging.error));
    ck_assert_str_eq(merging.rows, "");
}
END_TEST

#define LIST_DIFFERENT                                                                             \
    LISTS("timele_load_update_things_0")                                                           \
    "s.timele_load_file IN (0, 2) AND (t.\"name\" IS DISTINCT FROM s.\"name\" OR "                 \
    "t.\"updated_at\" IS DISTINCT FROM coalesce(s.\"updated_at\", t.\"updated_at\"))"
#define UPDATE_DIFFERENT                                                                           \
    "UPDATE \"stock\".\"things\" t SET \"name\" = s.\"name\", "                                    \
    "\"updated_at\" = coalesce(s.\"updated_at\", t.\"updated_at\")" FROM_LIST(                     \
        "timele_load_update_things_0") RETURNING
#define STILL_THERE                                                                                \
    "SELECT count(*) FROM pg_temp.timele_load_update_things_0 l WHERE EXISTS "                     \
    "(SELECT FROM \"stock\".\"things\" t WHERE t.\"id\" = l.\"id\")"

static const bool different_columns[TABLE_COLUMNS_MAX] = {[NAME] = true, [UPDATED_AT] = true};
static const bool different_files[] = {true, false, true, false};

START_TEST(updates_rows_of_some_files_where_they_differ)
{
    static const struct scripted_call calls[SCRIPT_LENGTH] = {
        {ANSWERS(LIST_DIFFERENT, listed_two)},
        {EXECUTES("ANALYZE pg_temp.timele_load_update_things_0")},
        {USES_SESSION_PATH},
        {COPIES_OUT(UPDATE_DIFFERENT, ROW_7 ROW_7)},
        {RESTRICTS_PATH},
    };
    struct merging merging;

    begin(&merging, &things, NONE_MISSING, calls);
    expect_success(&merging, merge_update(&merging.merge, different_columns, different_files, 4,
                                          &merging.error));
    ck_assert_str_eq(merging.rows, "file 1: 7;file 1: 7;");
}
END_TEST

/* Two rows are listed, and one is updated: the other one is gone, or a trigger kept it. */
static const struct scripted_result one = {
    .status = PGRES_TUPLES_OK, .columns = 1, .rows = 1, .value = "1"};
static const char *const trigger_names[] = {"trigger keep"};
static const struct scripted_result triggers = {
    .status = PGRES_TUPLES_OK, .columns = 1, .rows = 1, .values = trigger_names};

START_TEST(a_row_that_somebody_else_has_deleted_is_not_missed)
{
    static const struct scripted_call calls[SCRIPT_LENGTH] = {
        {ANSWERS(LIST_DIFFERENT, listed_two)},
        {EXECUTES("ANALYZE pg_temp.timele_load_update_things_0")},
        {USES_SESSION_PATH},
        {COPIES_OUT(UPDATE_DIFFERENT, ROW_7)},
        {RESTRICTS_PATH},
        {ASKS(STILL_THERE, NULL, one)},
    };
    struct merging merging;

    begin(&merging, &things, NONE_MISSING, calls);
    expect_success(&merging, merge_update(&merging.merge, different_columns, different_files, 4,
                                          &merging.error));
}
END_TEST

START_TEST(a_row_that_a_trigger_keeps_is_told)
{
    static const struct scripted_call calls[SCRIPT_LENGTH] = {
        {ANSWERS(LIST_DIFFERENT, listed_two)},
        {EXECUTES("ANALYZE pg_temp.timele_load_update_things_0")},
        {USES_SESSION_PATH},
        {COPIES_OUT(UPDATE_DIFFERENT, ROW_7)},
        {RESTRICTS_PATH},
        {ASKS(STILL_THERE, NULL, two)},
        {ASKS(suppressing_triggers_sql, " [stock] [things] [16]", triggers)},
    };
    struct merging merging;

    begin(&merging, &things, NONE_MISSING, calls);
    ck_assert(!merge_update(&merging.merge, different_columns, different_files, 4, &merging.error));
    ck_assert_int_eq(merging.error.kind, ERROR_DATABASE);
    ck_assert_str_eq(merging.error.message, "1 row of stock.things was not updated");
    ck_assert_str_eq(merging.error.detail, "Before each UPDATE there fires: trigger keep.");
    script_close(merging.merge.connection);
}
END_TEST

START_TEST(a_key_of_two_columns_is_compared_in_both)
{
    static const struct scripted_call calls[SCRIPT_LENGTH] = {
        {ANSWERS("CREATE TEMPORARY TABLE timele_load_update_parts_0 ON COMMIT DROP AS SELECT s.* "
                 "FROM \"stock\".\"parts\" t JOIN pg_temp.timele_load_parts s "
                 "ON t.\"thing_id\" = s.\"thing_id\" AND t.\"number\" = s.\"number\" WHERE "
                 "s.timele_load_file IN (0) AND (t.\"weight\" IS DISTINCT FROM s.\"weight\")",
                 listed_one)},
        {EXECUTES("ANALYZE pg_temp.timele_load_update_parts_0")},
        {USES_SESSION_PATH},
        {COPIES_OUT("UPDATE \"stock\".\"parts\" t SET \"weight\" = s.\"weight\" "
                    "FROM pg_temp.timele_load_update_parts_0 s "
                    "WHERE t.\"thing_id\" OPERATOR(pg_catalog.=) s.\"thing_id\" AND "
                    "t.\"number\" OPERATOR(pg_catalog.=) s.\"number\" "
                    "RETURNING s.timele_load_file, t.\"thing_id\"",
                    ROW_7)},
        {RESTRICTS_PATH},
    };
    static const bool columns[TABLE_COLUMNS_MAX] = {[2] = true};
    static const bool files[] = {true};
    struct merging merging;

    begin(&merging, &parts, NONE_MISSING, calls);
    expect_success(&merging, merge_update(&merging.merge, columns, files, 1, &merging.error));
    ck_assert_str_eq(merging.rows, "file 1: 7;");
}
END_TEST

#define PROOF                                                                                      \
    "SELECT EXISTS (SELECT FROM pg_temp.timele_load_things s WHERE NOT EXISTS "                    \
    "(SELECT FROM \"stock\".\"things\" t WHERE t.\"id\" = s.\"id\"))"

START_TEST(is_proved_when_no_row_is_missing)
{
    static const struct scripted_call calls[SCRIPT_LENGTH] = {{ASKS(PROOF, NULL, no)}};
    struct merging merging;

    begin(&merging, &things, NONE_MISSING, calls);
    expect_success(&merging, merge_prove(&merging.merge, &merging.error));
}
END_TEST

START_TEST(fails_when_a_row_was_deleted_meanwhile)
{
    static const struct scripted_call calls[SCRIPT_LENGTH] = {{ASKS(PROOF, NULL, yes)}};
    struct merging merging;

    begin(&merging, &things, NONE_MISSING, calls);
    ck_assert(!merge_prove(&merging.merge, &merging.error));
    ck_assert_int_eq(merging.error.kind, ERROR_DATABASE);
    ck_assert_str_eq(merging.error.message,
                     "rows of stock.things were deleted by somebody else during the run");
    ck_assert_str_eq(merging.error.hint, "Nothing was changed. Run it again.");
    script_close(merging.merge.connection);
}
END_TEST

START_TEST(tells_what_the_server_refuses)
{
    static const struct scripted_call calls[SCRIPT_LENGTH] = {
        {ANSWERS("ANALYZE pg_temp.timele_load_things", refused)}, {ASKS(PROOF, NULL, refused)}};
    struct merging merging;

    begin(&merging, &things, NONE_MISSING, calls);
    ck_assert(!merge_analyze_stage(&merging.merge, &merging.error));
    ck_assert_str_eq(merging.error.message, "no");
    merging.error = (struct error){0};
    ck_assert(!merge_prove(&merging.merge, &merging.error));
    ck_assert_str_eq(merging.error.message, "no");
    script_close(merging.merge.connection);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("merge");
    TCase *tests = tcase_create("statements");

    tcase_add_test(tests, a_stage_has_the_columns_that_table_and_database_share);
    tcase_add_loop_test(tests, vacated_values_are_random_ones_of_the_column, 0,
                        TABLE_ROWS(vacated));
    tcase_add_test(tests, placeholders_get_all_but_key_and_stable_columns);
    tcase_add_test(tests, a_database_without_the_mark_has_no_placeholders);
    tcase_add_test(tests, updates_rows_of_some_files_where_they_differ);
    tcase_add_test(tests, a_row_that_somebody_else_has_deleted_is_not_missed);
    tcase_add_test(tests, a_row_that_a_trigger_keeps_is_told);
    tcase_add_test(tests, a_key_of_two_columns_is_compared_in_both);
    tcase_add_test(tests, is_proved_when_no_row_is_missing);
    tcase_add_test(tests, fails_when_a_row_was_deleted_meanwhile);
    tcase_add_test(tests, tells_what_the_server_refuses);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
