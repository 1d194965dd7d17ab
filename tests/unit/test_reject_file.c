#include "check/reject_file.h"
#include "memory_file.h"
#include "opened_source.h"
#include "suite.h"
#include "temporary_directory.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CONTENT_SIZE = 4096 };

#define HEADER         "user_id,PassWord,email_address,\"a\nb\"\r\n"
#define REASONS_HEADER "file,line,column,code,reason,key\n"

/* Each test has an empty directory of its own, a source and a dataset. */
static char directory[PATH_SIZE];
static struct memory_file file;
static struct dataset dataset;
static struct source *source;
static struct reject_budget budget;
static struct reject_file *rejects;

static void open_source(const char *text, size_t length)
{
    struct error error = {0};

    memory_file_open(&file, text, length);
    ck_assert_msg(open_path(file.path, &source, &error), "%s", error.message);
    source->line_base = 0;
    source->line_count = 1000000;
    source->header_end = 3;
    dataset = (struct dataset){.table = source->table, .files.sets_aside = true};
    dataset.sources = &source;
    dataset.source_count = 1;
    budget = (struct reject_budget){.most = UINT64_MAX};
}

static bool make_rejects(struct error *error)
{
    const struct reject_request request = {
        .directory = directory, .name = "users", .source = source, .budget = &budget};

    return reject_file_new(&request, &rejects, error);
}

static void open_rejects(void)
{
    struct error error = {0};

    ck_assert_msg(make_rejects(&error), "%s", error.message);
}

static void make_directory(void)
{
    temporary_directory_make(directory);
}

static void drop_directory(void)
{
    reject_file_free(rejects);
    rejects = NULL;
    source_free(source);
    memory_file_close(&file);
    dataset.sources = NULL;
    dataset_free(&dataset);
    temporary_directory_drop(directory);
}

static size_t count_entries(void)
{
    return temporary_directory_list(directory, false, NULL);
}

static void expect_contents(const char *name, const char *expected)
{
    char path[PATH_SIZE * 2], text[CONTENT_SIZE];
    struct stat status;
    FILE *stream;
    size_t length;

    (void)snprintf(path, sizeof path, "%s/%s", directory, name);
    stream = fopen(path, "r");
    ck_assert_msg(stream != NULL, "%s", path);
    length = fread(text, 1, sizeof text - 1, stream);
    text[length] = '\0';
    ck_assert_int_eq(fstat(fileno(stream), &status), 0);
    ck_assert_int_eq(status.st_mode & 0777, 0600);
    ck_assert_int_eq(fclose(stream), 0);
    ck_assert_str_eq(text, expected);
}

static void reject(uint32_t line, const char *reason)
{
    problem_add(&source->problems,
                &(struct problem_place){.code = PROBLEM_TYPE,
                                        .line = line,
                                        .column = "user_id",
                                        .key = "7",
                                        .value = {.text = "a,b", .length = 3}},
                "%s", reason);
    ck_assert(dataset_reject_line(&dataset, line));
}

static void complete_and_publish(void)
{
    struct error error = {0};

    ck_assert_msg(reject_file_complete(rejects, &dataset, &error), "%s", error.message);
    ck_assert_msg(reject_file_publish(rejects, &error), "%s", error.message);
}

#define OPEN(text) open_source(text, sizeof(text) - 1)

START_TEST(writes_records_without_their_password_and_reasons)
{
    char expected[CONTENT_SIZE];

    OPEN(HEADER "1,\"sec\r\nret\",a@x,\"1\r2\"\r\n"
                "2,secret,b@x,\r\n\n"
                "3,secret,c@x,last");
    ck_assert(id_set_add(&dataset.files.continued, 4) && id_set_add(&dataset.files.continued, 5));
    open_rejects();
    reject(8, "one");
    reject(3, "two \"words\"");
    complete_and_publish();
    expect_contents("users.csv", HEADER "1,,a@x,\"1\r2\"\r\n3,,c@x,last\n");
    (void)snprintf(expected, sizeof expected,
                   REASONS_HEADER "%s,8,user_id,type,\"one (\"\"a,b\"\")\",7\n"
                                  "%s,3,user_id,type,\"two \"\"words\"\" (\"\"a,b\"\")\",7\n",
                   file.path, file.path);
    expect_contents("users.reasons.csv", expected);
    ck_assert_uint_eq(reject_file_withheld(rejects), 0);
    ck_assert_uint_eq(count_entries(), 2);
}
END_TEST

