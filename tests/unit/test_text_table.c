#include "cli/text_table.h"

#include "cli/text_fit.h"
#include "suite.h"

#include <stdlib.h>
#include <string.h>

static const struct text_column file_columns[] = {
    {.title = "file"},
    {.title = "table", .rank = 2},
    {.title = "rows read", .is_number = true},
    {.title = "loaded", .is_number = true},
    {.title = "rows/s", .is_number = true, .rank = 1}};

static const char *const files[][5] = {
    {"(inferred)", "products", "0", "500", NULL},
    {"users.csv", "users", "80", "80", ""},
    {"/srv/timele/incoming/2026-11-26/order_products.csv", "order_items", "34,196,122",
     "34,196,122", "799,631"},
    {"\u6ce8\u6587\u6ce8\u6587.csv", "order_status_history", "7", "7", NULL},
};

static const struct text_column key_columns[] = {
    {.title = "foreign key"}, {.title = "rows", .is_number = true}, {.title = ""}};

static const char *const keys[][3] = {
    {"orders.user_id -> users.users", "1,026,325", "valid"},
    {"order_status_history.order_id -> orders.orders", "4,187,674", "not enforced"},
};

static struct text_table make_files(void)
{
    struct text_table table = {.columns = file_columns, .column_count = 5, .has_paths = true};

    for (size_t i = 0; i < TABLE_ROWS(files); i++)
        ck_assert(text_table_add(&table, files[i], i == 0 ? "products, inferred" : NULL));
    return table;
}

static struct text_table make_keys(void)
{
    struct text_table table = {.columns = key_columns, .column_count = 3, .label_indent = 2};

    for (size_t i = 0; i < TABLE_ROWS(keys); i++)
        ck_assert(text_table_add(&table, keys[i], NULL));
    ck_assert(text_table_add_note(&table, 4, "a note that is longer than a terminal may be wide"));
    return table;
}

/* What is printed, to be freed. */
static char *print(const struct text_table *table, int columns)
{
    char *text = NULL;
    size_t size;
    FILE *stream = open_memstream(&text, &size);

    ck_assert_ptr_nonnull(stream);
    ck_assert(text_table_print(table, columns, stream));
    ck_assert_int_eq(fclose(stream), 0);
    return text;
}

static const struct {
    struct text_table (*make)(void);
    int columns;
    const char *text;
} tables[] = {
    {make_files, 0,
     "file                                                table                  rows read      "
     "loaded   rows/s\n"
     "(inferred)                                          products                       0         "
     "500\n"
     "users.csv                                           users                         80         "
     " 80\n"
     "/srv/timele/incoming/2026-11-26/order_products.csv  order_items           34,196,122  "
     "34,196,122  799,631\n"
     "\u6ce8\u6587\u6ce8\u6587.csv                                        order_status_history     "
     "      7           7\n"},
    {make_files, 80,
     "file                       table                  rows read      loaded   rows/s\n"
     "(inferred)                 products                       0         500\n"
     "users.csv                  users                         80          80\n"
     "...-26/order_products.csv  order_items           34,196,122  34,196,122  799,631\n"
     "\u6ce8\u6587\u6ce8\u6587.csv               order_status_history           7           7\n"},
    {make_files, 70,
     "file                      table                  rows read      loaded\n"
     "(inferred)                products                       0         500\n"
     "users.csv                 users                         80          80\n"
     "...26/order_products.csv  order_items           34,196,122  34,196,122\n"
     "\u6ce8\u6587\u6ce8\u6587.csv              order_status_history           7           7\n"},
    {make_files, 50,
     "file                         rows read      loaded\n"
     "products, inferred                   0         500\n"
     "users.csv                           80          80\n"
     "...1-26/order_products.csv  34,196,122  34,196,122\n"
     "\u6ce8\u6587\u6ce8\u6587.csv                         7           7\n"},
    {make_files, 40,
     "file               rows read      loaded\n"
     "...cts, inferred           0         500\n"
     "users.csv                 80          80\n"
     "..._products.csv  34,196,122  34,196,122\n"
     "\u6ce8\u6587\u6ce8\u6587.csv               7           7\n"},
    {make_files, 30,
     "file     rows read      loaded\n"
     "products,\n"
     "inferred\n"
     "                 0         500\n"
     "users.csv\n"
     "                80          80\n"
     "...26-11-26/order_products.csv\n"
     "        34,196,122  34,196,122\n"
     "\u6ce8\u6587\u6ce8\u6587.csv\n"
     "                 7           7\n"},
    {make_keys, 80,
     "foreign key                                          rows\n"
     "orders.user_id -> users.users                   1,026,325  valid\n"
     "order_status_history.order_id -> orders.orders  4,187,674  not enforced\n"
     "    a note that is longer than a terminal may be wide\n"},
    {make_keys, 40,
     "foreign key           rows\n"
     "orders.user_id\n"
     "  ->\n"
     "  users.users    1,026,325  valid\n"
     "order_status_history.order_id\n"
     "  ->\n"
     "  orders.orders  4,187,674  not enforced\n"
     "    a note that is longer than a\n"
     "      terminal may be wide\n"},
};

