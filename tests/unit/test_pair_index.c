#include "index/pair_index.h"
#include "suite.h"

/* Adds a pair and returns the line of the same pair in the same group. */
static uint32_t add(struct pair_index *index, int64_t parent, int64_t child, uint32_t line)
{
    uint32_t earlier = 4242;

    ck_assert(pair_index_add(index, parent, child, line, &earlier));
    return earlier;
}

enum { STEPS_MAX = 5 };

/* Pairs that are added from line 2 on, and the line of the same pair that each one finds, if any.
 * The first line of a group is the border to what earlier groups left behind. */
static const struct {
    const char *name;
    struct {
        int64_t parent, child;
        uint32_t earlier;
    } steps[STEPS_MAX]; /* a parent 0 ends them */
} sequences[] = {
    {"different children are different pairs", {{1, 10, 0}, {1, 11, 0}, {1, INT32_MAX, 0}}},
    {"the same child of another parent is another pair",
     {{1, 10, 0}, {2, 10, 0}, {4294967297, 10, 0}}},
    {"the line of the same pair", {{1, 10, 0}, {1, 11, 0}, {1, 10, 2}, {1, 11, 3}, {1, 10, 4}}},
    {"a group begins with its first line",
     {{1, 10, 0}, {2, 11, 0}, {2, 10, 0}, {2, 11, 3}, {2, 10, 4}}},
};

START_TEST(names_the_line_of_the_same_pair)
{
    struct pair_index index = {0};

    for (uint32_t i = 0; i < STEPS_MAX && sequences[_i].steps[i].parent != 0; i++) {
        uint32_t earlier =
            add(&index, sequences[_i].steps[i].parent, sequences[_i].steps[i].child, i + 2);

        ck_assert_msg(earlier == sequences[_i].steps[i].earlier, "%s: line %u finds line %u",
                      sequences[_i].name, i + 2, earlier);
    }
    ck_assert_msg(id_set_is_empty(&index.out_of_order), "%s", sequences[_i].name);
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

    tcase_add_loop_test(tests, names_the_line_of_the_same_pair, 0, TABLE_ROWS(sequences));
    tcase_add_test(tests, a_parent_that_comes_back_is_scattered);
    tcase_add_test(tests, remembers_all_parents);
    tcase_add_test(tests, is_empty_again_when_freed);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
