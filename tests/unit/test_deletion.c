#include "schema/deletion.h"

#include "pg/distributed_tables.h"
#include "scripted_libpq.h"
#include "stock_tables.h"
#include "suite.h"

#include <stdio.h>
#include <string.h>

extern const char foreign_keys_to_table_sql[];
extern const char suppressing_triggers_sql[];

/* What foreign_keys_to_table.sql says: of none, of one of another table, and of two, the second of
 * which leads from the table to itself. */
static const char *const key_values[] = {
    "stock.parts",
    "r.thing_id = t.id",
    "r.thing_id::text, r.number::text",
    "f",
    "stock.things",
    "r.base_id = t.id",
    "r.id::text",
    "t",
};
static const struct scripted_result no_key = {.status = PGRES_TUPLES_OK, .columns = 4};
static const struct scripted_result one_key = {
    .status = PGRES_TUPLES_OK, .columns = 4, .rows = 1, .values = key_values};
static const struct scripted_result two_keys = {
    .status = PGRES_TUPLES_OK, .columns = 4, .rows = 2, .values = key_values};

static const struct scripted_result locked = {
    .status = PGRES_TUPLES_OK, .columns = 1, .rows = 1, .value = "2"};
static const struct scripted_result none = {
    .status = PGRES_TUPLES_OK, .columns = 1, .rows = 1, .value = "0"};
static const char *const trigger_names[] = {"trigger keep, trigger mark"};
static const struct scripted_result triggers = {
    .status = PGRES_TUPLES_OK, .columns = 1, .rows = 1, .values = trigger_names};
static const struct scripted_result refused = {
    .status = PGRES_FATAL_ERROR, .severity = "ERROR", .message = "no"};

/* Who points to a listed row: the pointing row, the listed row, how many there are. */
static const char *const pointing_values[] = {
    "7, 1", "7", "6", "7, 2", "7", "6", "8, 1\n", "8", "6",
};
static const char *const pointing_value[] = {"7, 1", "7", "1"};
static const struct scripted_result nobody = {.status = PGRES_TUPLES_OK, .columns = 3};
static const struct scripted_result somebody = {
    .status = PGRES_TUPLES_OK, .columns = 3, .rows = 1, .values = pointing_value};
static const struct scripted_result many = {
    .status = PGRES_TUPLES_OK, .columns = 3, .rows = 3, .values = pointing_values};

/* A row of one int8. */
#define ROW_7 "\0\1\0\0\0\10\0\0\0\0\0\0\0\7"

struct deleting {
    struct catalog_table found;
    struct deletion deletion;
    struct error error;
    char rows[64]; /* that were given, as text */
};

static bool note_row(void *context, const struct copy_out_field *fields, struct error *error)
{
    struct deleting *deleting = context;
    size_t used = strlen(deleting->rows);

    ck_assert_int_eq(error->kind, ERROR_NONE);
    (void)snprintf(deleting->rows + used, sizeof deleting->rows - used, "%lld;",
                   (long long)copy_out_integer(&fields[0]));
    return true;
}

static void begin(struct deleting *deleting, const struct table *table,
                  const struct scripted_call calls[static SCRIPT_LENGTH])
{
    *deleting = (struct deleting){.found = {.read = true}};
    for (size_t i = 0; i < table->column_count; i++)
        deleting->found.columns[i].present = true;
    deleting->deletion = (struct deletion){.connection = script_open(calls),
                                           .table = table,
                                           .found = &deleting->found,
                                           .row = note_row,
                                           .context = deleting};
}

static void expect_deleted(struct deleting *deleting, const char *rows)
{
    ck_assert_msg(deletion_carry_out(&deleting->deletion, &deleting->error), "%s",
                  deleting->error.message);
    ck_assert_int_eq(deleting->error.kind, ERROR_NONE);
    ck_assert_str_eq(deleting->rows, rows);
    script_close(deleting->deletion.connection);
}

static void expect_error(struct deleting *deleting, const char *message)
{
    ck_assert(!deletion_carry_out(&deleting->deletion, &deleting->error));
    ck_assert_int_eq(deleting->error.kind, ERROR_DATABASE);
    ck_assert_str_eq(deleting->error.message, message);
    ck_assert_str_eq(deleting->rows, "");
    script_close(deleting->deletion.connection);
}

#define THINGS_LISTED "\"stock\".\"things\" t WHERE g.\"id\" = t.\"id\""
#define LOCK                                                                                       \
    "WITH locked AS (SELECT 1 FROM \"stock\".\"things\" t JOIN pg_temp.timele_load_gone_things g " \
    "ON g.\"id\" = t.\"id\" FOR UPDATE OF t) SELECT count(*) FROM locked"
