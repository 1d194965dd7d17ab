#include "schema/merge_plan.h"

#include "scripted_libpq.h"
#include "suite.h"

#include <stdio.h>
#include <string.h>

extern const char suppressing_triggers_sql[];
extern const char choose_stage_join_sql[];

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
    (void)snprintf(merging->rows + used, sizeof merging->rows - used, "file %zu: %lld;",
                   merge_place_file(copy_out_integer(&fields[0])),
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
    merge_free(&merging->merge);
}

START_TEST(a_stage_has_the_columns_that_table_and_database_share)
{
    static const struct scripted_call calls[SCRIPT_LENGTH] = {
        {EXECUTES("CREATE TEMPORARY TABLE timele_load_things ON COMMIT DROP AS SELECT "
                  "\"id\", \"external_id\", \"email\", \"name\", \"updated_at\", "
                  "0::bigint AS timele_load_place FROM \"stock\".\"things\" WITH NO DATA")},
        {EXECUTES("ANALYZE pg_temp.timele_load_things")},
    };
    struct merging merging;

    begin(&merging, &things, INFERRED, calls);
    expect_success(&merging, merge_create_stage(&merging.merge, &merging.error) &&
                                 merge_analyze_stage(&merging.merge, &merging.error));
}
END_TEST

/* A row that was written: a line of file 1, and row 7. */
#define PLACE_OF(line)     "\0\0\0\10\0\0\0\1\0\0\0" line
#define WROTE(line)        "\0\2" PLACE_OF(line) "\0\0\0\10\0\0\0\0\0\0\0\7"
#define MISSED(line, gone) "\0\2" PLACE_OF(line) "\0\0\0\1" gone
#define KEPT               "\0"
#define GONE               "\1"

#define STAGE     "pg_temp.timele_load_things s"
#define RETURNING " RETURNING s.timele_load_place, t.\"id\""
#define PLACE                                                                                      \
    "UPDATE \"stock\".\"things\" t SET \"email\" = s.\"email\", \"name\" = s.\"name\", "           \
    "\"updated_at\" = coalesce(s.\"updated_at\", t.\"updated_at\"), "                              \
    "\"inferred\" = s.\"inferred\" FROM " STAGE " WHERE t.\"id\" OPERATOR(pg_catalog.=) s.\"id\" " \
    "AND t.\"inferred\"" RETURNING
#define MISSED_PLACES                                                                              \
    "SELECT s.timele_load_place, t.\"id\" IS NULL FROM " STAGE                                     \
    " LEFT JOIN \"stock\".\"things\" t "                                                           \
    "ON t.\"id\" = s.\"id\" WHERE (t.\"id\" IS NULL OR t.\"inferred\")"

START_TEST(placeholders_get_all_but_key_and_stable_columns)
{
    static const struct scripted_call calls[SCRIPT_LENGTH] = {
        {USES_SESSION_PATH},
        {COPIES_OUT(PLACE, WROTE("\1"))},
        {RESTRICTS_PATH},
    };
    struct merging merging;

    begin(&merging, &things, NONE_MISSING, calls);
    expect_success(&merging, merge_placeholders(&merging.merge, 1, &merging.error));
    ck_assert_str_eq(merging.rows, "file 1: 7;");
}
END_TEST

/* Somebody else put a real row in the place of the second one: it is updated like any other. */
START_TEST(a_place_that_was_taken_meanwhile_is_not_missed)
{
    static const struct scripted_call calls[SCRIPT_LENGTH] = {
        {USES_SESSION_PATH},
        {COPIES_OUT(PLACE, WROTE("\1"))},
        {RESTRICTS_PATH},
        {COPIES_OUT(MISSED_PLACES, "")},
    };
    struct merging merging;

    begin(&merging, &things, NONE_MISSING, calls);
    expect_success(&merging, merge_placeholders(&merging.merge, 2, &merging.error));
    ck_assert_str_eq(merging.rows, "file 1: 7;");
}
END_TEST

#define NAME_DIFFERS                                                                               \
    "(t.\"name\" OPERATOR(pg_catalog.=) s.\"name\") IS NOT TRUE AND "                              \
    "(t.\"name\" IS NOT NULL OR s.\"name\" IS NOT NULL)"
#define NEW_TIME "coalesce(s.\"updated_at\", t.\"updated_at\")"
#define TIME_DIFFERS                                                                               \
    "(t.\"updated_at\" OPERATOR(pg_catalog.=) " NEW_TIME ") IS NOT TRUE AND "                      \
    "(t.\"updated_at\" IS NOT NULL OR " NEW_TIME " IS NOT NULL)"
