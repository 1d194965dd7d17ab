#include "run/report_file.h"
#include "suite.h"
#include "temporary_directory.h"

#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* Each test has an empty directory of its own. */
static char directory[PATH_SIZE];
static char path[PATH_SIZE * 2];

static const struct run_options options;
static const struct error success;
static const struct error failure = {.kind = ERROR_DATA, .message = "no"};
static struct run run;

static void make_directory(void)
{
    temporary_directory_make(directory);
    (void)snprintf(path, sizeof path, "%s/report.json", directory);
    run = (struct run){0};
    run_begin(&run);
}

static void drop_directory(void)
{
    temporary_directory_drop(directory);
}

static struct report_file *open_file(void)
{
    struct report_file *file = NULL;
    struct error error = {0};

    ck_assert_msg(report_file_open(path, &options, &run, &file, &error), "%s", error.message);
    ck_assert(!report_file_is_standard_output(file));
    return file;
}

static void prepare(struct report_file *file)
{
    struct error error = {0};

    ck_assert_msg(report_file_prepare(file, &error), "%s", error.message);
}

static void finish(struct report_file *file, const struct error *outcome)
{
    struct error error = {0};

    ck_assert_msg(report_file_finish(file, outcome, &error), "%s", error.message);
    report_file_free(file);
}

/* The only entry is a report with this result. */
static void expect_report(const char *result)
{
    json_t *report = json_load_file(path, 0, NULL);
    struct stat status;

    ck_assert_ptr_nonnull(report);
    ck_assert_str_eq(json_string_value(json_object_get(report, "result")), result);
    json_decref(report);
    ck_assert_int_eq(stat(path, &status), 0);
    ck_assert_int_eq((int)status.st_mode & 0777, 0600);
    ck_assert_uint_eq(temporary_directory_list(directory, true, NULL), 1);
}

/* Stands in for a disk that is full. */
static void limit_files(rlim_t size)
{
    const struct rlimit limit = {.rlim_cur = size, .rlim_max = RLIM_INFINITY};

    ck_assert(signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static const struct {
    const char *start;
    bool is_report;
} starts[] = {
    {"{\n  \"format\": 1,\n  \"program\": \"timele-load\",\n", true},
    {"\n{\"format\":12,\"program\":\"timele-load\"}", true},
    {"{ \"format\": 1, \"program\": \"timele-load\"", true},
    {"", false},
    {"{", false},
    {"{\"format\":1,\"program\":\"timele-loa", false},
    {"{\"format\":1,\"program\":\"pg_dump\"}", false},
    {"{\"program\":\"timele-load\",\"format\":1}", false},
    {"{\"format\":,\"program\":\"timele-load\"}", false},
    {"[{\"format\":1,\"program\":\"timele-load\"}]", false},
    {"user_id,email_address\n", false},
    {"1", false},
};

START_TEST(knows_a_report_by_its_first_members)
{
    ck_assert_int_eq(report_file_is_report(starts[_i].start, strlen(starts[_i].start)),
                     starts[_i].is_report);
}
END_TEST

START_TEST(tells_how_the_run_ended_and_not_how_it_might_have)
{
    struct report_file *file = open_file();

    prepare(file);
    finish(file, &failure);
    expect_report("failed");
}
END_TEST

START_TEST(needs_no_preparation)
{
    run.checked_only = true;
    finish(open_file(), &success);
    expect_report("checked");
}
END_TEST

START_TEST(leaves_the_older_one_until_it_is_finished)
{
    struct report_file *file = open_file();

    finish(file, &failure);
    file = open_file();
    prepare(file);
    report_file_free(file);
    expect_report("failed");
}
END_TEST

START_TEST(keeps_what_was_prepared_when_the_disk_is_full_after_the_commit)
{
    struct report_file *file = open_file();
    struct error error = {0};

    prepare(file);
    run.transaction = TRANSACTION_COMMITTED;
    limit_files(10);
    ck_assert(report_file_finish(file, &success, &error));
    report_file_free(file);
    limit_files(RLIM_INFINITY);
    expect_report("loaded");
}
END_TEST

START_TEST(leaves_nothing_when_it_cannot_be_written)
{
    struct report_file *file = open_file();
    struct error error = {0};

    limit_files(10);
    ck_assert(!report_file_prepare(file, &error));
    ck_assert_int_eq(error.kind, ERROR_FILE);
    ck_assert(!report_file_finish(file, &failure, &error));
    report_file_free(file);
    limit_files(RLIM_INFINITY);
    ck_assert_uint_eq(temporary_directory_list(directory, true, NULL), 0);
}
END_TEST

/* A link's target is replaced, not the link. */
START_TEST(follows_a_link)
{
    char target[sizeof directory + 16];

    (void)snprintf(target, sizeof target, "%s/target", directory);
    ck_assert_int_eq(fclose(fopen(target, "w")), 0);
    ck_assert_int_eq(symlink("target", path), 0);
    finish(open_file(), &failure);
    ck_assert_int_eq(unlink(path), 0);
    ck_assert_int_eq(rename(target, path), 0);
    expect_report("failed");
}
END_TEST

START_TEST(refuses_what_cannot_be_written)
{
    static const char *const places[] = {"/nowhere/report.json", "/tmp"};
    struct report_file *file = NULL;

    for (size_t i = 0; i < 2; i++) {
        struct error error = {0};

        ck_assert(!report_file_open(places[i], &options, &run, &file, &error));
        ck_assert_int_eq(error.kind, ERROR_FILE);
        ck_assert_ptr_nonnull(strstr(error.message, places[i]));
    }
    report_file_free(NULL);
    ck_assert(!report_file_is_standard_output(NULL));
}
END_TEST

/* The disk that is always full takes nothing, before the commit either. */
START_TEST(tries_a_device_before_the_commit)
{
    struct report_file *file = NULL;
    struct error error = {0};

    ck_assert(report_file_open("/dev/full", &options, &run, &file, &error));
    ck_assert(!report_file_prepare(file, &error));
    ck_assert_int_eq(error.kind, ERROR_FILE);
    ck_assert_str_eq(error.message, "cannot write /dev/full: No space left on device");
    report_file_free(file);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("report_file");
    TCase *tests = tcase_create("report_file");

    tcase_add_checked_fixture(tests, make_directory, drop_directory);
    tcase_add_loop_test(tests, knows_a_report_by_its_first_members, 0, TABLE_ROWS(starts));
    tcase_add_test(tests, tells_how_the_run_ended_and_not_how_it_might_have);
    tcase_add_test(tests, needs_no_preparation);
    tcase_add_test(tests, leaves_the_older_one_until_it_is_finished);
    tcase_add_test(tests, keeps_what_was_prepared_when_the_disk_is_full_after_the_commit);
    tcase_add_test(tests, leaves_nothing_when_it_cannot_be_written);
    tcase_add_test(tests, follows_a_link);
    tcase_add_test(tests, refuses_what_cannot_be_written);
    tcase_add_test(tests, tries_a_device_before_the_commit);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