/* What the records that are not there may hold is nowhere. */
START_TEST(withholds_a_record_whose_password_it_cannot_find)
{
    OPEN(HEADER "1,sec,ret,a@x,1\r\n"
                "2,b@x,\r\n"
                "3,sec\"ret,c@x,\r\n"
                "4,secret,d@x,\r\n");
    open_rejects();
    for (uint32_t line = 3; line <= 6; line++)
        reject(line, "wrong");
    complete_and_publish();
    expect_contents("users.csv", HEADER "4,,d@x,\r\n");
    ck_assert_uint_eq(reject_file_withheld(rejects), 3);
}
END_TEST

START_TEST(makes_nothing_when_there_is_nothing_to_tell)
{
    OPEN(HEADER "1,secret,a@x,1\r\n");
    open_rejects();
    complete_and_publish();
    ck_assert(!reject_file_is_used(rejects));
    ck_assert_uint_eq(count_entries(), 0);
}
END_TEST

/* As many files as there are inputs would be open at once. */
START_TEST(has_one_file_of_reasons_open_at_a_time)
{
    struct reject_file *other = NULL;
    struct source *first = NULL;
    struct error error = {0};
    struct reject_request request = {.directory = directory,
                                     .name = "other",
                                     .claim = PENDING_FILE_UNCLAIMED,
                                     .budget = &budget};
    size_t open_files;

    OPEN(HEADER "1,secret,a@x,1\r\n2,secret,b@x,1\r\n");
    open_rejects();
    ck_assert_msg(open_path(file.path, &first, &error), "%s", error.message);
    request.source = first;
    ck_assert(reject_file_new(&request, &other, &error));
    reject(3, "one");
    open_files = temporary_directory_list("/proc/self/fd", false, NULL);
    problem_add(&first->problems,
                &(struct problem_place){.code = PROBLEM_TYPE, .line = 3, .column = "user_id"},
                "no");
    ck_assert(reject_file_is_used(other));
    ck_assert_uint_eq(temporary_directory_list("/proc/self/fd", false, NULL), open_files);
    reject(4, "two");
    reject_file_free(other);
    source_free(first);
    complete_and_publish();
    expect_contents("users.csv", HEADER "1,,a@x,1\r\n2,,b@x,1\r\n");
    ck_assert_uint_eq(count_entries(), 2);
}
END_TEST

START_TEST(removes_what_is_not_published)
{
    struct error error = {0};

    OPEN(HEADER "1,secret,a@x,1\r\n");
    open_rejects();
    reject(3, "wrong");
    ck_assert_uint_eq(count_entries(), 1);
    if (_i > 0)
        ck_assert(reject_file_complete(rejects, &dataset, &error));
    reject_file_free(rejects);
    rejects = NULL;
    ck_assert_uint_eq(count_entries(), 0);
}
END_TEST

/* A line end that two blocks share, and a record that is longer than one. */
START_TEST(copies_across_blocks)
{
    enum { BLOCK = 64 * 1024, LONG = 3 * BLOCK };
    static char text[LONG + BLOCK + 64], copy[sizeof text];
    size_t start = (size_t)snprintf(text, sizeof text, "aisle_id,aisle\n1,");
    char path[PATH_SIZE * 2];
    FILE *stream;
    size_t length;

    memset(text + start, 'x', LONG);
    length = BLOCK - 1;
    memcpy(text + length, "\r\n2,", 4);
    memcpy(text + LONG, "\r\n3,bread\r\n", 11);
    open_source(text, LONG + 11);
    source->header_end = 2;
    open_rejects();
    reject(_i == 0 ? 2 : 3, "too long");
    complete_and_publish();
    (void)snprintf(path, sizeof path, "%s/users.csv", directory);
    stream = fopen(path, "r");
    ck_assert_ptr_nonnull(stream);
    length = fread(copy, 1, sizeof copy, stream);
    ck_assert_int_eq(fclose(stream), 0);
    ck_assert_mem_eq(copy, text, strlen("aisle_id,aisle\n"));
    if (_i == 0) {
        ck_assert_uint_eq(length, BLOCK + 1);
        ck_assert_mem_eq(copy, text, length);
    } else {
        ck_assert_uint_eq(length, LONG + 2 - (BLOCK + 1) + strlen("aisle_id,aisle\n"));
        ck_assert_mem_eq(copy + strlen("aisle_id,aisle\n"), text + BLOCK + 1,
                         LONG + 2 - (BLOCK + 1));
    }
}
END_TEST

