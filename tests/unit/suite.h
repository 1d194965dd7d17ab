/*
 * Runs one Check suite: the whole main function of a unit test.
 */
#ifndef TESTS_UNIT_SUITE_H
#define TESTS_UNIT_SUITE_H

#include <check.h>
#include <stdlib.h>

/* How many rows a table of test cases has, as tcase_add_loop_test wants it. */
#define TABLE_ROWS(table) ((int)(sizeof(table) / sizeof((table)[0])))

/* Takes the suite, runs it as the CK_* environment variables say, and gives main's exit status. */
static inline int suite_run(Suite *suite)
{
    SRunner *runner = srunner_create(suite);
    int failed;

    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#endif
