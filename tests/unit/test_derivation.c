#include "suite.h"
#include "table/derivation.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { WORD_SIZE = 64, STATEMENT_SIZE = 2048 };

/* A statement on one line: without comments, and with one space for all that is between words. */
struct line {
    char text[STATEMENT_SIZE];
};

static struct line one_line(const char *sql)
{
    struct line line = {.text = ""};
    size_t length = 0;

    for (; *sql != '\0'; sql++) {
        ck_assert_uint_lt(length, STATEMENT_SIZE - 1);
        if (strncmp(sql, "--", 2) == 0)
            sql = strchr(sql, '\n');
        ck_assert_ptr_nonnull(sql);
        if (!isspace((unsigned char)*sql))
            line.text[length++] = *sql;
        else if (length > 0 && line.text[length - 1] != ' ')
            line.text[length++] = ' ';
    }
    return line;
}

static bool is_word(char character)
{
    return isalnum((unsigned char)character) || character == '_';
}

/* The next name of an SQL statement, `qualifier` empty where it has none; strings are no names.
 * False at the end. */
static bool next_name(const char **sql, char qualifier[WORD_SIZE], char name[WORD_SIZE])
{
    const char *place = *sql;
    size_t length = 0;

    qualifier[0] = '\0';
    for (; *place != '\0' && !is_word(*place); place++)
        if (*place == '\'')
            place = strchr(place + 1, '\'');
    for (; is_word(*place) || (*place == '.' && length > 0); place++) {
        ck_assert_uint_lt(length, WORD_SIZE - 1);
        name[length++] = *place;
        if (*place != '.')
            continue;
        name[length - 1] = '\0';
        (void)strcpy(qualifier, name);
        length = 0;
    }
    name[length] = '\0';
    *sql = place;
    return length > 0;
}

static bool is_alias(const char *name)
{
    return strlen(name) == 1;
}

/* The table that an alias stands for; NULL for a subquery and for a table in pg_temp. */
static const struct table *aliased_table(const char *sql, const char *alias, bool *temporary)
{
    char qualifier[WORD_SIZE], name[WORD_SIZE], next_qualifier[WORD_SIZE], next[WORD_SIZE];

    *temporary = false;
    while (next_name(&sql, qualifier, name)) {
        const char *behind = sql;

        if (qualifier[0] == '\0' || is_alias(qualifier) ||
            !next_name(&behind, next_qualifier, next) || next_qualifier[0] != '\0' ||
            strcmp(next, alias) != 0)
            continue;
        *temporary = strcmp(qualifier, "pg_temp") == 0;
        return *temporary ? NULL : table_get(table_find(name));
    }
    return NULL;
}

static void expect_table(const char *schema, const char *name)
{
    enum table_id id = table_find(name);

    ck_assert_msg(id != TABLE_NONE, "%s.%s", schema, name);
    ck_assert_str_eq(table_get(id)->schema, schema);
}

static void expect_temporary_table(const char *name)
{
    bool found = strcmp(name, DERIVATION_FORMER_PRICE) == 0;

    for (size_t i = 0; i < derivation_count; i++)
        found = found || strcmp(derivations[i].list, name) == 0;
    for (int subject = 0; subject < SUBJECT_COUNT; subject++)
        found = found || strcmp(derivation_subjects[subject].stage, name) == 0;
    ck_assert_msg(found, "pg_temp.%s", name);
}

/* PostgreSQL itself gives every table its xmin. */
static bool has_column(const struct table *table, const char *name)
{
    return table_column_named(table, name) >= 0 || strcmp(name, "xmin") == 0 ||
           (table->sequence_column != NULL && strcmp(table->sequence_column, name) == 0);
}

static void expect_column(const char *sql, const char *alias, const char *name)
{
    bool temporary;
    const struct table *table = aliased_table(sql, alias, &temporary);

    /* Former prices alone have more than an id. */
    if (temporary && strcmp(name, "price") == 0)
        ck_assert_ptr_nonnull(strstr(sql, DERIVATION_FORMER_PRICE));
    else if (temporary)
        ck_assert_str_eq(name, "id");
    if (table != NULL)
        ck_assert_msg(has_column(table, name), "%s.%s", table->name, name);
}

