#include "suite.h"
#include "temporary_directory.h"
#include "write/id_map.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define HEADER "table,id,external_id\n"

static const uint8_t uuid[UUID_SIZE] = {0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc, 0x4d, 0xef,
                                        0x80, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0xff};
#define UUID_TEXT "12345678-9abc-4def-8001-0203040506ff"

/* Each test has an empty directory of its own. */
static char directory[PATH_SIZE];
static char path[PATH_SIZE * 2];

static void make_directory(void)
{
    temporary_directory_make(directory);
    (void)snprintf(path, sizeof path, "%s/ids.csv", directory);
}

static void drop_directory(void)
{
    temporary_directory_drop(directory);
}

static void expect_entries(size_t count)
{
    char name[PATH_SIZE] = "none";

    ck_assert_msg(temporary_directory_list(directory, false, name) == count, "%s is there", name);
}

static void expect_contents(const char *expected)
{
    char text[1024];
    FILE *stream = fopen(path, "r");
    size_t length;

    ck_assert_ptr_nonnull(stream);
    length = fread(text, 1, sizeof text - 1, stream);
    text[length] = '\0';
    ck_assert_int_eq(fclose(stream), 0);
    ck_assert_str_eq(text, expected);
}

static struct pending_file *open_map(void)
{
    struct pending_file *map = NULL;
    struct error error = {0};

    ck_assert_msg(id_map_open(path, &map, &error), "%s", error.message);
    return map;
}

static void add(struct pending_file *map, enum table_id table, int64_t id)
{
    struct error error = {0};

    ck_assert_msg(id_map_add(map, table_get(table), id, uuid, &error), "%s", error.message);
}

static void complete(struct pending_file *map)
{
    struct error error = {0};

    ck_assert_msg(pending_file_complete(map, &error), "%s", error.message);
}

static void publish(struct pending_file *map)
{
    struct error error = {0};

    ck_assert_msg(pending_file_publish(map, &error), "%s", error.message);
}

static void put(const char *text)
{
    FILE *stream = fopen(path, "w");

    ck_assert_ptr_nonnull(stream);
    ck_assert_int_ge(fputs(text, stream), 0);
    ck_assert_int_eq(fclose(stream), 0);
    ck_assert_int_eq(chmod(path, 0644), 0);
}

START_TEST(writes_table_id_and_external_id)
{
    struct pending_file *map = open_map();

    add(map, TABLE_USERS, 1);
    add(map, TABLE_ORDERS, 3421083);
    add(map, TABLE_ORDERS, INT64_MAX);
    complete(map);
    publish(map);
    pending_file_free(map);
    expect_contents(HEADER "users.users,1," UUID_TEXT "\n"
                           "orders.orders,3421083," UUID_TEXT "\n"
                           "orders.orders,9223372036854775807," UUID_TEXT "\n");
    expect_entries(1);
}
END_TEST

START_TEST(may_have_no_rows)
{
    struct pending_file *map = open_map();

    complete(map);
    publish(map);
    pending_file_free(map);
    expect_contents(HEADER);
}
END_TEST

/* Who knows which external id is whose can read what the API gives. */
START_TEST(nobody_else_may_read_it)
{
    struct stat status;
    struct pending_file *map;

    (void)umask(0);
    put("world-readable\n");
    map = open_map();
    complete(map);
    publish(map);
    pending_file_free(map);
    ck_assert_int_eq(stat(path, &status), 0);
    ck_assert_int_eq(status.st_mode, S_IFREG | 0600);
}
END_TEST

START_TEST(nobody_else_may_read_it_while_it_is_written)
{
    char name[PATH_SIZE], temporary[PATH_SIZE * 3];
    struct stat status;
    struct pending_file *map;

    (void)umask(0);
    map = open_map();
    ck_assert_uint_eq(temporary_directory_list(directory, false, name), 1);
    (void)snprintf(temporary, sizeof temporary, "%s/%s", directory, name);
    ck_assert_int_eq(stat(temporary, &status), 0);
    ck_assert_int_eq(status.st_mode, S_IFREG | 0600);
    pending_file_free(map);
}
END_TEST

/* Until the rows are committed the file of the last run is the right one. */
START_TEST(leaves_the_file_that_is_there_until_it_is_published)
{
    struct pending_file *map;

    put("of the last run\n");
    map = open_map();
    expect_contents("of the last run\n");
    add(map, TABLE_USERS, 1);
    expect_contents("of the last run\n");
    complete(map);
    expect_contents("of the last run\n");
    publish(map);
    expect_contents(HEADER "users.users,1," UUID_TEXT "\n");
    pending_file_free(map);
    expect_contents(HEADER "users.users,1," UUID_TEXT "\n");
    expect_entries(1);
}
END_TEST

/* Nothing of the new file may be missing when the rows are committed. */
START_TEST(all_is_written_when_it_is_complete)
{
    char name[PATH_SIZE], temporary[PATH_SIZE * 3];
    struct stat status;
    struct pending_file *map = open_map();

    for (int64_t id = 1; id <= 1000; id++)
        add(map, TABLE_USERS, id);
    complete(map);
    ck_assert_uint_eq(temporary_directory_list(directory, false, name), 1);
    (void)snprintf(temporary, sizeof temporary, "%s/%s", directory, name);
    ck_assert_int_eq(stat(temporary, &status), 0);
    ck_assert_int_eq(status.st_size,
                     (off_t)(strlen(HEADER) + 9 * strlen("users.users,1,\n") +
                             90 * strlen("users.users,10,\n") + 900 * strlen("users.users,100,\n") +
                             strlen("users.users,1000,\n") + 1000 * strlen(UUID_TEXT)));
    pending_file_free(map);
}
END_TEST