#define FROM_TO(first, behind)                                                                     \
    "s.timele_load_place OPERATOR(pg_catalog.>=) " first                                           \
    " AND s.timele_load_place OPERATOR(pg_catalog.<) " behind
#define FILE_0      "(" FROM_TO("0", "4294967296") ")"
#define FILES_0_2_3 "(" FROM_TO("0", "4294967296") " OR " FROM_TO("8589934592", "17179869184") ")"
#define UPDATE_DIFFERENT                                                                           \
    "UPDATE \"stock\".\"things\" t SET \"name\" = s.\"name\", \"updated_at\" = " NEW_TIME          \
    " FROM " STAGE " WHERE t.\"id\" OPERATOR(pg_catalog.=) s.\"id\" AND " FILES_0_2_3              \
    " AND (" NAME_DIFFERS " OR " TIME_DIFFERS ")" RETURNING
#define MISSED_OF(files)                                                                           \
    "SELECT s.timele_load_place, t.\"id\" IS NULL FROM " STAGE                                     \
    " LEFT JOIN \"stock\".\"things\" t "                                                           \
    "ON t.\"id\" = s.\"id\" WHERE " files " AND (t.\"id\" IS NULL"
#define LOOK_FOR_MISSED MISSED_OF(FILES_0_2_3) " OR (" NAME_DIFFERS " OR " TIME_DIFFERS "))"

static const bool different_columns[TABLE_COLUMNS_MAX] = {[NAME] = true, [UPDATED_AT] = true};
static const bool chosen_files[] = {true, false, true, true};
static const struct merge_files two_rows = {.chosen = chosen_files, .count = 4, .rows = 2};

static const char *const trigger_names[] = {"trigger keep"};
static const struct scripted_result triggers = {
    .status = PGRES_TUPLES_OK, .columns = 1, .rows = 1, .values = trigger_names};

/* What comes of an update from a stage that has two rows of the files. */
static const struct {
    const char *name;
    struct scripted_call calls[SCRIPT_LENGTH];
    const char *rows;
} updates[] = {
    {"all are written, so nothing has to be looked for",
     {{USES_SESSION_PATH},
      {COPIES_OUT(UPDATE_DIFFERENT, WROTE("\1") WROTE("\2"))},
      {RESTRICTS_PATH}},
     "file 1: 7;file 1: 7;"},
    {"one did not differ",
     {{USES_SESSION_PATH},
      {COPIES_OUT(UPDATE_DIFFERENT, WROTE("\2"))},
      {RESTRICTS_PATH},
      {COPIES_OUT(LOOK_FOR_MISSED, "")}},
     "file 1: 7;"},
    {"a trigger changed the one that was written, so that it differs still",
     {{USES_SESSION_PATH},
      {COPIES_OUT(UPDATE_DIFFERENT, WROTE("\2"))},
      {RESTRICTS_PATH},
      {COPIES_OUT(LOOK_FOR_MISSED, MISSED("\2", KEPT))}},
     "file 1: 7;"},
    {"somebody else changes one after the update: it is written in the next attempt, and counted "
     "once like the one that a trigger changed",
     {{USES_SESSION_PATH},
      {COPIES_OUT(UPDATE_DIFFERENT, WROTE("\2"))},
      {RESTRICTS_PATH},
      {COPIES_OUT(LOOK_FOR_MISSED, MISSED("\1", KEPT))},
      {USES_SESSION_PATH},
      {COPIES_OUT(UPDATE_DIFFERENT, WROTE("\1") WROTE("\2"))},
      {RESTRICTS_PATH}},
     "file 1: 7;file 1: 7;"},
};

START_TEST(updates_rows_of_some_files_where_they_differ)
{
    struct merging merging;

    begin(&merging, &things, NONE_MISSING, updates[_i].calls);
    expect_success(&merging,
                   merge_update(&merging.merge, different_columns, &two_rows, &merging.error));
    ck_assert_msg(strcmp(merging.rows, updates[_i].rows) == 0, "%s: %s", updates[_i].name,
                  merging.rows);
}
END_TEST

static void expect_refusal(struct merging *merging, bool result, const char *message)
{
    ck_assert(!result);
    ck_assert_int_eq(merging->error.kind, ERROR_DATABASE);
    ck_assert_str_eq(merging->error.message, message);
    script_close(merging->merge.connection);
    merge_free(&merging->merge);
}

