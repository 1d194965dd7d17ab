#include "schema/row_lookup.h"

#include "scripted_libpq.h"
#include "suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct column thing_columns[] = {
    {.name = "id", .type = COLUMN_BIGINT},
    {.name = "name", .type = COLUMN_TEXT},
    {.name = "code", .type = COLUMN_UUID_V4},
};

static const struct table things = {.schema = "stock",
                                    .name = "things",
                                    .columns = thing_columns,
                                    .column_count = 3,
                                    .key = {0},
                                    .key_count = 1};

enum { ID, NAME, CODE };

#define WHOLE "SELECT \"id\" FROM \"stock\".\"things\""
#define NAMED(type, column)                                                                        \
    "SELECT \"id\" FROM unnest($1::" type "[]) timele_load (named) "                               \
    "JOIN \"stock\".\"things\" ON \"" column "\" = timele_load.named"

static const char *const id_values[] = {"AAAA"};
static const struct scripted_result row = {
    .status = PGRES_SINGLE_TUPLE, .columns = 1, .rows = 1, .values = id_values};
static const struct scripted_result no_row = {.status = PGRES_TUPLES_OK, .columns = 1};
static const struct scripted_result refused = {
    .status = PGRES_FATAL_ERROR, .severity = "ERROR", .message = "no"};

static bool count_row(void *context, const struct copy_out_field *fields, struct error *error)
{
    (void)fields;
    (void)error;
    ++*(int *)context;
    return true;
}

/* Runs the lookup; returns how many rows came, -1 after an error, which is given. */
static int run(size_t column, const struct lookup_values *values,
               const struct scripted_call calls[static SCRIPT_LENGTH], struct error *error)
{
    const struct session session = {.connection = script_open(calls), .error = error};
    struct row_lookup lookup;
    int rows = 0;

    ck_assert(row_lookup_open(&lookup, &things, &session));
    statement_identifier(&lookup.statement, "id");
    row_lookup_from(&lookup, column, values);
    if (!row_lookup_run(&lookup,
                        (struct copy_out){.field_count = 1, .row = count_row, .context = &rows}))
        rows = -1;
    connection_close(session.connection);
    script_end();
    return rows;
}

START_TEST(reads_all_rows_by_copy)
{
    static const struct scripted_call calls[SCRIPT_LENGTH] = {
        {COPIES_OUT(WHOLE, "\0\1\0\0\0\4\0\0\0\7")}};
    struct error error = {0};

    ck_assert_int_eq(run(ID, NULL, calls, &error), 1);
}
END_TEST

START_TEST(asks_for_nothing_where_nothing_is_named)
{
    static const struct scripted_call calls[SCRIPT_LENGTH] = {{.function = SCRIPT_END}};
    const struct id_set ids = {0};
    const struct text_index texts = {0};
    struct error error = {0};

    ck_assert_int_eq(run(ID, &(struct lookup_values){.ids = &ids}, calls, &error), 0);
    ck_assert_int_eq(run(NAME, &(struct lookup_values){.texts = &texts}, calls, &error), 0);
}
END_TEST

START_TEST(asks_for_ids)
{
    static const struct scripted_call calls[SCRIPT_LENGTH] = {
        {ASKS_ROWS(NAMED("bigint", "id"), " [{7,5000000000}]")},
        {GIVES(row)},
        {GIVES(no_row)},
        {GIVES_NO_MORE}};
    struct id_set ids = {0};
    struct error error = {0};

    ck_assert(id_set_add(&ids, 5000000000) && id_set_add(&ids, 7));
    ck_assert_int_eq(run(ID, &(struct lookup_values){.ids = &ids}, calls, &error), 1);
    id_set_free(&ids);
}
END_TEST

static void add(struct text_index *texts, const void *bytes, size_t length)
{
    bool added;

    ck_assert_ptr_nonnull(text_index_add(texts, (struct text_value){bytes, length}, 0, 0, &added));
}

