#include "described_table.h"
#include "suite.h"

/* Each test looks at one table, or at every pair of tables. */
static const struct table *tested_table(int id)
{
    return table_get((enum table_id)id);
}

START_TEST(has_what_every_table_needs)
{
    const struct table *table = tested_table(_i);

    ck_assert_ptr_nonnull(table);
    ck_assert_ptr_nonnull(table->schema);
    ck_assert_ptr_nonnull(table->name);
    ck_assert_ptr_nonnull(table->row_name);
    ck_assert_uint_ge(table->column_count, 1);
    ck_assert_uint_le(table->column_count, TABLE_COLUMNS_MAX);
    ck_assert_uint_ge(table->key_count, 1);
    ck_assert_uint_le(table->key_count, TABLE_KEY_MAX);
    ck_assert_int_eq(table_find(table->name), _i);
    for (size_t i = 0; i < table->column_count; i++)
        ck_assert_ptr_nonnull(table->columns[i].name);
}
END_TEST

/* A table is loaded, and its rows proven, when all those that it points to are there. */
START_TEST(references_lead_to_earlier_tables)
{
    const struct table *table = tested_table(_i);

    for (size_t i = 0; i < table->column_count; i++) {
        const struct column *column = &table->columns[i];

        if (!column->has_reference)
            continue;
        ck_assert_msg((int)column->references < _i, "%s.%s", table->name, column->name);
        ck_assert_uint_eq(tested_table((int)column->references)->key_count, 1);
    }
}
END_TEST

/* What tells rows apart: ids, or an id, a time and a status. */
static enum column_type key_type(const struct table *table, size_t part)
{
    static const enum column_type event_types[TABLE_KEY_MAX] = {COLUMN_BIGINT, COLUMN_TIMESTAMPTZ,
                                                                COLUMN_ORDER_STATUS};

    ck_assert_uint_lt(part, TABLE_KEY_MAX);
    return table->key_kind == KEY_EVENT ? event_types[part] : COLUMN_INTEGER;
}

START_TEST(keys_have_as_many_columns_as_their_kind)
{
    static const size_t counts[] = {[KEY_ID] = 1, [KEY_PAIR] = 2, [KEY_EVENT] = 3};
    const struct table *table = tested_table(_i);

    ck_assert_uint_eq(table->key_count, counts[table->key_kind]);
    if (table->key_kind != KEY_ID)
        ck_assert(table->columns[table->key[0]].has_reference);
}
END_TEST

START_TEST(keys_are_read_from_files_and_identify_them)
{
    const struct table *table = tested_table(_i);

    for (size_t i = 0; i < table->key_count; i++) {
        const struct column *column = &table->columns[table->key[i]];

        ck_assert_uint_lt(table->key[i], table->column_count);
        ck_assert_msg(column->type == key_type(table, i) ||
                          (i == 0 && column->type == COLUMN_BIGINT),
                      "%s.%s", table->name, column->name);
        if (table->dataset == NULL)
            continue;
        ck_assert_msg(column->identifies && column->header != NULL, "%s.%s", table->name,
                      column->name);
        ck_assert_int_eq(column->absent, ABSENT_REFUSED);
        if (column->type == COLUMN_BIGINT || column->type == COLUMN_INTEGER)
            ck_assert_int_eq(column->minimum, 1);
    }
}
END_TEST

START_TEST(names_and_headers_are_unique)
{
    const struct table *table = tested_table(_i);

    for (size_t i = 0; i < table->column_count; i++)
        for (size_t j = 0; j < i; j++) {
            const struct column *one = &table->columns[i], *other = &table->columns[j];

            ck_assert_str_ne(one->name, other->name);
            if (one->header != NULL && other->header != NULL)
                ck_assert_str_ne(one->header, other->header);
        }
}
END_TEST