START_TEST(a_row_that_a_trigger_keeps_is_told)
{
    static const struct scripted_call calls[SCRIPT_LENGTH] = {
        {USES_SESSION_PATH},
        {COPIES_OUT(UPDATE_DIFFERENT, WROTE("\1"))},
        {RESTRICTS_PATH},
        {COPIES_OUT(LOOK_FOR_MISSED, MISSED("\2", KEPT))},
        {USES_SESSION_PATH},
        {COPIES_OUT(UPDATE_DIFFERENT, "")},
        {RESTRICTS_PATH},
        {COPIES_OUT(LOOK_FOR_MISSED, MISSED("\2", KEPT))},
        {ASKS(suppressing_triggers_sql, " [stock] [things] [16]", triggers)},
    };
    struct merging merging;

    begin(&merging, &things, NONE_MISSING, calls);
    expect_refusal(&merging,
                   merge_update(&merging.merge, different_columns, &two_rows, &merging.error),
                   "1 row of stock.things was not updated");
    ck_assert_str_eq(merging.error.detail, "Before each UPDATE there fires: trigger keep.");
}
END_TEST

START_TEST(a_placeholder_that_a_trigger_keeps_is_told)
{
    static const struct scripted_call calls[SCRIPT_LENGTH] = {
        {USES_SESSION_PATH},
        {COPIES_OUT(PLACE, "")},
        {RESTRICTS_PATH},
        {COPIES_OUT(MISSED_PLACES, MISSED("\1", KEPT) MISSED("\2", KEPT))},
        {USES_SESSION_PATH},
        {COPIES_OUT(PLACE, "")},
        {RESTRICTS_PATH},
        {COPIES_OUT(MISSED_PLACES, MISSED("\1", KEPT) MISSED("\2", KEPT))},
        {ASKS(suppressing_triggers_sql, " [stock] [things] [16]", triggers)},
    };
    struct merging merging;

    begin(&merging, &things, NONE_MISSING, calls);
    expect_refusal(&merging, merge_placeholders(&merging.merge, 2, &merging.error),
                   "2 rows of stock.things were not updated");
}
END_TEST

/* No trigger is to blame. */
START_TEST(fails_when_a_row_was_deleted_meanwhile)
{
    static const struct scripted_call calls[SCRIPT_LENGTH] = {
        {USES_SESSION_PATH},
        {COPIES_OUT(UPDATE_DIFFERENT, WROTE("\1"))},
        {RESTRICTS_PATH},
        {COPIES_OUT(LOOK_FOR_MISSED, MISSED("\2", GONE))},
    };
    struct merging merging;

    begin(&merging, &things, NONE_MISSING, calls);
    expect_refusal(&merging,
                   merge_update(&merging.merge, different_columns, &two_rows, &merging.error),
                   "rows of stock.things were deleted by somebody else during the run");
    ck_assert_str_eq(merging.error.hint, "Nothing was changed. Run it again.");
}
END_TEST

static const struct merge_files one_file = {.chosen = chosen_files, .count = 1, .rows = 1};

/* Its files set no column, and still the rows must be there. */
static const struct {
    struct scripted_call calls[SCRIPT_LENGTH];
    bool right;
} columnless[] = {
    {{{COPIES_OUT(MISSED_OF(FILE_0) ")", "")}}, true},
    {{{COPIES_OUT(MISSED_OF(FILE_0) ")", MISSED("\1", GONE))}}, false},
};

START_TEST(without_columns_only_the_rows_are_looked_for)
{
    static const bool none[TABLE_COLUMNS_MAX];
    struct merging merging;
    bool right;

    begin(&merging, &things, NONE_MISSING, columnless[_i].calls);
    right = merge_update(&merging.merge, none, &one_file, &merging.error);
    if (columnless[_i].right)
        expect_success(&merging, right);
    else
        expect_refusal(&merging, right,
                       "rows of stock.things were deleted by somebody else during the run");
}
END_TEST

