#include "table/header_name.h"

#include "suite.h"
#include "table/table.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { TEXT_SIZE = 64 };

static int meant(const struct table *table, const char *name)
{
    return header_name_meant(table, name, strlen(name), HEADER_NAME_MISTYPED);
}

/* Unless the changed name is a column's itself. */
static void expect_meant(const struct table *table, const char *name, size_t column)
{
    if (table_column_of_header(table, name, strlen(name)) < 0)
        ck_assert_msg(meant(table, name) == (int)column, "%s: \"%s\" is taken for %s, not %s",
                      table->name, name,
                      meant(table, name) < 0 ? "none" : table->columns[meant(table, name)].header,
                      table->columns[column].header);
}

/* Every column but for what stands between its words, and for its case. */
static void respell(const struct table *table, size_t column)
{
    static const char between[] = {' ', '-', '\0'};
    const char *header = table->columns[column].header;
    char text[TEXT_SIZE];

    for (size_t i = 0; i < sizeof between; i++) {
        size_t used = 0;

        for (const char *from = header; *from != '\0'; from++)
            if (*from != '_')
                text[used++] = *from;
            else if (between[i] != '\0')
                text[used++] = between[i];
        text[used] = '\0';
        expect_meant(table, text, column);
        text[0] = (char)toupper(text[0]);
        expect_meant(table, text, column);
        for (size_t k = 0; k < used; k++)
            text[k] = (char)toupper(text[k]);
        expect_meant(table, text, column);
        ck_assert_int_eq(header_name_meant(table, text, used, HEADER_NAME_RESPELT), (int)column);
    }
    (void)snprintf(text, sizeof text, " %s ", header);
    expect_meant(table, text, column);
    (void)snprintf(text, sizeof text, "%s_", header);
    expect_meant(table, text, column);
}

/* One letter left out, doubled, replaced, or swapped with the next. */
static void mistype(const struct table *table, size_t column)
{
    const char *header = table->columns[column].header;
    size_t length = strlen(header);
    char text[TEXT_SIZE];

    for (size_t i = 0; i < length; i++) {
        (void)snprintf(text, sizeof text, "%.*s%s", (int)i, header, header + i + 1);
        expect_meant(table, text, column);
        (void)snprintf(text, sizeof text, "%.*s%s", (int)i + 1, header, header + i);
        expect_meant(table, text, column);
        (void)snprintf(text, sizeof text, "%.*sq%s", (int)i, header, header + i + 1);
        expect_meant(table, text, column);
        if (i + 1 == length)
            continue;
        (void)snprintf(text, sizeof text, "%.*s%c%c%s", (int)i, header, header[i + 1], header[i],
                       header + i + 2);
        expect_meant(table, text, column);
    }
}

static void expect_synonyms(const struct table *table, size_t column)
{
    char words[256], *rest = words, *word;

    if (table->columns[column].synonyms == NULL)
        return;
    ck_assert_uint_lt(strlen(table->columns[column].synonyms), sizeof words);
    (void)strcpy(words, table->columns[column].synonyms);
    while ((word = strsep(&rest, " ")) != NULL) {
        ck_assert_int_eq(table_column_of_header(table, word, strlen(word)), -1);
        ck_assert(!header_name_is_unused(table, word, strlen(word)));
        ck_assert_int_eq(header_name_meant(table, word, strlen(word), HEADER_NAME_RESPELT),
                         (int)column);
    }
}

/* `_i` is a table's number. */
START_TEST(finds_every_column_by_a_name_near_it)
{
    const struct table *table = table_get((enum table_id)_i);

    for (size_t i = 0; i < table->column_count; i++) {
        if (table->columns[i].header == NULL)
            continue;
        ck_assert_int_eq(meant(table, table->columns[i].header), -1);
        respell(table, i);
        mistype(table, i);
        expect_synonyms(table, i);
    }
}
END_TEST

static const struct {
    enum table_id table;
    const char *name;
    const char *column; /* NULL: none */
} names[] = {
    {TABLE_ORDER_ITEMS, "qty", "quantity"},
    {TABLE_ORDER_ITEMS, "Qty.", NULL},
    {TABLE_ORDER_ITEMS, "prize", "price"},
    {TABLE_ORDER_ITEMS, "priec", "price"},
    {TABLE_ORDER_ITEMS, "prcs", NULL}, /* two letters of a short name */
    {TABLE_ORDER_ITEMS, "kantity", "quantity"},
    {TABLE_ORDER_ITEMS, "kantitty", NULL}, /* three letters */
    {TABLE_USERS, "e-mail", "email_address"},
    {TABLE_USERS, "E Mail Adress", "email_address"},
    {TABLE_USERS, "password", NULL},
    {TABLE_USERS, "passwd", NULL},
    {TABLE_USERS, "name", NULL},
    {TABLE_USERS, "", NULL},
    {TABLE_USERS, " _-", NULL},
    {TABLE_USERS, "a name that is far longer than any column's could ever be, in whatever table",
     NULL},
    {TABLE_CARTS, "user_id", NULL}, /* no file has carts */
};

START_TEST(finds_what_was_meant)
{
    const struct table *table = table_get(names[_i].table);
    int column = meant(table, names[_i].name);

    if (names[_i].column == NULL)
        ck_assert_int_eq(column, -1);
    else
        ck_assert_int_eq(column,
                         table_column_of_header(table, names[_i].column, strlen(names[_i].column)));
}
END_TEST

START_TEST(goes_no_farther_than_asked)
{
    const struct table *items = table_get(TABLE_ORDER_ITEMS);

    ck_assert_int_ge(header_name_meant(items, "PRICE", 5, HEADER_NAME_RESPELT), 0);
    ck_assert_int_ge(header_name_meant(items, "qty", 3, HEADER_NAME_RESPELT), 0);
    ck_assert_int_eq(header_name_meant(items, "prize", 5, HEADER_NAME_RESPELT), -1);
}
END_TEST

START_TEST(knows_unused_columns)
{
    ck_assert(header_name_is_unused(table_get(TABLE_USERS), "password", 8));
    ck_assert(header_name_is_unused(table_get(TABLE_USERS), "PASSWORD ", 9));
    ck_assert(!header_name_is_unused(table_get(TABLE_USERS), "passwords", 9));
    ck_assert(!header_name_is_unused(table_get(TABLE_USERS), "", 0));
    ck_assert(!header_name_is_unused(table_get(TABLE_USERS), "eval_set", 8));
    ck_assert(header_name_is_unused(table_get(TABLE_ORDERS), "eval_set", 8));
    ck_assert(!header_name_is_unused(table_get(TABLE_AISLES), "password", 8));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("header_name");
    TCase *tests = tcase_create("header_name");

    tcase_add_loop_test(tests, finds_every_column_by_a_name_near_it, 0, TABLE_COUNT);
    tcase_add_loop_test(tests, finds_what_was_meant, 0, TABLE_ROWS(names));
    tcase_add_test(tests, goes_no_farther_than_asked);
    tcase_add_test(tests, knows_unused_columns);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