static void expect_known_names(const char *sql)
{
    char qualifier[WORD_SIZE], name[WORD_SIZE];
    const char *rest = sql;

    while (next_name(&rest, qualifier, name)) {
        if (qualifier[0] == '\0')
            continue;
        if (is_alias(qualifier))
            expect_column(sql, qualifier, name);
        else if (strcmp(qualifier, "pg_temp") == 0)
            expect_temporary_table(name);
        else
            expect_table(qualifier, name);
    }
}

START_TEST(names_only_what_the_tables_have)
{
    expect_known_names(one_line(derivations[_i].sql).text);
    if (derivations[_i].sql_without_marker != NULL)
        expect_known_names(one_line(derivations[_i].sql_without_marker).text);
}
END_TEST

/* Whether the query's rows have a column of that name: "alias.NAME" or "... AS NAME" in its list.
 */
static bool gives(const struct line *query, const char *name)
{
    const char *end = strstr(query->text, " FROM ");
    const char *place = query->text;
    size_t length = strlen(name);

    while ((place = strstr(place, name)) != NULL && place < end) {
        bool begins = place[-1] == '.' || strncmp(place - 4, " AS ", 4) == 0;
        const char *behind = place + length;

        if (begins && !is_word(*behind) && strncmp(behind, " AS ", 4) != 0)
            return true;
        place = behind;
    }
    return false;
}

START_TEST(sets_only_columns_that_table_and_query_have)
{
    const struct derivation *derivation = &derivations[_i];
    const struct table *table = table_get(derivation->updated);
    const struct line query = one_line(derivation->sql);

    for (size_t i = 0; i < DERIVATION_KEYS_MAX && derivation->keys[i] != NULL; i++) {
        ck_assert_msg(has_column(table, derivation->keys[i]), "%s", derivation->keys[i]);
        ck_assert_msg(gives(&query, derivation->keys[i]), "%s", derivation->keys[i]);
    }
    for (size_t i = 0; i < DERIVATION_COLUMNS_MAX && derivation->columns[i] != NULL; i++) {
        ck_assert_msg(has_column(table, derivation->columns[i]), "%s", derivation->columns[i]);
        ck_assert_msg(gives(&query, derivation->columns[i]), "%s", derivation->columns[i]);
    }
    ck_assert_ptr_nonnull(derivation->keys[0]);
    ck_assert_ptr_nonnull(derivation->columns[0]);
}
END_TEST

/* Where the table is distributed, the first column of its key says where a row and its line of the
 * list lie. The rest has to tell rows apart: the table's key, or its sequence. */
START_TEST(finds_a_row_where_it_lies)
{
    const struct derivation *derivation = &derivations[_i];
    const struct table *table = table_get(derivation->updated);

    ck_assert_str_eq(derivation->keys[0], table->columns[table->key[0]].name);
    if (table->key_kind == KEY_ID)
        ck_assert_ptr_null(derivation->keys[1]);
    else if (table->sequence_column != NULL)
        ck_assert_str_eq(derivation->keys[1], table->sequence_column);
    else
        ck_assert_str_eq(derivation->keys[1], table->columns[table->key[1]].name);
}
END_TEST

/* What changes nothing costs nothing: neither a new version of the row nor a trigger. */
START_TEST(changes_only_rows_that_differ)
{
    ck_assert_ptr_nonnull(strstr(one_line(derivations[_i].sql).text, " IS DISTINCT FROM "));
}
END_TEST

START_TEST(is_about_its_subject)
{
    const struct derivation *derivation = &derivations[_i];
    char table[WORD_SIZE * 2];

    (void)snprintf(table, sizeof table, "pg_temp.%s ",
                   derivation_subjects[derivation->subject].stage);
    ck_assert_ptr_nonnull(strstr(one_line(derivation->sql).text, table));
    ck_assert_int_eq(strncmp(derivation->result, "the ", 4), 0);
    if (derivation->sql_without_marker != NULL)
        ck_assert_ptr_nonnull(strstr(one_line(derivation->sql_without_marker).text, table));
}
END_TEST