#define SPARE "DELETE FROM pg_temp.timele_load_gone_things g USING " THINGS_LISTED
#define SPARE_BY_PARTS                                                                             \
    SPARE " AND t.\"inferred\" AND EXISTS (SELECT 1 FROM stock.parts r WHERE r.thing_id = t.id)"
#define NOT_LISTED_ITSELF                                                                          \
    " AND NOT EXISTS (SELECT 1 FROM pg_temp.timele_load_gone_things x WHERE x.\"id\" = r.\"id\")"
#define SPARE_BY_THINGS                                                                            \
    SPARE " AND t.\"inferred\" AND EXISTS (SELECT 1 FROM stock.things r WHERE r.base_id = "        \
          "t.id" NOT_LISTED_ITSELF ")"
#define WHO_POINTS(label)                                                                          \
    "SELECT concat_ws(', ', " label "), concat_ws(', ', t.\"id\"), count(*) OVER () "              \
    "FROM pg_temp.timele_load_gone_things g JOIN \"stock\".\"things\" t ON g.\"id\" = t.\"id\" "   \
    "JOIN "
#define FIRST_FIVE(label) " ORDER BY t.\"id\", " label " LIMIT 5"
#define PART              "r.thing_id::text, r.number::text"
#define WHO_OF_PARTS      WHO_POINTS(PART) "stock.parts r ON r.thing_id = t.id" FIRST_FIVE(PART)
#define THING             "r.id::text"
#define WHO_OF_THINGS                                                                              \
    WHO_POINTS(THING) "stock.things r ON r.base_id = t.id" NOT_LISTED_ITSELF FIRST_FIVE(THING)
#define DELETE                                                                                     \
    "DELETE FROM \"stock\".\"things\" t USING pg_temp.timele_load_gone_things g "                  \
    "WHERE g.\"id\" OPERATOR(pg_catalog.=) t.\"id\" RETURNING t.\"id\""
#define LEFT_THINGS                                                                                \
    "SELECT count(*) FROM pg_temp.timele_load_gone_things l WHERE EXISTS (SELECT 1 FROM "          \
    "\"stock\".\"things\" t WHERE t.\"id\" = l.\"id\")"
#define LEFT_PARTS                                                                                 \
    "SELECT count(*) FROM pg_temp.timele_load_gone_parts l WHERE EXISTS (SELECT 1 FROM "           \
    "\"stock\".\"parts\" t WHERE t.\"thing_id\" = l.\"thing_id\" AND t.\"number\" = l.\"number\")"

START_TEST(nothing_has_to_be_locked_when_no_foreign_key_leads_there)
{
    static const struct scripted_call calls[SCRIPT_LENGTH] = {
        {ASKS(foreign_keys_to_table_sql, " [stock] [parts]", no_key)},
        {USES_SESSION_PATH},
        {COPIES_OUT("DELETE FROM \"stock\".\"parts\" t USING pg_temp.timele_load_gone_parts g "
                    "WHERE g.\"thing_id\" OPERATOR(pg_catalog.=) t.\"thing_id\" "
                    "AND g.\"number\" OPERATOR(pg_catalog.=) t.\"number\" "
                    "RETURNING t.\"thing_id\"",
                    ROW_7 ROW_7)},
        {RESTRICTS_PATH},
        {ASKS(LEFT_PARTS, NULL, none)},
    };
    struct deleting deleting;

    begin(&deleting, &parts, calls);
    expect_deleted(&deleting, "7;7;");
}
END_TEST

START_TEST(rows_are_locked_and_placeholders_spared_before_anybody_is_looked_for)
{
    static const struct scripted_call calls[SCRIPT_LENGTH] = {
        {ASKS(foreign_keys_to_table_sql, " [stock] [things]", two_keys)},
        {ASKS(LOCK, NULL, locked)},
        {EXECUTES(SPARE_BY_PARTS)},
        {EXECUTES(SPARE_BY_THINGS)},
        {ASKS(WHO_OF_PARTS, NULL, nobody)},
        {ASKS(WHO_OF_THINGS, NULL, nobody)},
        {USES_SESSION_PATH},
        {COPIES_OUT(DELETE, ROW_7)},
        {RESTRICTS_PATH},
        {ASKS(LEFT_THINGS, NULL, none)},
    };
    struct deleting deleting;

    begin(&deleting, &things, calls);
    expect_deleted(&deleting, "7;");
}
END_TEST

#define LISTED_AND_POINTING(pointing)                                                              \
    "timele_load.timele_load_gone_things g JOIN \"stock\".\"things\" t ON g.\"id\" = t.\"id\" "    \
    "JOIN " pointing
#define NOT_LISTED_THERE                                                                           \
    " AND NOT EXISTS (SELECT 1 FROM timele_load.timele_load_gone_things x WHERE x.\"id\" = "       \
    "r.\"id\")"
