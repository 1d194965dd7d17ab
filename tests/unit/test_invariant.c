#include "suite.h"
#include "table/invariant.h"

#include <string.h>

/* What a line of --verify has room for. */
enum { NAME_LENGTH_MAX = 48 };

START_TEST(has_all_that_its_queries_are_made_of)
{
    const struct invariant *invariant = &invariants[_i];

    ck_assert_uint_le(strlen(invariant->name), NAME_LENGTH_MAX);
    ck_assert_ptr_nonnull(invariant->rows);
    ck_assert_ptr_nonnull(invariant->broken);
    ck_assert_ptr_nonnull(invariant->order);
    ck_assert_ptr_nonnull(invariant->example);
    for (int other = 0; other < _i; other++)
        ck_assert_str_ne(invariant->name, invariants[other].name);
}
END_TEST

/* A condition stands beside others, and after WHERE and FILTER. */
START_TEST(is_one_condition_on_one_row_set)
{
    const struct invariant *invariant = &invariants[_i];
    int depth = 0;

    ck_assert_msg(strcmp(invariant->rows + strlen(invariant->rows) - 3, ") r") == 0, "%s",
                  invariant->rows);
    for (const char *place = invariant->broken; *place != '\0'; place++) {
        depth += (*place == '(') - (*place == ')');
        ck_assert_int_ge(depth, 0);
        ck_assert_msg(depth > 0 || strncmp(place, " OR ", 4) != 0, "%s", invariant->broken);
    }
    ck_assert_int_eq(depth, 0);
}
END_TEST

START_TEST(is_marked_by_a_column_that_may_be_missing)
{
    const struct invariant *invariant = &invariants[_i];
    const struct table *table;
    int column;

    if (invariant->marker == NULL)
        return;
    table = table_get(invariant->marked);
    column = table_column_named(table, invariant->marker);
    ck_assert_int_ge(column, 0);
    ck_assert(table->columns[column].optional);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("invariant");
    TCase *tests = tcase_create("every invariant");

    tcase_add_loop_test(tests, has_all_that_its_queries_are_made_of, 0, (int)invariant_count);
    tcase_add_loop_test(tests, is_one_condition_on_one_row_set, 0, (int)invariant_count);
    tcase_add_loop_test(tests, is_marked_by_a_column_that_may_be_missing, 0, (int)invariant_count);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
