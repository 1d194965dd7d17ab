#include "derive/previous_status.h"
#include "suite.h"

START_TEST(test_lines_are_found_in_any_order)
{
    struct previous_status_list list = {0};
    int32_t status = 99;

    for (uint32_t i = 0; i < 5000; i++)
        ck_assert(previous_status_add(&list, 2 + 3 * (i * 7 % 5000), (int32_t)(i * 7 % 5000 % 9)));
    ck_assert(previous_status_add(&list, UINT32_MAX, PREVIOUS_STATUS_NONE));
    previous_status_sort(&list);
    for (uint32_t i = 0; i < 5000; i++) {
        ck_assert(previous_status_get(&list, 2 + 3 * i, &status));
        ck_assert_int_eq(status, (int32_t)(i % 9));
        ck_assert(!previous_status_get(&list, 3 + 3 * i, &status));
    }
    ck_assert(previous_status_get(&list, UINT32_MAX, &status));
    ck_assert_int_eq(status, PREVIOUS_STATUS_NONE);
    previous_status_free(&list);
    ck_assert_uint_eq(list.lines.count, 0);
}
END_TEST

START_TEST(test_empty_list_has_no_line)
{
    struct previous_status_list list = {0};
    int32_t status = 7;

    previous_status_sort(&list);
    ck_assert(!previous_status_get(&list, 0, &status));
    ck_assert_int_eq(status, 7);
    previous_status_free(&list);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("previous_status");
    TCase *list = tcase_create("list");

    tcase_add_test(list, test_lines_are_found_in_any_order);
    tcase_add_test(list, test_empty_list_has_no_line);
    suite_add_tcase(suite, list);
    return suite_run(suite);
}