START_TEST(asks_for_texts_and_uuids)
{
    static const struct scripted_call text_calls[SCRIPT_LENGTH] = {
        {ASKS_ROWS(NAMED("text", "name"), " [{\"a\\\"b\"}]")}, {GIVES(no_row)}, {GIVES_NO_MORE}};
    static const struct scripted_call uuid_calls[SCRIPT_LENGTH] = {
        {ASKS_ROWS(NAMED("uuid", "code"), " [{\"01020304-0506-0708-090a-0b0c0d0e0f10\"}]")},
        {GIVES(no_row)},
        {GIVES_NO_MORE}};
    struct text_index texts = {0}, uuids = {0};
    struct error error = {0};

    add(&texts, "a\"b", 3);
    add(&uuids, "\1\2\3\4\5\6\7\10\11\12\13\14\15\16\17\20", 16);
    ck_assert_int_eq(run(NAME, &(struct lookup_values){.texts = &texts}, text_calls, &error), 0);
    ck_assert_int_eq(run(CODE, &(struct lookup_values){.texts = &uuids}, uuid_calls, &error), 0);
    text_index_free(&texts);
    text_index_free(&uuids);
}
END_TEST

/* " [{1,2,...}]" */
static char *list_of(int first, int last)
{
    char *text = NULL;
    size_t size;
    FILE *stream = open_memstream(&text, &size);

    ck_assert_ptr_nonnull(stream);
    for (int id = first; id <= last; id++)
        (void)fprintf(stream, "%s%d", id == first ? " [{" : ",", id);
    (void)fputs("}]", stream);
    ck_assert_int_eq(fclose(stream), 0);
    return text;
}

START_TEST(asks_for_so_many_at_once)
{
    char *full = list_of(1, 5000), *rest = list_of(5001, 5003);
    const struct scripted_call calls[SCRIPT_LENGTH] = {
        {ASKS_ROWS(NAMED("bigint", "id"), full)}, {GIVES(row)}, {GIVES(no_row)}, {GIVES_NO_MORE},
        {ASKS_ROWS(NAMED("bigint", "id"), rest)}, {GIVES(row)}, {GIVES(no_row)}, {GIVES_NO_MORE}};
    struct id_set ids = {0};
    struct error error = {0};

    for (int id = 1; id <= 5003; id++)
        ck_assert(id_set_add(&ids, id));
    ck_assert_int_eq(run(ID, &(struct lookup_values){.ids = &ids}, calls, &error), 2);
    id_set_free(&ids);
    free(full);
    free(rest);
}
END_TEST

/* An error of the first query, of the last, or of all. */
START_TEST(ends_at_an_error)
{
    char *full = list_of(1, 5000), *rest = list_of(5001, 5003);
    const struct scripted_call first[SCRIPT_LENGTH] = {
        {ASKS_ROWS(NAMED("bigint", "id"), full)}, {GIVES(refused)}, {GIVES_NO_MORE}};
    const struct scripted_call last[SCRIPT_LENGTH] = {
        {ASKS_ROWS(NAMED("bigint", "id"), full)}, {GIVES(no_row)},  {GIVES_NO_MORE},
        {ASKS_ROWS(NAMED("bigint", "id"), rest)}, {GIVES(refused)}, {GIVES_NO_MORE}};
    struct id_set ids = {0};

    for (int id = 1; id <= 5003; id++)
        ck_assert(id_set_add(&ids, id));
    for (int i = 0; i < 2; i++) {
        struct error error = {0};

        ck_assert_int_eq(
            run(ID, &(struct lookup_values){.ids = &ids}, i == 0 ? first : last, &error), -1);
        ck_assert_str_eq(error.message, "no");
    }
    id_set_free(&ids);
    free(full);
    free(rest);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("row_lookup");
    TCase *cases = tcase_create("row_lookup");

    tcase_add_test(cases, reads_all_rows_by_copy);
    tcase_add_test(cases, asks_for_nothing_where_nothing_is_named);
    tcase_add_test(cases, asks_for_ids);
    tcase_add_test(cases, asks_for_texts_and_uuids);
    tcase_add_test(cases, asks_for_so_many_at_once);
    tcase_add_test(cases, ends_at_an_error);
    suite_add_tcase(suite, cases);
    return suite_run(suite);
}
