#include "index/line_index.h"
#include "suite.h"

static void set_line(struct line_index *index, int64_t id, uint32_t line)
{
    ck_assert(line_index_set(index, id, line));
}

/* On both sides of a page's border, and the highest id there may be. */
static const int64_t ids[] = {0,     1,      4095,    4096,      4097,       8191,
                              65536, 206209, 3421083, INT32_MAX, 2147483648, UINT32_MAX};

START_TEST(knows_the_line_of_an_id)
{
    struct line_index index = {0};

    set_line(&index, ids[_i], 7);
    for (int i = 0; i < TABLE_ROWS(ids); i++)
        ck_assert_uint_eq(line_index_get(&index, ids[i]), i == _i ? 7 : 0);
    line_index_free(&index);
}
END_TEST

START_TEST(knows_many_lines)
{
    struct line_index index = {0};

    for (int i = TABLE_ROWS(ids) - 1; i >= 0; i--)
        set_line(&index, ids[i], UINT32_MAX - (uint32_t)i);
    for (int i = 0; i < TABLE_ROWS(ids); i++)
        ck_assert_uint_eq(line_index_get(&index, ids[i]), UINT32_MAX - (uint32_t)i);
    line_index_free(&index);
}
END_TEST

enum { DENSE = 20 * 1000 };

START_TEST(grows_with_dense_ids)
{
    struct line_index index = {0};

    for (uint32_t id = 1; id <= DENSE; id++)
        set_line(&index, id, id + 1);
    for (uint32_t id = 1; id <= DENSE; id++)
        if (line_index_get(&index, id) != id + 1)
            ck_abort_msg("%u has lost its line", id);
    ck_assert_uint_eq(line_index_get(&index, DENSE + 1), 0);
    line_index_free(&index);
}
END_TEST

START_TEST(the_last_line_stays)
{
    struct line_index index = {0};

    set_line(&index, 7, 2);
    set_line(&index, 7, 3);
    ck_assert_uint_eq(line_index_get(&index, 7), 3);
    line_index_free(&index);
}
END_TEST

START_TEST(line_0_takes_an_id_out)
{
    struct line_index index = {0};

    set_line(&index, 7, 2);
    set_line(&index, 8, 3);
    set_line(&index, 7, 0);
    set_line(&index, 1000000, 0);
    ck_assert_uint_eq(line_index_get(&index, 7), 0);
    ck_assert_uint_eq(line_index_get(&index, 8), 3);
    ck_assert_uint_eq(line_index_get(&index, 1000000), 0);
    line_index_free(&index);
}
END_TEST

/* Ids of foreign keys are looked up before anyone knows whether they can be right. */
static const int64_t strange_ids[] = {-1, INT64_MIN, INT64_MAX, 4294967303, -4294967289};

START_TEST(knows_no_line_of_an_id_beyond_all)
{
    struct line_index index = {0};

    ck_assert_uint_eq(line_index_get(&index, strange_ids[_i]), 0);
    set_line(&index, 7, 2);
    ck_assert_uint_eq(line_index_get(&index, strange_ids[_i]), 0);
    line_index_free(&index);
}
END_TEST

START_TEST(is_empty_again_when_freed)
{
    struct line_index index = {0};

    line_index_free(&index);
    set_line(&index, 7, 2);
    line_index_free(&index);
    ck_assert_uint_eq(line_index_get(&index, 7), 0);
    set_line(&index, 8, 3);
    ck_assert_uint_eq(line_index_get(&index, 8), 3);
    ck_assert_uint_eq(line_index_get(&index, 7), 0);
    line_index_free(&index);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("line_index");
    TCase *tests = tcase_create("lines");

    tcase_add_loop_test(tests, knows_the_line_of_an_id, 0, TABLE_ROWS(ids));
    tcase_add_test(tests, knows_many_lines);
    tcase_add_test(tests, grows_with_dense_ids);
    tcase_add_test(tests, the_last_line_stays);
    tcase_add_test(tests, line_0_takes_an_id_out);
    tcase_add_loop_test(tests, knows_no_line_of_an_id_beyond_all, 0, TABLE_ROWS(strange_ids));
    tcase_add_test(tests, is_empty_again_when_freed);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