/* What a column has of its own must fit what kind of column it is. */
START_TEST(columns_make_sense)
{
    const struct table *table = tested_table(_i);

    for (size_t i = 0; i < table->column_count; i++) {
        const struct column *column = &table->columns[i];
        const char *name = column->name;

        ck_assert_msg(column->maximum == 0 || column->minimum <= column->maximum, "%s", name);
        ck_assert_msg(column->type != COLUMN_INTEGER || column->maximum <= INT32_MAX, "%s", name);
        ck_assert_msg(column->type != COLUMN_INTEGER || column->minimum == 0 ||
                          column->maximum != 0,
                      "%s", name);
        ck_assert_msg(column->length == 0 || column->type == COLUMN_TEXT, "%s", name);
        ck_assert_msg(!column->identifies || column->header != NULL, "%s", name);
        ck_assert_msg(column->length == 0 || column->scale == 0, "%s", name);
        ck_assert_msg((column->precision > 0) == (column->type == COLUMN_NUMERIC), "%s", name);
        ck_assert_msg(column->scale == 0 || column->type == COLUMN_NUMERIC ||
                          column->type == COLUMN_DOUBLE,
                      "%s", name);
        ck_assert_msg(column->absent != ABSENT_RANDOM_UUID || column->type == COLUMN_UUID_V4, "%s",
                      name);
        ck_assert_msg(column->absent != ABSENT_LOAD_TIME || column->type == COLUMN_TIMESTAMPTZ,
                      "%s", name);
        ck_assert_msg(column->absent != ABSENT_INFERRED || column->type == COLUMN_BOOLEAN, "%s",
                      name);
        ck_assert_msg(column->header != NULL || column->absent != ABSENT_REFUSED ||
                          table->dataset == NULL,
                      "no row can bring a value for %s", name);
    }
}
END_TEST

/* Neither the API's id nor the database's may change under those who hold it. */
START_TEST(external_ids_are_random_stable_and_unique)
{
    const struct table *table = tested_table(_i);
    int uuids = 0;

    for (size_t i = 0; i < table->column_count; i++) {
        const struct column *column = &table->columns[i];

        if (column->type != COLUMN_UUID_V4)
            continue;
        uuids++;
        ck_assert_int_eq(column->absent, ABSENT_RANDOM_UUID);
        ck_assert(column->stable);
        ck_assert(column->unique);
    }
    ck_assert_int_eq(uuids, _i == TABLE_USERS || _i == TABLE_ORDERS || _i == TABLE_CARTS ? 1 : 0);
}
END_TEST

START_TEST(a_plain_password_has_no_place)
{
    const struct table *table = tested_table(_i);

    ck_assert_ptr_null(column_of_header(table, "password"));
    for (size_t i = 0; i < table->column_count; i++)
        ck_assert_str_ne(table->columns[i].name, "password");
}
END_TEST

static bool identifies(const struct table *table, const char *header)
{
    const struct column *column = column_of_header(table, header);

    return column != NULL && column->identifies;
}

static bool has_all_identifying_columns(const struct table *table, const struct table *of)
{
    for (size_t i = 0; i < of->column_count; i++)
        if (of->columns[i].identifies && !identifies(table, of->columns[i].header))
            return false;
    return true;
}

START_TEST(no_two_datasets_have_the_same_identifying_columns)
{
    const struct table *table = tested_table(_i);

    for (int id = 0; id < _i; id++) {
        const struct table *other = tested_table(id);

        if (table->dataset == NULL || other->dataset == NULL)
            continue;
        ck_assert_str_ne(table->dataset, other->dataset);
        ck_assert_msg(!has_all_identifying_columns(table, other) ||
                          !has_all_identifying_columns(other, table),
                      "%s and %s", table->dataset, other->dataset);
    }
}
END_TEST

START_TEST(marks_placeholders)
{
    const struct table *table = tested_table(_i);
    int column = table_inferred_column(table);

    if (_i != TABLE_PRODUCTS && _i != TABLE_AISLES && _i != TABLE_DEPARTMENTS &&
        _i != TABLE_USERS) {
        ck_assert_int_eq(column, -1);
        return;
    }
    ck_assert_int_ge(column, 0);
    ck_assert_str_eq(table->columns[column].name, "inferred");
    ck_assert_ptr_null(table->columns[column].header);
}
END_TEST

