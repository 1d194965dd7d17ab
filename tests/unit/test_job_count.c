#include "run/job_count.h"

#include "base/processor_count.h"
#include "files.h"
#include "suite.h"

enum { LARGE_SIZE = 4 * 1024 * 1024 + 100 };

static int usual(void)
{
    return processor_count() < 4 ? processor_count() : 4;
}

START_TEST(counts_processors_unless_files_are_small)
{
    static char large[LARGE_SIZE + 1] = "aisle_id,aisle\n";
    struct run_options options = {.jobs = 0};
    struct files files;

    files_open(&files, (const char *const[]){"aisle_id,aisle\n", NULL}, NULL);
    ck_assert_int_eq(job_count(&options, &files.plan), 1);
    options.reset = true;
    ck_assert_int_eq(job_count(&options, &files.plan), usual());
    options.jobs = 64;
    ck_assert_int_eq(job_count(&options, &files.plan), 64);
    files_close(&files);

    memset(large + strlen(large), '\n', LARGE_SIZE - strlen(large));
    files_open(&files, (const char *const[]){large, NULL}, NULL);
    options = (struct run_options){.jobs = 0};
    ck_assert_int_eq(job_count(&options, &files.plan), usual());
    options.jobs = 1;
    ck_assert_int_eq(job_count(&options, &files.plan), 1);
    files_close(&files);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("job count");
    TCase *tests = tcase_create("connections");

    tcase_add_test(tests, counts_processors_unless_files_are_small);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