START_TEST(a_run_that_fails_leaves_nothing)
{
    struct pending_file *map = open_map();

    if (_i > 0)
        add(map, TABLE_USERS, 1);
    if (_i > 1)
        complete(map);
    pending_file_free(map);
    expect_entries(0);
}
END_TEST

START_TEST(a_run_that_fails_leaves_the_file_that_is_there)
{
    struct pending_file *map;

    put("of the last run\n");
    map = open_map();
    add(map, TABLE_USERS, 1);
    if (_i > 0)
        complete(map);
    pending_file_free(map);
    expect_contents("of the last run\n");
    expect_entries(1);
}
END_TEST

static void expect_error(const struct error *error, const char *reason)
{
    char message[PATH_SIZE * 3];

    (void)snprintf(message, sizeof message, "cannot write %s: %s", path, reason);
    ck_assert_int_eq(error->kind, ERROR_FILE);
    ck_assert_str_eq(error->message, message);
}

START_TEST(says_why_it_cannot_be_created)
{
    struct pending_file *map = NULL;
    struct error error = {0};

    (void)snprintf(path, sizeof path, "%s/missing/ids.csv", directory);
    ck_assert(!id_map_open(path, &map, &error));
    expect_error(&error, "No such file or directory");
    ck_assert_ptr_null(map);
    expect_entries(0);
}
END_TEST

/* What a file cannot take the place of is found before the run, not after its commit. */
START_TEST(takes_the_place_of_files_only)
{
    struct pending_file *map = NULL;
    struct error error = {0};

    if (_i == 0)
        ck_assert_int_eq(mkdir(path, 0700), 0);
    else
        ck_assert_int_eq(symlink("/dev/null", path), 0);
    ck_assert(!id_map_open(path, &map, &error));
    expect_error(&error, "not a regular file");
    ck_assert_ptr_null(map);
    expect_entries(1);
    ck_assert_int_eq(remove(path), 0);
}
END_TEST

START_TEST(says_why_it_cannot_be_published)
{
    struct pending_file *map = open_map();
    struct error error = {0};

    complete(map);
    ck_assert_int_eq(mkdir(path, 0700), 0);
    ck_assert(!pending_file_publish(map, &error));
    expect_error(&error, "Is a directory");
    pending_file_free(map);
    ck_assert_int_eq(rmdir(path), 0);
    expect_entries(0);
}
END_TEST

/* As on a full disk. What Check itself writes to its files must not be hindered: no assertions
 * before the limit is taken back. */
static void limit_file_size(rlim_t size)
{
    struct rlimit limit;

    (void)signal(SIGXFSZ, SIG_IGN);
    (void)getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = size < limit.rlim_max ? size : limit.rlim_max;
    (void)setrlimit(RLIMIT_FSIZE, &limit);
}

START_TEST(says_why_it_cannot_be_completed)
{
    struct pending_file *map = open_map();
    struct error error = {0};
    bool completed;

    add(map, TABLE_USERS, 1);
    limit_file_size(10);
    completed = pending_file_complete(map, &error);
    limit_file_size(RLIM_INFINITY);
    ck_assert(!completed);
    expect_error(&error, "File too large");
    pending_file_free(map);
    expect_entries(0);
}
END_TEST

START_TEST(says_why_a_row_cannot_be_written)
{
    struct pending_file *map = open_map();
    struct error error = {0};
    int64_t id = 1;

    limit_file_size(10);
    while (id < 10000 && id_map_add(map, table_get(TABLE_USERS), id, uuid, &error))
        id++;
    limit_file_size(RLIM_INFINITY);
    expect_error(&error, "File too large");
    pending_file_free(map);
    expect_entries(0);
}
END_TEST

START_TEST(frees_nothing)
{
    pending_file_free(NULL);
    expect_entries(0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("id_map");
    TCase *tests = tcase_create("files");

    tcase_add_checked_fixture(tests, make_directory, drop_directory);
    tcase_add_test(tests, writes_table_id_and_external_id);
    tcase_add_test(tests, may_have_no_rows);
    tcase_add_test(tests, nobody_else_may_read_it);
    tcase_add_test(tests, nobody_else_may_read_it_while_it_is_written);
    tcase_add_test(tests, leaves_the_file_that_is_there_until_it_is_published);
    tcase_add_test(tests, all_is_written_when_it_is_complete);
    tcase_add_loop_test(tests, a_run_that_fails_leaves_nothing, 0, 3);
    tcase_add_loop_test(tests, a_run_that_fails_leaves_the_file_that_is_there, 0, 2);
    tcase_add_test(tests, says_why_it_cannot_be_created);
    tcase_add_loop_test(tests, takes_the_place_of_files_only, 0, 2);
    tcase_add_test(tests, says_why_it_cannot_be_published);
    tcase_add_test(tests, says_why_it_cannot_be_completed);
    tcase_add_test(tests, says_why_a_row_cannot_be_written);
    tcase_add_test(tests, frees_nothing);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
