#include "check/reject_name_list.h"
#include "suite.h"

#include <stdio.h>
#include <stdlib.h>

enum { PATHS_MAX = 6 };

static const struct {
    const char *paths[PATHS_MAX], *names[PATHS_MAX];
} groups[] = {
    {{"orders.csv", "users.csv"}, {"orders", "users"}},
    {{"a/orders.csv", "orders.gz", "b/orders"}, {"orders", "orders-2", "orders-3"}},
    {{"orders-2", "orders", "b/orders"}, {"orders-2", "orders", "orders-3"}},
    {{"orders", "b/orders", "orders-2"}, {"orders", "orders-2", "orders-2-2"}},
    {{"-", "stdin.csv"}, {"stdin", "stdin-2"}},
    /* One's file of reasons is not the other's file of records. */
    {{"orders", "orders.reasons"}, {"orders", "orders.reasons-2"}},
    {{"orders.reasons", "orders"}, {"orders.reasons", "orders-2"}},
    {{"orders", "orders.reasons.reasons", "orders.reasons"},
     {"orders", "orders.reasons.reasons", "orders.reasons-2"}},
    {{"orders", "orders.reason", "users.reasons", "order"},
     {"orders", "orders.reason", "users.reasons", "order"}},
};

START_TEST(gives_no_two_files_one_name)
{
    struct reject_name_list names = {.count = 0};
    size_t count = 0;

    while (count < PATHS_MAX && groups[_i].paths[count] != NULL)
        count++;
    ck_assert(reject_name_list_choose("/nowhere", groups[_i].paths, count, &names));
    for (size_t i = 0; i < count; i++)
        ck_assert_str_eq(names.items[i].name, groups[_i].names[i]);
    reject_name_list_free(&names);
}
END_TEST

START_TEST(knows_its_files)
{
    static const char *const paths[] = {"orders.csv", "in/orders.csv"};
    struct reject_name_list names = {.count = 0};

    ck_assert(reject_name_list_choose("/nowhere", paths, 2, &names));
    ck_assert(reject_name_list_has(&names, "orders.csv"));
    ck_assert(reject_name_list_has(&names, "orders.reasons.csv"));
    ck_assert(reject_name_list_has(&names, "orders-2.csv"));
    ck_assert(!reject_name_list_has(&names, "orders-3.csv"));
    ck_assert(!reject_name_list_has(&names, "orders"));
    ck_assert(!reject_name_list_has(&names, "orders.reasons"));
    ck_assert(!reject_name_list_has(&names, ".csv"));
    reject_name_list_free(&names);
    ck_assert(!reject_name_list_has(&names, "orders.csv"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("reject_name_list");
    TCase *tests = tcase_create("reject_name_list");

    tcase_add_loop_test(tests, gives_no_two_files_one_name, 0, TABLE_ROWS(groups));
    tcase_add_test(tests, knows_its_files);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
