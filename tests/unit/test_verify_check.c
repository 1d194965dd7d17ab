#include "schema/verify_check.h"

#include "scripted_libpq.h"
#include "suite.h"

#include <stdlib.h>

static const struct column thing_columns[] = {{.name = "id", .type = COLUMN_BIGINT},
                                              {.name = "code", .type = COLUMN_UUID_V4}};

static const struct table things = {.schema = "stock",
                                    .name = "things",
                                    .columns = thing_columns,
                                    .column_count = 2,
                                    .key = {0},
                                    .key_count = 1,
                                    .sequence_column = "number"};

#define ROWS_OF_CODES                                                                              \
    "(SELECT count(*) AS times, min(\"id\") AS first, max(\"id\") AS last FROM "                   \
    "\"stock\".\"things\" WHERE \"code\" IS NOT NULL GROUP BY \"code\") r"
#define ROWS_OF_NUMBERS                                                                            \
    "(SELECT \"number\" AS number, count(*) AS times, min(\"id\") AS first, max(\"id\") AS last "  \
    "FROM \"stock\".\"things\" GROUP BY \"number\") r"
#define COUNT(rows) "SELECT count(*), count(*) FILTER (WHERE r.times > 1) FROM " rows
#define EXAMPLES(text, rows, order)                                                                \
    "SELECT " text " FROM " rows " WHERE r.times > 1 ORDER BY " order " LIMIT 10"
#define EXAMPLE_OF_CODES                                                                           \
    "concat('ids ', r.first, ' and ', r.last, ' have the same', "                                  \
    "CASE WHEN r.times > 2 THEN concat(' (', r.times, ' rows)') END)"
#define EXAMPLE_OF_NUMBERS                                                                         \
    "format('number %s stands in %s rows: id %s, id %s', r.number, r.times, r.first, r.last)"
#define DISTINCT(column)                                                                           \
    "SELECT count(DISTINCT \"" column "\"), count(\"" column "\") FROM \"stock\".\"things\""

static const char *const four_of_four[] = {"4", "4"}, *const three_of_four[] = {"3", "4"},
                         *const one_of_three[] = {"3", "1"};
static const struct scripted_result
    all_distinct = {.status = PGRES_TUPLES_OK, .columns = 2, .rows = 1, .values = four_of_four},
    one_twice = {.status = PGRES_TUPLES_OK, .columns = 2, .rows = 1, .values = three_of_four},
    one_broken = {.status = PGRES_TUPLES_OK, .columns = 2, .rows = 1, .values = one_of_three},
    none_broken = {.status = PGRES_TUPLES_OK,
                   .columns = 2,
                   .rows = 1,
                   .values = (const char *const[]){"4", "0"}},
    example = {.status = PGRES_TUPLES_OK, .columns = 1, .rows = 1, .value = "it"},
    refused = {.status = PGRES_FATAL_ERROR, .severity = "ERROR", .message = "no"};

/* The server keeps nothing unique: which queries find that out, and what they give. */
static const struct {
    struct scripted_call calls[SCRIPT_LENGTH];
    verify_add_part *add;
    const char *distinct;
    unsigned checked, broken;
    bool fails;
} cases[] = {
    {{{ASKS(COUNT(ROWS_OF_CODES), NULL, none_broken)}}, verify_add_unique, NULL, 4, 0, false},
    {{{ASKS(COUNT(ROWS_OF_CODES), NULL, one_broken)},
      {ASKS(EXAMPLES(EXAMPLE_OF_CODES, ROWS_OF_CODES, "r.first"), NULL, example)}},
     verify_add_unique,
     NULL,
     3,
     1,
     false},
    /* Where rows are distributed. */
    {{{ASKS(DISTINCT("code"), NULL, all_distinct)}}, verify_add_unique, "code", 4, 0, false},
    {{{ASKS(DISTINCT("code"), NULL, one_twice)},
      {ASKS(COUNT(ROWS_OF_CODES), NULL, one_broken)},
      {ASKS(EXAMPLES(EXAMPLE_OF_CODES, ROWS_OF_CODES, "r.first"), NULL, example)}},
     verify_add_unique,
     "code",
     3,
     1,
     false},
    {{{ASKS(DISTINCT("number"), NULL, one_twice)},
      {ASKS(COUNT(ROWS_OF_NUMBERS), NULL, one_broken)},
      {ASKS(EXAMPLES(EXAMPLE_OF_NUMBERS, ROWS_OF_NUMBERS, "r.number"), NULL, example)}},
     verify_add_number,
     "number",
     3,
     1,
     false},
    {{{ASKS(DISTINCT("number"), NULL, refused)}}, verify_add_number, "number", 0, 0, true},
};

START_TEST(counts_what_is_there_twice)
{
    struct error error = {0};
    const struct session session = {.connection = script_open(cases[_i].calls), .error = &error};
    const struct verify_check check = {.add = cases[_i].add,
                                       .table = &things,
                                       .column = &thing_columns[1],
                                       .distinct = cases[_i].distinct};
    struct verify_result result = {0};

    ck_assert_int_eq(verify_check_run(&check, &result, &session), !cases[_i].fails);
    ck_assert_int_eq(error.kind, cases[_i].fails ? ERROR_DATABASE : ERROR_NONE);
    ck_assert_uint_eq(result.checked, cases[_i].checked);
    ck_assert_uint_eq(result.broken, cases[_i].broken);
    ck_assert_uint_eq(result.example_count, cases[_i].broken);
    if (result.example_count > 0)
        ck_assert_str_eq(result.examples[0], "it");
    free(result.examples);
    script_close(session.connection);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("verify check");
    TCase *tests = tcase_create("uniqueness");

    tcase_add_loop_test(tests, counts_what_is_there_twice, 0, (int)TABLE_ROWS(cases));
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