#define PARTS_THAT_POINT  LISTED_AND_POINTING("stock.parts r ON r.thing_id = t.id")
#define THINGS_THAT_POINT LISTED_AND_POINTING("stock.things r ON r.base_id = t.id" NOT_LISTED_THERE)
#define SPARE_THERE(pointing)                                                                      \
    "WITH pointed AS (SELECT DISTINCT t.\"id\" FROM " pointing " WHERE t.\"inferred\") "           \
    "DELETE FROM timele_load.timele_load_gone_things g USING pointed p WHERE g.\"id\" = p.\"id\""
#define WHO_THERE(label, pointing)                                                                 \
    "SELECT concat_ws(', ', " label "), concat_ws(', ', t.\"id\"), count(*) OVER () "              \
    "FROM " pointing                                                                               \
    FIRST_FIVE(label)
#define LOCK_TABLE(name) "LOCK TABLE " name " IN SHARE ROW EXCLUSIVE MODE"

/* Rows cannot be locked there, nor a list be compared with rows of other nodes one by one. */
START_TEST(distributed_tables_that_point_are_locked_and_joined)
{
    static const struct scripted_call calls[SCRIPT_LENGTH] = {
        {ASKS(foreign_keys_to_table_sql, " [stock] [things]", two_keys)},
        {EXECUTES(LOCK_TABLE("stock.parts"))},
        {EXECUTES(LOCK_TABLE("stock.things"))},
        {EXECUTES(SPARE_THERE(PARTS_THAT_POINT))},
        {EXECUTES(SPARE_THERE(THINGS_THAT_POINT))},
        {ASKS(WHO_THERE(PART, PARTS_THAT_POINT), NULL, nobody)},
        {ASKS(WHO_THERE(THING, THINGS_THAT_POINT), NULL, nobody)},
        {USES_SESSION_PATH},
        {COPIES_OUT(
            "DELETE FROM \"stock\".\"things\" t USING timele_load.timele_load_gone_things g "
            "WHERE g.\"id\" OPERATOR(pg_catalog.=) t.\"id\" RETURNING t.\"id\"",
            ROW_7)},
        {RESTRICTS_PATH},
        {ASKS("SELECT count(*) FROM timele_load.timele_load_gone_things l WHERE EXISTS (SELECT 1 "
              "FROM \"stock\".\"things\" t WHERE t.\"id\" = l.\"id\")",
              NULL, none)},
    };
    struct deleting deleting;

    begin(&deleting, &things, calls);
    connection_distribution(deleting.deletion.connection)->any = true;
    expect_deleted(&deleting, "7;");
}
END_TEST

START_TEST(a_distributed_table_that_cannot_be_locked_is_named)
{
    static const struct scripted_call calls[SCRIPT_LENGTH] = {
        {ASKS(foreign_keys_to_table_sql, " [stock] [things]", one_key)},
        {ANSWERS(LOCK_TABLE("stock.parts"), refused)},
    };
    struct deleting deleting;

    begin(&deleting, &things, calls);
    connection_distribution(deleting.deletion.connection)->any = true;
    expect_error(&deleting, "cannot lock stock.parts, which points to stock.things: no");
}
END_TEST

/* Foreign keys that were dropped for the run protect as they did, and those that were not count
 * once. */
START_TEST(former_foreign_keys_protect_too)
{
    static const struct scripted_call calls[SCRIPT_LENGTH] = {
        {ASKS(foreign_keys_to_table_sql, " [stock] [things]", two_keys)},
        {ASKS(foreign_keys_to_table_sql, " [stock] [things]", one_key)},
        {ASKS(LOCK, NULL, locked)},
        {EXECUTES(SPARE_BY_PARTS)},
        {EXECUTES(SPARE_BY_THINGS)},
        {ASKS(WHO_OF_PARTS, NULL, nobody)},
        {ASKS(WHO_OF_THINGS, NULL, somebody)},
    };
    struct deleting deleting;
    PGresult *former;

    begin(&deleting, &things, calls);
    ck_assert(
        deletion_find_references(&things, deleting.deletion.connection, &former, &deleting.error));
    deleting.deletion.former_references = former;
    ck_assert(!deletion_carry_out(&deleting.deletion, &deleting.error));
    ck_assert_str_eq(deleting.error.message, "rows of stock.things that no file names cannot be "
                                             "deleted: 1 row of stock.things points to them");
    PQclear(former);
    script_close(deleting.deletion.connection);
}
END_TEST

