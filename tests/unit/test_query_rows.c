#include "pg/query_rows.h"

#include "pg/query.h"
#include "scripted_libpq.h"
#include "suite.h"

#include <stdio.h>
#include <string.h>

#define SQL "SELECT a, b FROM t WHERE a = ANY ($1)"

static const char *const row_values[] = {"AAAA", NULL};
static const char *const other_row_values[] = {"BBBB", "text"};
static const struct scripted_result row = {
    .status = PGRES_SINGLE_TUPLE, .columns = 2, .rows = 1, .values = row_values};
static const struct scripted_result other_row = {
    .status = PGRES_SINGLE_TUPLE, .columns = 2, .rows = 1, .values = other_row_values};
static const struct scripted_result no_row = {.status = PGRES_TUPLES_OK, .columns = 2};
static const struct scripted_result one_column = {.status = PGRES_TUPLES_OK, .columns = 1};
static const struct scripted_result refused = {
    .status = PGRES_FATAL_ERROR, .severity = "ERROR", .message = "no"};

/* The rows taken, as text; `stops_at` is the row whose taking fails. */
struct taken {
    char text[256];
    int rows, stops_at;
};

static bool take(void *context, const struct copy_out_field *fields, struct error *error)
{
    struct taken *taken = context;
    size_t used = strlen(taken->text);

    if (++taken->rows == taken->stops_at)
        return error_set(error, ERROR_DATA, "not wanted");
    (void)snprintf(taken->text + used, sizeof taken->text - used, "%llx:%.*s;",
                   (unsigned long long)copy_out_integer(&fields[0]), (int)fields[1].length,
                   fields[1].bytes == NULL ? "" : (const char *)fields[1].bytes);
    return true;
}

static const struct {
    struct scripted_case script;
    int stops_at;
    const char *text; /* of the rows */
} scripts[] = {
    {{"two rows",
      {{ASKS_ROWS(SQL, " [{1}]")},
       {GIVES(row)},
       {GIVES(other_row)},
       {GIVES(no_row)},
       {GIVES_NO_MORE}},
      FAILS(ERROR_NONE, "")},
     0,
     "41414141:;42424242:text;"},
    {{"no rows",
      {{ASKS_ROWS(SQL, " [{1}]")}, {GIVES(no_row)}, {GIVES_NO_MORE}},
      FAILS(ERROR_NONE, "")},
     0,
     ""},
    {{"an error instead of rows",
      {{ASKS_ROWS(SQL, " [{1}]")}, {GIVES(refused)}, {GIVES_NO_MORE}},
      FAILS(ERROR_DATABASE, "no")},
     0,
     ""},
    {{"an error after a row",
      {{ASKS_ROWS(SQL, " [{1}]")}, {GIVES(row)}, {GIVES(refused)}, {GIVES_NO_MORE}},
      FAILS(ERROR_DATABASE, "no")},
     0,
     "41414141:;"},
    {{"the rest is read after a row that is not taken",
      {{ASKS_ROWS(SQL, " [{1}]")},
       {GIVES(row)},
       {GIVES(other_row)},
       {GIVES(no_row)},
       {GIVES_NO_MORE}},
      FAILS(ERROR_DATA, "not wanted")},
     1,
     ""},
    {{"another number of columns",
      {{ASKS_ROWS(SQL, " [{1}]")}, {GIVES(one_column)}, {GIVES_NO_MORE}},
      FAILS(ERROR_INTERNAL, "a query returned 1 columns instead of 2: " SQL)},
     0,
     ""},
    {{"the connection is lost",
      {{ASKS_ROWS(SQL, " [{1}]")},
       {GIVES(row)},
       {GET_RESULT, .result = NULL, .loses = true, .message = "no connection\n"}},
      FAILS(ERROR_DATABASE, "no connection")},
     0,
     "41414141:;"},
};

START_TEST(gives_each_row)
{
    const char *const parameters[] = {"{1}"};
    const struct query query = {
        .sql = SQL, .parameters = parameters, .parameter_count = 1, .columns = 2};
    struct taken taken = {.stops_at = scripts[_i].stops_at};
    struct connection *connection = script_open(scripts[_i].script.calls);
    struct error error = {0};
    bool right = query_rows(connection, &query, take, &taken, &error);

    ck_assert_msg(error.kind == scripts[_i].script.kind, "%s: %s", scripts[_i].script.name,
                  error.message);
    ck_assert_msg(right == (error.kind == ERROR_NONE), "%s", scripts[_i].script.name);
    ck_assert_str_eq(error.message, scripts[_i].script.message);
    ck_assert_str_eq(taken.text, scripts[_i].text);
    connection_close(connection);
    script_end();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("query_rows");
    TCase *cases = tcase_create("query_rows");

    tcase_add_loop_test(cases, gives_each_row, 0, TABLE_ROWS(scripts));
    suite_add_tcase(suite, cases);
    return suite_run(suite);
}
