#include "index/pair_index.h"
#include "suite.h"

/* Adds a pair and returns the line of the same pair in the same group. */
static uint32_t add(struct pair_index *index, int64_t parent, int64_t child, uint32_t line)
{
    uint32_t earlier = 4242;

    ck_assert(pair_index_add(index, parent, child, line, &earlier));
    return earlier;
}

START_TEST(different_children_are_different_pairs)
{
    struct pair_index index = {0};

    ck_assert_uint_eq(add(&index, 1, 10, 2), 0);
    ck_assert_uint_eq(add(&index, 1, 11, 3), 0);
    ck_assert_uint_eq(add(&index, 1, INT32_MAX, 4), 0);
    ck_assert(id_set_is_empty(&index.out_of_order));
    pair_index_free(&index);
}
END_TEST

START_TEST(the_same_child_of_another_parent_is_another_pair)
{
    struct pair_index index = {0};

    ck_assert_uint_eq(add(&index, 1, 10, 2), 0);
    ck_assert_uint_eq(add(&index, 2, 10, 3), 0);
    ck_assert_uint_eq(add(&index, 4294967297, 10, 4), 0);
    ck_assert(id_set_is_empty(&index.out_of_order));
    pair_index_free(&index);
}
END_TEST

START_TEST(names_the_line_of_the_same_pair)
{
    struct pair_index index = {0};

    ck_assert_uint_eq(add(&index, 1, 10, 2), 0);
    ck_assert_uint_eq(add(&index, 1, 11, 3), 0);
    ck_assert_uint_eq(add(&index, 1, 10, 4), 2);
    ck_assert_uint_eq(add(&index, 1, 11, 5), 3);
    ck_assert_uint_eq(add(&index, 1, 10, 6), 4);
    pair_index_free(&index);
}
END_TEST

/* The first line of a group is the border to what earlier groups left behind. */
START_TEST(the_group_begins_with_its_first_line)
{
    struct pair_index index = {0};

    ck_assert_uint_eq(add(&index, 1, 10, 2), 0);
    ck_assert_uint_eq(add(&index, 2, 11, 3), 0);
    ck_assert_uint_eq(add(&index, 2, 10, 4), 0);
    ck_assert_uint_eq(add(&index, 2, 11, 5), 3);
    ck_assert_uint_eq(add(&index, 2, 10, 6), 4);
    pair_index_free(&index);
}
END_TEST

/* Its pairs are judged together, by a second read: here only the last group's are known. */
START_TEST(a_parent_that_comes_back_is_scattered)
{
    struct pair_index index = {0};

    (void)add(&index, 1, 10, 2);
    (void)add(&index, 2, 10, 3);
    ck_assert(id_set_is_empty(&index.out_of_order));
    ck_assert_uint_eq(add(&index, 1, 10, 4), 0);
    ck_assert(id_set_contains(&index.out_of_order, 1));
    ck_assert_uint_eq(add(&index, 1, 10, 5), 0);
    ck_assert_uint_eq(add(&index, 3, 10, 6), 0);
    ck_assert_uint_eq(add(&index, 3, 10, 6), 6);
    (void)add(&index, 1, 11, 7);
    ck_assert_uint_eq(id_set_count(&index.out_of_order), 1);
    pair_index_free(&index);
}
END_TEST

START_TEST(remembers_all_parents)
{
    struct pair_index index = {0};

    for (int64_t parent = 1; parent <= 1000; parent++)
        (void)add(&index, parent, 10, (uint32_t)parent);
    ck_assert_uint_eq(id_set_count(&index.seen), 1000);
    ck_assert(id_set_is_empty(&index.out_of_order));
    for (int64_t parent = 999; parent > 0; parent -= 2)
        (void)add(&index, parent, 10, (uint32_t)(3000 - parent));
    ck_assert_uint_eq(id_set_count(&index.out_of_order), 500);
    ck_assert(id_set_contains(&index.out_of_order, 1));
    ck_assert(!id_set_contains(&index.out_of_order, 2));
    pair_index_free(&index);
}
END_TEST

START_TEST(is_empty_again_when_freed)
{
    struct pair_index index = {0};

    pair_index_free(&index);
    (void)add(&index, 1, 10, 2);
    (void)add(&index, 2, 10, 3);
    (void)add(&index, 1, 10, 4);
    pair_index_free(&index);
    ck_assert(id_set_is_empty(&index.out_of_order));
    ck_assert_uint_eq(add(&index, 1, 10, 5), 0);
    ck_assert(id_set_is_empty(&index.out_of_order));
    pair_index_free(&index);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("pair_index");
    TCase *tests = tcase_create("pairs");

    tcase_add_test(tests, different_children_are_different_pairs);
    tcase_add_test(tests, the_same_child_of_another_parent_is_another_pair);
    tcase_add_test(tests, names_the_line_of_the_same_pair);
    tcase_add_test(tests, the_group_begins_with_its_first_line);
    tcase_add_test(tests, a_parent_that_comes_back_is_scattered);
    tcase_add_test(tests, remembers_all_parents);
    tcase_add_test(tests, is_empty_again_when_freed);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