/* Only the column that a database of TimeL-E's service lacks may be, and has to be, left out. */
START_TEST(can_do_without_the_marker)
{
    const struct table *items = table_get(TABLE_ORDER_ITEMS);
    const char *marker = items->columns[table_column_derived(items, ABSENT_GIVEN)].name;
    const struct derivation *derivation = &derivations[_i];

    ck_assert_int_eq(strstr(one_line(derivation->sql).text, marker) != NULL,
                     derivation->sql_without_marker != NULL);
    if (derivation->sql_without_marker != NULL)
        ck_assert_ptr_null(strstr(one_line(derivation->sql_without_marker).text, marker));
}
END_TEST

/* Puts `with` in the place of the one `part` of the line. */
static void replace(struct line *line, const char *part, const char *with)
{
    char *place = strstr(line->text, part);
    struct line rest = *line;
    size_t before;

    ck_assert_msg(place != NULL, "there is no %s in %s", part, line->text);
    before = (size_t)(place - line->text);
    (void)snprintf(place, STATEMENT_SIZE - before, "%s%s", with, rest.text + before + strlen(part));
}

/* The statement that fills a list. */
static struct line statement_of(const char *list)
{
    size_t i = 0;

    while (i < derivation_count && strcmp(derivations[i].list, list) != 0)
        i++;
    ck_assert_uint_lt(i, derivation_count);
    return one_line(derivations[i].sql);
}

/* One rule that stands in two files must not become two. */
START_TEST(pairs_of_statements_have_the_same_rule)
{
    struct line reprice = one_line(derivations[0].sql);
    struct line to_users = statement_of("timele_load_delivery_of_user");

    replace(&reprice, "i.price_given IS NOT TRUE", "age(i.xmin) <> 0");
    ck_assert_str_eq(reprice.text, one_line(derivations[0].sql_without_marker).text);

    replace(&to_users, "SELECT u.id,", "SELECT k.id,");
    replace(&to_users, "FROM users.users u JOIN pg_temp.timele_load_user c ON c.id = u.id",
            "FROM pg_temp.timele_load_user_order c JOIN orders.orders k ON k.id = c.id "
            "JOIN users.users u ON u.id = k.user_id");
    replace(&to_users, "ON o.user_id = d.id", "ON o.id = d.id");
    ck_assert_str_eq(to_users.text, statement_of("timele_load_delivery").text);
}
END_TEST

START_TEST(every_subject_has_a_stage_and_a_derivation)
{
    const struct derivation_ids *ids = &derivation_subjects[_i];
    bool found = false;

    ck_assert_ptr_nonnull(ids->stage);
    ck_assert(table_get(ids->of)->key_kind == KEY_ID);
    for (int other = 0; other < _i; other++)
        ck_assert_str_ne(ids->stage, derivation_subjects[other].stage);
    for (size_t i = 0; i < derivation_count; i++)
        found = found || (int)derivations[i].subject == _i;
    ck_assert(found);
}
END_TEST

/* New prices add orders whose totals have to be set after them. */
START_TEST(run_in_the_order_of_their_subjects)
{
    for (size_t i = 1; i < derivation_count; i++)
        ck_assert_int_le(derivations[i - 1].subject, derivations[i].subject);
    ck_assert_ptr_nonnull(strstr(derivations[0].afterwards, derivations[0].list));
    ck_assert_ptr_nonnull(
        strstr(derivations[0].afterwards, derivation_subjects[SUBJECT_ITEM_ORDERS].stage));
    ck_assert_int_lt(SUBJECT_PRODUCTS, SUBJECT_ITEM_ORDERS);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("derivation");
    TCase *tests = tcase_create("statements");

    tcase_add_loop_test(tests, names_only_what_the_tables_have, 0, (int)derivation_count);
    tcase_add_loop_test(tests, sets_only_columns_that_table_and_query_have, 0,
                        (int)derivation_count);
    tcase_add_loop_test(tests, finds_a_row_where_it_lies, 0, (int)derivation_count);
    tcase_add_loop_test(tests, changes_only_rows_that_differ, 0, (int)derivation_count);
    tcase_add_loop_test(tests, is_about_its_subject, 0, (int)derivation_count);
    tcase_add_loop_test(tests, can_do_without_the_marker, 0, (int)derivation_count);
    tcase_add_test(tests, pairs_of_statements_have_the_same_rule);
    tcase_add_loop_test(tests, every_subject_has_a_stage_and_a_derivation, 0, SUBJECT_COUNT);
    tcase_add_test(tests, run_in_the_order_of_their_subjects);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
