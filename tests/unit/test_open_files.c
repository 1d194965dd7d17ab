#include "base/open_files.h"
#include "suite.h"

#include <sys/resource.h>

static rlim_t soft_limit(void)
{
    struct rlimit limit;

    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
    return limit.rlim_cur;
}

static const struct {
    rlim_t soft, hard;
    size_t count, allowed;
    rlim_t raised;
} cases[] = {
    {100, 1000, 10, 10, 100},  {100, 1000, 500, 500, 564}, {100, 1000, 5000, 936, 1000},
    {100, 100, 5000, 36, 100}, {64, 64, 5000, 0, 64},      {20, 20, 1, 0, 20},
    {1000, 1000, 0, 0, 1000},
};

START_TEST(raises_the_limit_as_far_as_it_goes)
{
    const struct rlimit limit = {.rlim_cur = cases[_i].soft, .rlim_max = cases[_i].hard};

    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
    ck_assert_uint_eq(open_files_allow(cases[_i].count), cases[_i].allowed);
    ck_assert_uint_eq(soft_limit(), cases[_i].raised);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("open_files");
    TCase *tests = tcase_create("open_files");

    tcase_add_loop_test(tests, raises_the_limit_as_far_as_it_goes, 0, TABLE_ROWS(cases));
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
