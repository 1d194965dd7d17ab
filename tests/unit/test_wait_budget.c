#include "base/clock.h"
#include "base/interrupt.h"
#include "base/wait_budget.h"
#include "suite.h"

START_TEST(pauses_double_up_to_two_seconds)
{
    static const double pauses[] = {0.1, 0.2, 0.4, 0.8, 1.6, 2, 2};
    struct wait_budget budget = wait_budget_begin(0);
    struct error error = {0};

    for (size_t i = 0; i < TABLE_ROWS(pauses); i++) {
        ck_assert_double_eq(budget.pause, pauses[i]);
        ck_assert(wait_budget_pause(&budget, &error));
    }
    wait_budget_renew(&budget);
    ck_assert_double_eq(budget.pause, 0.1);
}
END_TEST

START_TEST(lasts_as_long_as_it_is_to)
{
    double start = clock_seconds();
    struct wait_budget budget = wait_budget_begin(0.15);
    struct error error = {0};

    while (wait_budget_left(&budget) > 0)
        ck_assert(wait_budget_pause(&budget, &error));
    ck_assert_double_ge(clock_seconds(), start + 0.15);
    ck_assert_double_eq(wait_budget_left(&budget), 0);
    ck_assert_int_eq(error.kind, ERROR_NONE);
}
END_TEST

START_TEST(a_signal_ends_it)
{
    struct wait_budget budget = wait_budget_begin(3600);
    struct error error = {0};

    ck_assert_double_gt(wait_budget_left(&budget), 0);
    ck_assert_double_le(wait_budget_left(&budget), 3600);
    budget.pause = 3600;
    ck_assert(interrupt_install(&error));
    ck_assert_int_eq(raise(SIGTERM), 0);
    ck_assert(!wait_budget_pause(&budget, &error));
    ck_assert_int_eq(error.kind, ERROR_TERMINATED);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("wait_budget");
    TCase *tests = tcase_create("budgets");

    tcase_add_test(tests, pauses_double_up_to_two_seconds);
    tcase_add_test(tests, lasts_as_long_as_it_is_to);
    tcase_add_test(tests, a_signal_ends_it);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
