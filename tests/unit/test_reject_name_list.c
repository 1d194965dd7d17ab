#include "check/reject_name_list.h"
#include "suite.h"

#include <stdio.h>
#include <stdlib.h>

enum { NAMES_MAX = 6 };

static const struct {
    const char *file_names[NAMES_MAX], *names[NAMES_MAX];
} groups[] = {
    {{"orders.csv", "users.csv"}, {"orders", "users"}},
    {{"orders.csv", "orders.gz", "orders"}, {"orders", "orders-2", "orders-3"}},
    {{"orders-2", "orders", "orders.csv"}, {"orders-2", "orders", "orders-3"}},
    {{"orders", "orders", "orders-2"}, {"orders", "orders-2", "orders-2-2"}},
    {{"stdin", "stdin.csv"}, {"stdin", "stdin-2"}},
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

    while (count < NAMES_MAX && groups[_i].file_names[count] != NULL)
        count++;
    ck_assert(reject_name_list_choose("/nowhere", groups[_i].file_names, count, &names));
    for (size_t i = 0; i < count; i++)
        ck_assert_str_eq(names.items[i].name, groups[_i].names[i]);
    reject_name_list_free(&names);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("reject_name_list");
    TCase *tests = tcase_create("reject_name_list");

    tcase_add_loop_test(tests, gives_no_two_files_one_name, 0, TABLE_ROWS(groups));
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