START_TEST(fits_its_columns)
{
    struct text_table table = tables[_i].make();
    char *text = print(&table, tables[_i].columns);

    ck_assert_str_eq(text, tables[_i].text);
    free(text);
    text_table_free(&table);
}
END_TEST

/* Numbers and states stand in every width. */
START_TEST(never_is_wider_than_asked_and_cuts_no_cell)
{
    struct text_table table = tables[_i].make();

    for (int columns = 30; columns <= 200; columns++) {
        char *text = print(&table, columns), *rest = text, *line;

        for (size_t i = 0; i < TABLE_ROWS(files) && table.column_count == 5; i++)
            ck_assert_ptr_nonnull(strstr(text, files[i][3]));
        for (size_t i = 0; i < TABLE_ROWS(keys) && table.column_count == 3; i++)
            ck_assert_ptr_nonnull(strstr(text, keys[i][2]));
        while ((line = strsep(&rest, "\n")) != NULL) {
            ck_assert_int_le(text_columns(line), columns);
            ck_assert(line[0] == '\0' || line[strlen(line) - 1] != ' ');
        }
        free(text);
    }
    text_table_free(&table);
}
END_TEST

START_TEST(leaves_out_columns_that_say_nothing)
{
    static const char *const cells[] = {"a.csv", "users", "7", NULL, ""};
    struct text_table table = {.columns = file_columns, .column_count = 5, .has_paths = true};
    char *text;

    ck_assert(text_table_add(&table, cells, NULL));
    text = print(&table, 0);
    ck_assert_str_eq(text, "file   table  rows read\n"
                           "a.csv  users          7\n");
    free(text);
    text_table_free(&table);
}
END_TEST

START_TEST(lets_nothing_drive_a_terminal)
{
    static const char *const cells[] = {"a\033[31m\n.csv", "us\ters", "7", "7", "7"};
    /* It is as wide as it is shown. */
    static const char *const command[] = {"::error::.csv", "users", "7", "7", "7"};
    struct text_table table = {.columns = file_columns, .column_count = 5, .has_paths = true};
    char *text;

    ck_assert(text_table_add(&table, cells, NULL));
    ck_assert(text_table_add(&table, command, NULL));
    text = print(&table, 0);
    ck_assert_str_eq(text, "file              table    rows read  loaded  rows/s\n"
                           "a\\x1b[31m\\n.csv   us\\ters          7       7       7\n"
                           "\\x3a:error::.csv  users            7       7       7\n");
    free(text);
    text_table_free(&table);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("text_table");
    TCase *tests = tcase_create("text_table");

    tcase_add_loop_test(tests, fits_its_columns, 0, TABLE_ROWS(tables));
    tcase_add_loop_test(tests, never_is_wider_than_asked_and_cuts_no_cell, 0, TABLE_ROWS(tables));
    tcase_add_test(tests, leaves_out_columns_that_say_nothing);
    tcase_add_test(tests, lets_nothing_drive_a_terminal);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