/* The first column that is so, as a search from the front finds it. */
START_TEST(finds_columns_by_what_they_are)
{
    const struct table *table = tested_table(_i);

    for (size_t i = table->column_count; i-- > 0;) {
        const struct column *column = &table->columns[i];

        ck_assert_int_eq(table_column_named(table, column->name), (int)i);
        ck_assert_int_le(table_column_with_role(table, column->role), (int)i);
        ck_assert_int_eq(table->columns[table_column_with_role(table, column->role)].role,
                         column->role);
        ck_assert_int_le(table_column_derived(table, column->absent), (int)i);
        ck_assert_int_eq(table->columns[table_column_derived(table, column->absent)].absent,
                         column->absent);
    }
}
END_TEST

/* Each value beside a rule belongs to that rule alone. */
START_TEST(a_rule_has_no_value_of_another)
{
    const struct table *table = tested_table(_i);

    for (size_t i = 0; i < table->column_count; i++) {
        const struct column *column = &table->columns[i];

        if (column->absent != ABSENT_INTEGER)
            ck_assert_msg(column->default_integer == 0, "%s", column->name);
        if (column->absent != ABSENT_COPY)
            ck_assert_msg(column->copy_offset == 0, "%s", column->name);
        if (column->absent != ABSENT_LAST_STATUS)
            ck_assert_msg(column->initial_status == 0, "%s", column->name);
        if (column->absent != ABSENT_DELIVERY && column->role != ROLE_DELIVERY)
            ck_assert_msg(column->detail == 0, "%s", column->name);
    }
}
END_TEST

/* The original comes before its copy's rule needs it, and has a value that can be copied. */
START_TEST(copies_name_their_originals)
{
    const struct table *table = tested_table(_i);

    for (size_t i = 0; i < table->column_count; i++) {
        const struct column *column = &table->columns[i];
        bool copies = column->absent == ABSENT_COPY || column->absent == ABSENT_GIVEN ||
                      column->absent == ABSENT_LAST_STATUS_TIME;
        int original;

        ck_assert_msg(copies == (column->copy_of != NULL), "%s", column->name);
        if (!copies)
            continue;
        original = table_column_named(table, column->copy_of);
        ck_assert_msg(original >= 0 && original != (int)i, "%s", column->name);
        ck_assert_msg(table->columns[original].header != NULL, "%s", column->name);
        if (column->absent == ABSENT_GIVEN)
            ck_assert_int_eq(column->type, COLUMN_BOOLEAN);
        else
            ck_assert_int_eq(column->type, table->columns[original].type);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("table");
    TCase *tests = tcase_create("every table");

    tcase_add_loop_test(tests, has_what_every_table_needs, 0, TABLE_COUNT);
    tcase_add_loop_test(tests, references_lead_to_earlier_tables, 0, TABLE_COUNT);
    tcase_add_loop_test(tests, keys_have_as_many_columns_as_their_kind, 0, TABLE_COUNT);
    tcase_add_loop_test(tests, keys_are_read_from_files_and_identify_them, 0, TABLE_COUNT);
    tcase_add_loop_test(tests, names_and_headers_are_unique, 0, TABLE_COUNT);
    tcase_add_loop_test(tests, columns_make_sense, 0, TABLE_COUNT);
    tcase_add_loop_test(tests, external_ids_are_random_stable_and_unique, 0, TABLE_COUNT);
    tcase_add_loop_test(tests, a_plain_password_has_no_place, 0, TABLE_COUNT);
    tcase_add_loop_test(tests, no_two_datasets_have_the_same_identifying_columns, 0, TABLE_COUNT);
    tcase_add_loop_test(tests, marks_placeholders, 0, TABLE_COUNT);
    tcase_add_loop_test(tests, finds_columns_by_what_they_are, 0, TABLE_COUNT);
    tcase_add_loop_test(tests, a_rule_has_no_value_of_another, 0, TABLE_COUNT);
    tcase_add_loop_test(tests, copies_name_their_originals, 0, TABLE_COUNT);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