START_TEST(a_key_of_two_columns_is_compared_in_both)
{
    static const struct scripted_call calls[SCRIPT_LENGTH] = {
        {USES_SESSION_PATH},
        {COPIES_OUT("UPDATE \"stock\".\"parts\" t SET \"weight\" = s.\"weight\" "
                    "FROM pg_temp.timele_load_parts s "
                    "WHERE t.\"thing_id\" OPERATOR(pg_catalog.=) s.\"thing_id\" AND "
                    "t.\"number\" OPERATOR(pg_catalog.=) s.\"number\" AND " FILE_0 " AND ("
                    "(t.\"weight\" OPERATOR(pg_catalog.=) s.\"weight\") IS NOT TRUE AND "
                    "(t.\"weight\" IS NOT NULL OR s.\"weight\" IS NOT NULL)) "
                    "RETURNING s.timele_load_place, t.\"thing_id\"",
                    WROTE("\1"))},
        {RESTRICTS_PATH},
    };
    static const bool columns[TABLE_COLUMNS_MAX] = {[2] = true};
    struct merging merging;

    begin(&merging, &parts, NONE_MISSING, calls);
    expect_success(&merging, merge_update(&merging.merge, columns, &one_file, &merging.error));
    ck_assert_str_eq(merging.rows, "file 1: 7;");
}
END_TEST

static const struct scripted_result no = {
    .status = PGRES_TUPLES_OK, .columns = 1, .rows = 1, .value = "f"};
static const struct scripted_result yes = {
    .status = PGRES_TUPLES_OK, .columns = 1, .rows = 1, .value = "t"};

/* Statements, not the function set_config: Citus passes those on to the nodes that have the rows.
 */
START_TEST(a_join_is_chosen_by_the_first_column_of_the_key_and_given_up_again)
{
    static const struct scripted_call calls[SCRIPT_LENGTH] = {
        {ASKS(choose_stage_join_sql, " [stock] [parts] [thing_id]", no)},
        {ASKS(choose_stage_join_sql, " [stock] [parts] [thing_id]", yes)},
        {EXECUTES("SET LOCAL enable_hashjoin = off")},
        {EXECUTES("SET LOCAL enable_mergejoin = off")},
        {EXECUTES("SET LOCAL enable_hashjoin TO DEFAULT")},
        {EXECUTES("SET LOCAL enable_mergejoin TO DEFAULT")},
        {ASKS(choose_stage_join_sql, " [stock] [parts] [thing_id]", refused)},
    };
    struct merging merging;

    begin(&merging, &parts, NONE_MISSING, calls);
    ck_assert(merge_plan_begin(&merging.merge, &merging.error));
    ck_assert(merge_plan_begin(&merging.merge, &merging.error));
    ck_assert(merge_plan_end(&merging.merge, &merging.error));
    expect_refusal(&merging, merge_plan_begin(&merging.merge, &merging.error), "no");
}
END_TEST

START_TEST(tells_what_the_server_refuses)
{
    static const struct scripted_call calls[SCRIPT_LENGTH] = {
        {ANSWERS("ANALYZE pg_temp.timele_load_things", refused)},
        {USES_SESSION_PATH},
        {COPIES_OUT(UPDATE_DIFFERENT, "")},
        {RESTRICTS_PATH},
        {ANSWERS("COPY (" LOOK_FOR_MISSED ") TO STDOUT (FORMAT binary)", refused)},
    };
    struct merging merging;

    begin(&merging, &things, NONE_MISSING, calls);
    ck_assert(!merge_analyze_stage(&merging.merge, &merging.error));
    ck_assert_str_eq(merging.error.message, "no");
    merging.error = (struct error){0};
    expect_refusal(
        &merging, merge_update(&merging.merge, different_columns, &two_rows, &merging.error), "no");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("merge");
    TCase *tests = tcase_create("statements");

    tcase_add_test(tests, a_stage_has_the_columns_that_table_and_database_share);
    tcase_add_test(tests, placeholders_get_all_but_key_and_stable_columns);
    tcase_add_test(tests, a_place_that_was_taken_meanwhile_is_not_missed);
    tcase_add_loop_test(tests, updates_rows_of_some_files_where_they_differ, 0,
                        TABLE_ROWS(updates));
    tcase_add_test(tests, a_row_that_a_trigger_keeps_is_told);
    tcase_add_test(tests, a_placeholder_that_a_trigger_keeps_is_told);
    tcase_add_test(tests, fails_when_a_row_was_deleted_meanwhile);
    tcase_add_loop_test(tests, without_columns_only_the_rows_are_looked_for, 0,
                        TABLE_ROWS(columnless));
    tcase_add_test(tests, a_key_of_two_columns_is_compared_in_both);
    tcase_add_test(tests, a_join_is_chosen_by_the_first_column_of_the_key_and_given_up_again);
    tcase_add_test(tests, tells_what_the_server_refuses);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