/* More than the run may reject are not worth a full disk. */
START_TEST(tells_no_more_than_the_budget)
{
    char expected[CONTENT_SIZE];

    OPEN(HEADER "1,secret,a@x,1\r\n2,secret,b@x,\r\n");
    budget.most = 1;
    open_rejects();
    reject(3, "wrong");
    problem_add(&source->problems,
                &(struct problem_place){
                    .code = PROBLEM_LENGTH, .line = 3, .column = "email_address", .key = ""},
                "wrong as well");
    reject(4, "not told");
    ck_assert_uint_eq(budget.rows, 2);
    complete_and_publish();
    (void)snprintf(expected, sizeof expected,
                   REASONS_HEADER "%s,3,user_id,type,\"wrong (\"\"a,b\"\")\",7\n"
                                  "%s,3,email_address,length,wrong as well,\n",
                   file.path, file.path);
    expect_contents("users.reasons.csv", expected);
}
END_TEST

static void touch(const char *name)
{
    char path[PATH_SIZE * 2];
    FILE *stream;

    (void)snprintf(path, sizeof path, "%s/%s", directory, name);
    stream = fopen(path, "w");
    ck_assert_ptr_nonnull(stream);
    ck_assert_int_eq(fclose(stream), 0);
    ck_assert_int_eq(chmod(path, 0600), 0);
}

static const char *const names[] = {"users.csv", "users.reasons.csv"};

/* Somebody was faster: both files are kept. */
START_TEST(never_takes_the_place_of_a_file)
{
    struct error error = {0};
    const char *temporary;
    struct stat status;

    OPEN(HEADER "1,secret,a@x,1\r\n");
    open_rejects();
    reject(3, "wrong");
    ck_assert(reject_file_complete(rejects, &dataset, &error));
    touch(names[_i]);
    ck_assert(!reject_file_publish(rejects, &error));
    ck_assert_int_eq(error.kind, ERROR_FILE);
    expect_contents(names[_i], "");
    temporary = strstr(error.message, "it is in ");
    ck_assert_ptr_nonnull(temporary);
    reject_file_free(rejects);
    rejects = NULL;
    ck_assert_int_eq(stat(temporary + strlen("it is in "), &status), 0);
    ck_assert_int_gt(status.st_size, 0);
    ck_assert_uint_eq(count_entries(), 3);
}
END_TEST

/* Each may be all that is left of its rows. */
START_TEST(tells_where_both_files_are)
{
    struct error error = {0};

    OPEN(HEADER "1,secret,a@x,1\r\n");
    open_rejects();
    reject(3, "wrong");
    ck_assert(reject_file_complete(rejects, &dataset, &error));
    touch(names[0]);
    touch(names[1]);
    ck_assert(!reject_file_publish(rejects, &error));
    ck_assert_int_eq(error.kind, ERROR_FILE);
    ck_assert_ptr_nonnull(strstr(error.message, "users.csv: "));
    ck_assert_ptr_nonnull(strstr(error.message, "it is in "));
    ck_assert_ptr_nonnull(strstr(error.detail, "users.reasons.csv: "));
    ck_assert_ptr_nonnull(strstr(error.detail, "it is in "));
}
END_TEST

START_TEST(sees_that_the_file_is_another)
{
    struct error error = {0};

    OPEN(HEADER "1,secret,a@x,1\r\n");
    open_rejects();
    reject(3, "wrong");
    reject(400, "wrong");
    ck_assert(!reject_file_complete(rejects, &dataset, &error));
    ck_assert_int_eq(error.kind, ERROR_FILE);
    ck_assert_ptr_nonnull(strstr(error.message, "2 rows were rejected, and 1 of them"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("reject_file");
    TCase *tests = tcase_create("files");

    tcase_add_checked_fixture(tests, make_directory, drop_directory);
    tcase_add_test(tests, writes_records_without_their_password_and_reasons);
    tcase_add_test(tests, withholds_a_record_whose_password_it_cannot_find);
    tcase_add_test(tests, makes_nothing_when_there_is_nothing_to_tell);
    tcase_add_test(tests, has_one_file_of_reasons_open_at_a_time);
    tcase_add_loop_test(tests, removes_what_is_not_published, 0, 2);
    tcase_add_loop_test(tests, copies_across_blocks, 0, 2);
    tcase_add_test(tests, tells_no_more_than_the_budget);
    tcase_add_loop_test(tests, never_takes_the_place_of_a_file, 0, TABLE_ROWS(names));
    tcase_add_test(tests, tells_where_both_files_are);
    tcase_add_test(tests, sees_that_the_file_is_another);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
