#include "run/record.h"
#include "suite.h"

#include <string.h>

START_TEST(names_the_phase_that_failed_without_an_error)
{
    struct run run = {0};
    struct error error = {0};

    ck_assert(!run_require_error(&run, false, &error));
    ck_assert_int_eq(error.kind, ERROR_INTERNAL);
    ck_assert_str_eq(error.message, "the run failed without saying why");

    error = (struct error){0};
    phase_begin(&run.phases, "copy", "%s", "orders.csv");
    phase_end(&run.phases);
    ck_assert(!run_require_error(&run, false, &error));
    ck_assert_int_eq(error.kind, ERROR_INTERNAL);
    ck_assert_str_eq(error.message, "the phase \"copy orders.csv\" failed without saying why");
    run_free(&run);
}
END_TEST

START_TEST(leaves_success_and_errors_alone)
{
    struct run run = {0};
    struct error error = {0};

    ck_assert(run_require_error(&run, true, &error));
    ck_assert_int_eq(error.kind, ERROR_NONE);
    (void)error_set(&error, ERROR_FILE, "cannot read users.csv");
    ck_assert(!run_require_error(&run, false, &error));
    ck_assert_int_eq(error.kind, ERROR_FILE);
    ck_assert_str_eq(error.message, "cannot read users.csv");
    run_free(&run);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("record");
    TCase *tests = tcase_create("record");

    tcase_add_test(tests, names_the_phase_that_failed_without_an_error);
    tcase_add_test(tests, leaves_success_and_errors_alone);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
