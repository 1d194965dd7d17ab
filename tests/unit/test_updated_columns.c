#include "plan/updated_columns.h"

#include "files.h"
#include "suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A table with one file, which has no column so far; the database has all of them. */
struct updating {
    struct dataset dataset;
    struct source source;
};

static struct updating *make_updating(int id)
{
    struct updating *updating = calloc(1, sizeof *updating);

    ck_assert_ptr_nonnull(updating);
    updating->dataset.table = table_get((enum table_id)id);
    for (size_t i = 0; i < updating->dataset.table->column_count; i++) {
        const struct column *column = &updating->dataset.table->columns[i];

        updating->dataset.database.catalog.columns[i].present = true;
        updating->source.field_of_column[i] = -1;
        if (column->copy_of != NULL)
            updating->dataset.copy_of[i] =
                (size_t)table_column_named(updating->dataset.table, column->copy_of);
    }
    return updating;
}

static bool is_price_mark(const struct table *table, size_t column)
{
    return table == table_get(TABLE_ORDER_ITEMS) &&
           strcmp(table->columns[column].name, "price_given") == 0;
}

static bool is_updated(const struct updating *updating, size_t column)
{
    return updated_columns_have(&updating->dataset, &updating->source, column);
}

START_TEST(an_update_sets_nothing_that_the_file_lacks)
{
    const struct table *table = table_get((enum table_id)_i);

    for (size_t given = 0; given < table->column_count; given++) {
        struct updating *updating = make_updating(_i);

        updating->source.field_of_column[given] = 0;
        for (size_t i = 0; i < table->column_count; i++)
            if (i != given)
                ck_assert_msg(is_updated(updating, i) ==
                                  (is_price_mark(table, i) &&
                                   strcmp(table->columns[given].name, "price") == 0),
                              "%s, which the file lacks, and not %s", table->columns[i].name,
                              table->columns[given].name);
        free(updating);
    }
}
END_TEST

START_TEST(an_update_sets_what_the_file_has_but_what_never_changes)
{
    struct updating *updating = make_updating(_i);
    const struct table *table = updating->dataset.table;

    for (size_t i = 0; i < table->column_count; i++)
        updating->source.field_of_column[i] = table->columns[i].header != NULL ? 0 : -1;
    for (size_t i = 0; i < table->column_count; i++) {
        const struct column *column = &table->columns[i];
        bool may_change = !column->stable && !table_is_key(table, i);
        bool follows = column->header != NULL || is_price_mark(table, i);

        ck_assert_msg(is_updated(updating, i) == (may_change && follows), "%s", column->name);
        updating->dataset.database.catalog.columns[i].present = false;
        ck_assert_msg(!is_updated(updating, i), "%s, which the database lacks", column->name);
    }
    free(updating);
}
END_TEST

#define ITEM "order_id,product_id,add_to_cart_order"

/* Files of a table, the columns that are compared, and for each file whether its rows are. */
static const struct {
    enum table_id id;
    enum mode mode;
    const char *files[3];
    const char *columns;
    const char *compared; /* + or - */
} choices[] = {
    {TABLE_USERS,
     MODE_UPSERT,
     {"city,user_id,email_address,external_user_id,password\n"},
     "email_address city ",
     "+"},
    {TABLE_USERS,
     MODE_REPLACE,
     {"user_id,email_address\n", "user_id,email_address,city\n1,a@x.org,\n"},
     "email_address city ",
     "-+"},
    {TABLE_USERS,
     MODE_UPSERT,
     {"user_id,email_address\n1,a@x.org\n", "email_address,user_id\n"},
     "email_address ",
     "++"},
    {TABLE_ORDER_ITEMS,
     MODE_UPSERT,
     {ITEM "\n", ITEM ",price\n", ITEM ",quantity,price\n"},
     "product_id add_to_cart_order quantity price price_given ",
     "--+"},
    {TABLE_ORDER_ITEMS, MODE_SKIP, {ITEM "\n", ITEM ",price\n"}, "product_id ", "++"},
    {TABLE_ORDER_STATUS_HISTORY,
     MODE_REPLACE,
     {"order_id,status,changed_at\n"},
     "changed_at new_status ",
     "+"},
    {TABLE_ORDER_STATUS_HISTORY,
     MODE_SKIP,
     {"order_id,status,changed_at\n"},
     "changed_at new_status ",
     "+"},
};

static void name_columns(const struct row_digest_columns *compared, char *text, size_t size)
{
    size_t used = 0;

    text[0] = '\0';
    for (size_t i = 0; i < compared->count; i++)
        used += (size_t)snprintf(text + used, size - used, "%s ",
                                 compared->table->columns[compared->columns[i]].name);
}

START_TEST(compares_what_the_largest_file_updates)
{
    const char *texts[FILES_MAX] = {NULL};
    struct dataset *dataset;
    struct files files;
    char columns[256];

    memcpy(texts, choices[_i].files, sizeof choices[_i].files);
    files_open(&files, texts, NULL);
    dataset = &files.plan.datasets[choices[_i].id];
    dataset->mode = choices[_i].mode;
    ck_assert_uint_eq(dataset->source_count, strlen(choices[_i].compared));
    for (size_t i = 0; i < dataset->source_count; i++)
        ck_assert(!updated_columns_are_compared(dataset, dataset->sources[i]));
    updated_columns_compare(dataset, &dataset->database.compared);
    ck_assert_ptr_eq(dataset->database.compared.table, dataset->table);
    name_columns(&dataset->database.compared, columns, sizeof columns);
    ck_assert_str_eq(columns, choices[_i].columns);
    for (size_t i = 0; i < dataset->source_count; i++)
        ck_assert_int_eq(updated_columns_are_compared(dataset, dataset->sources[i]),
                         choices[_i].compared[i] == '+');
    files_close(&files);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("updated_columns");
    TCase *updates = tcase_create("updates"), *comparing = tcase_create("comparing");

    tcase_add_loop_test(updates, an_update_sets_nothing_that_the_file_lacks, 0, TABLE_COUNT);
    tcase_add_loop_test(updates, an_update_sets_what_the_file_has_but_what_never_changes, 0,
                        TABLE_COUNT);
    tcase_add_loop_test(comparing, compares_what_the_largest_file_updates, 0, TABLE_ROWS(choices));
    suite_add_tcase(suite, updates);
    suite_add_tcase(suite, comparing);
    return suite_run(suite);
}