START_TEST(a_database_without_the_mark_has_no_placeholders)
{
    static const struct scripted_call calls[SCRIPT_LENGTH] = {
        {ASKS(foreign_keys_to_table_sql, " [stock] [things]", one_key)},
        {ASKS(LOCK, NULL, locked)},
        {ASKS(WHO_OF_PARTS, NULL, nobody)},
        {USES_SESSION_PATH},
        {COPIES_OUT(DELETE, "")},
        {RESTRICTS_PATH},
        {ASKS(LEFT_THINGS, NULL, none)},
    };
    struct deleting deleting;

    begin(&deleting, &things, calls);
    deleting.found.columns[1].present = false;
    expect_deleted(&deleting, "");
}
END_TEST

START_TEST(a_row_that_is_still_there_is_told_with_the_triggers)
{
    static const struct scripted_call calls[SCRIPT_LENGTH] = {
        {ASKS(foreign_keys_to_table_sql, " [stock] [things]", no_key)},
        {USES_SESSION_PATH},
        {COPIES_OUT(DELETE, "")},
        {RESTRICTS_PATH},
        {ASKS(LEFT_THINGS, NULL, locked)},
        {ASKS(suppressing_triggers_sql, " [stock] [things] [8]", triggers)},
    };
    struct deleting deleting;

    begin(&deleting, &things, calls);
    expect_error(&deleting, "2 rows of stock.things were not deleted");
    ck_assert_str_eq(deleting.error.detail,
                     "Before each DELETE there fires: trigger keep, trigger mark.");
}
END_TEST

static const struct {
    const struct scripted_result *who;
    const char *message, *detail;
} pointed_to[] = {
    {&somebody,
     "rows of stock.things that no file names cannot be deleted: 1 row of stock.parts points to "
     "them",
     "stock.parts (7, 1) to things (7)"},
    {&many,
     "rows of stock.things that no file names cannot be deleted: 6 rows of stock.parts point to "
     "them",
     "stock.parts (7, 1) to things (7), stock.parts (7, 2) to things (7), "
     "stock.parts (8, 1\\n) to things (8), ..."},
};

START_TEST(a_row_that_is_pointed_to_is_never_deleted)
{
    const struct scripted_call calls[SCRIPT_LENGTH] = {
        {ASKS(foreign_keys_to_table_sql, " [stock] [things]", one_key)},
        {ASKS(LOCK, NULL, locked)},
        {EXECUTES(SPARE_BY_PARTS)},
        {ASKS(WHO_OF_PARTS, NULL, *pointed_to[_i].who)},
    };
    struct deleting deleting;

    begin(&deleting, &things, calls);
    expect_error(&deleting, pointed_to[_i].message);
    ck_assert_str_eq(deleting.error.detail, pointed_to[_i].detail);
    ck_assert_str_eq(deleting.error.hint,
                     "Nothing was changed. Put the rows of stock.things into the files again, or "
                     "take care of those that point to them first.");
}
END_TEST

static const struct {
    struct scripted_call calls[SCRIPT_LENGTH];
} refusals[] = {
    {{{ASKS(foreign_keys_to_table_sql, " [stock] [things]", refused)}}},
    {{{ASKS(foreign_keys_to_table_sql, " [stock] [things]", one_key)},
      {ASKS(LOCK, NULL, refused)}}},
    {{{ASKS(foreign_keys_to_table_sql, " [stock] [things]", one_key)},
      {ASKS(LOCK, NULL, locked)},
      {ANSWERS(SPARE_BY_PARTS, refused)}}},
    {{{ASKS(foreign_keys_to_table_sql, " [stock] [things]", one_key)},
      {ASKS(LOCK, NULL, locked)},
      {EXECUTES(SPARE_BY_PARTS)},
      {ASKS(WHO_OF_PARTS, NULL, refused)}}},
};

START_TEST(ends_where_the_server_refuses)
{
    struct deleting deleting;

    begin(&deleting, &things, refusals[_i].calls);
    expect_error(&deleting, "no");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("deletion");
    TCase *carry_out = tcase_create("carry out");

    tcase_add_test(carry_out, nothing_has_to_be_locked_when_no_foreign_key_leads_there);
    tcase_add_test(carry_out, rows_are_locked_and_placeholders_spared_before_anybody_is_looked_for);
    tcase_add_test(carry_out, distributed_tables_that_point_are_locked_and_joined);
    tcase_add_test(carry_out, a_distributed_table_that_cannot_be_locked_is_named);
    tcase_add_test(carry_out, former_foreign_keys_protect_too);
    tcase_add_test(carry_out, a_database_without_the_mark_has_no_placeholders);
    tcase_add_test(carry_out, a_row_that_is_still_there_is_told_with_the_triggers);
    tcase_add_loop_test(carry_out, a_row_that_is_pointed_to_is_never_deleted, 0,
                        TABLE_ROWS(pointed_to));
    tcase_add_loop_test(carry_out, ends_where_the_server_refuses, 0, TABLE_ROWS(refusals));
    suite_add_tcase(suite, carry_out);
    return suite_run(suite);
}
