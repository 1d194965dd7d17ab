#include "suite.h"

#include "base/list.h"

#include <stdint.h>
#include <string.h>

START_TEST(items_stay_in_the_order_in_which_they_came)
{
    struct list list = {0};

    for (int i = 0; i < 10000; i++) {
        int *item = list_add(&list, sizeof *item, 1);

        ck_assert_ptr_nonnull(item);
        *item = i;
    }
    ck_assert_uint_eq(list.count, 10000);
    for (int i = 0; i < 10000; i++)
        ck_assert_int_eq(((const int *)list.items)[i], i);
    list_free(&list);
}
END_TEST

START_TEST(several_items_are_added_at_once)
{
    struct list list = {0};
    char *place = list_add(&list, 1, 100);

    ck_assert_ptr_nonnull(place);
    memset(place, 'a', 100);
    place = list_add(&list, 1, 5);
    ck_assert_ptr_nonnull(place);
    memcpy(place, "bcdef", 5);
    ck_assert_uint_eq(list.count, 105);
    ck_assert_int_eq(memcmp((const char *)list.items + 98, "aabcdef", 7), 0);
    list_free(&list);
}
END_TEST

START_TEST(more_than_any_memory_holds_is_refused)
{
    struct list list = {0};
    int *item = list_add(&list, sizeof *item, 1);

    ck_assert_ptr_nonnull(item);
    *item = 7;
    ck_assert_ptr_null(list_add(&list, sizeof *item, SIZE_MAX / 2));
    ck_assert_ptr_null(list_add(&list, sizeof *item, SIZE_MAX));
    ck_assert_uint_eq(list.count, 1);
    ck_assert_int_eq(*(const int *)list.items, 7);
    list_free(&list);
}
END_TEST

START_TEST(a_freed_list_is_empty_and_can_be_used_again)
{
    struct list list = {0};

    ck_assert_ptr_nonnull(list_add(&list, 8, 3));
    list_free(&list);
    ck_assert_ptr_null(list.items);
    ck_assert_uint_eq(list.count, 0);
    ck_assert_ptr_nonnull(list_add(&list, 8, 1));
    list_free(&list);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("list");
    TCase *tests = tcase_create("items");

    tcase_add_test(tests, items_stay_in_the_order_in_which_they_came);
    tcase_add_test(tests, several_items_are_added_at_once);
    tcase_add_test(tests, more_than_any_memory_holds_is_refused);
    tcase_add_test(tests, a_freed_list_is_empty_and_can_be_used_again);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
