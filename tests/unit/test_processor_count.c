#include "base/processor_count.h"

#include "suite.h"

#include <sched.h>

START_TEST(counts_those_that_the_process_may_use)
{
    cpu_set_t all, one;
    size_t first = 0;

    CPU_ZERO(&one);
    ck_assert_int_eq(sched_getaffinity(0, sizeof all, &all), 0);
    ck_assert_int_eq(processor_count(), CPU_COUNT(&all));
    while (!CPU_ISSET(first, &all))
        first++;
    CPU_SET(first, &one);
    ck_assert_int_eq(sched_setaffinity(0, sizeof one, &one), 0);
    ck_assert_int_eq(processor_count(), 1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("processor count");
    TCase *tests = tcase_create("affinity");

    tcase_add_test(tests, counts_those_that_the_process_may_use);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
