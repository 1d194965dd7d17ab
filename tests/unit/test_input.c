#include "input_file.h"
#include "suite.h"

/* Files by their names, and as standard input from where that stands. */
static const struct {
    const char *name;
    const char *contents;
    off_t offset; /* negative: by its name */
    const char *expected;
} readings[] = {
    {"a file", "id,name\n1,one\n2,two\n", -1, "id,name\n1,one\n2,two\n"},
    {"an empty file", "", -1, ""},
    {"a redirected file", "read before\nid,name\n1,one\n", 12, "id,name\n1,one\n"},
    {"a redirected file beyond its end", "a\n", 100, ""},
};

START_TEST(reads_a_file_twice)
{
    const char *contents = readings[_i].contents, *expected = readings[_i].expected;
    char path[PATH_SIZE * 2];
    struct input *input;

    make_file(path, "a.csv", contents, strlen(contents));
    if (readings[_i].offset >= 0)
        redirect_standard_input(path, readings[_i].offset);
    input = open_input(readings[_i].offset >= 0 ? "-" : path);
    expect_contents_twice(readings[_i].name, input, strlen(expected), expected, strlen(expected));
    ck_assert_uint_eq(temporary_directory_list(directory, false, NULL), 1);
    input_free(input);
}
END_TEST

START_TEST(rewinds_before_the_end)
{
    char path[PATH_SIZE * 2];
    char block[4];
    struct error error = {0};
    struct input *input;
    size_t length;

    input = open_file(path, BYTES("abcdefgh"));
    ck_assert(input_read(input, block, sizeof block, &length, &error));
    ck_assert_uint_eq(length, sizeof block);
    ck_assert(input_rewind(input, &error));
    expect_contents("the contents", input, BYTES("abcdefgh"));
    input_free(input);
}
END_TEST

START_TEST(refuses_what_cannot_be_opened)
{
    char path[PATH_SIZE * 2];
    char message[PATH_SIZE * 4];

    path_in(path, "missing.csv");
    (void)snprintf(message, sizeof message, "cannot open %s: No such file or directory", path);
    expect_refusal(path, message);
    make_file(path, "a.csv", BYTES(""));
    (void)strcat(path, "/b.csv");
    (void)snprintf(message, sizeof message, "cannot open %s: Not a directory", path);
    expect_refusal(path, message);
}
END_TEST

START_TEST(refuses_directories)
{
    char message[PATH_SIZE * 2];

    (void)snprintf(message, sizeof message, "cannot open %s: is a directory", directory);
    expect_refusal(directory, message);
    redirect_standard_input(directory, 0);
    expect_refusal("-", "cannot open standard input: is a directory");
}
END_TEST

static void append_a_line(const char *path)
{
    put(path, O_APPEND, BYTES("2\n"));
}

static void cut_a_line(const char *path)
{
    ck_assert_int_eq(truncate(path, 3), 0);
}

/* A new version put in place of a file in use leaves the file that is open as it was. */
static void rename_another_over(const char *path)
{
    char other[PATH_SIZE * 2];

    make_file(other, "other.csv", BYTES("id\n9\n"));
    ck_assert_int_eq(rename(other, path), 0);
}

static const struct {
    const char *name;
    void (*make)(const char *path);
} changes[] = {
    {"a line is appended", append_a_line},
    {"a line is cut off", cut_a_line},
    {"it was written at another time", set_modified},
};

enum { CHANGES = TABLE_ROWS(changes) };

START_TEST(notices_a_change_when_rewinding)
{
    char path[PATH_SIZE * 2];
    struct error error = {0};
    struct input *input;

    input = open_file(path, BYTES("id\n1\n"));
    ck_assert(input_rewind(input, &error));
    changes[_i].make(path);
    ck_assert_msg(!input_rewind(input, &error), "%s", changes[_i].name);
    expect_change(&error, path);
    input_free(input);
}
END_TEST

START_TEST(does_not_mind_a_file_renamed_over_it)
{
    char path[PATH_SIZE * 2];
    struct error error = {0};
    struct input *input;

    input = open_file(path, BYTES("id\n1\n"));
    rename_another_over(path);
    ck_assert(input_rewind(input, &error));
    input_free(input);
}
END_TEST

static size_t count_open_files(void)
{
    return temporary_directory_list("/proc/self/fd", false, NULL);
}

START_TEST(is_open_only_while_it_is_read)
{
    size_t before = count_open_files();
    char path[PATH_SIZE * 2];
    struct error error = {0};
    struct input *input;

    input = open_file(path, BYTES("id\n1\n"));
    input_keep_closed(input);
    for (int i = 0; i < 2; i++) {
        ck_assert_uint_eq(count_open_files(), before);
        ck_assert(input_rewind(input, &error));
        ck_assert_uint_eq(count_open_files(), before + 1);
        expect_contents("the contents", input, BYTES("id\n1\n"));
        input_end(input);
    }
    ck_assert(input_start_fingerprint(input, &error));
    ck_assert(input_finish_fingerprint(input, &error));
    ck_assert_uint_eq(count_open_files(), before);
    ck_assert_uint_eq(input_size(input), 5);
    input_free(input);
}
END_TEST

START_TEST(stays_open_where_it_has_no_name)
{
    char path[PATH_SIZE * 2];
    struct error error = {0};
    struct input *input;

    make_file(path, "a.csv", BYTES("id\n1\n"));
    redirect_standard_input(path, 3);
    input = open_input("-");
    input_keep_closed(input);
    for (int i = 0; i < 2; i++) {
        ck_assert(input_rewind(input, &error));
        expect_contents("the contents", input, BYTES("1\n"));
        input_end(input);
    }
    input_free(input);
}
END_TEST

/* The same bytes and the same time do not make another file the same. */
static void rename_a_copy_over(const char *path)
{
    char other[PATH_SIZE * 2];
    struct timespec times[2];
    struct stat status;

    ck_assert_int_eq(stat(path, &status), 0);
    times[0] = status.st_atim;
    times[1] = status.st_mtim;
    make_file(other, "other.csv", BYTES("id\n1\n"));
    ck_assert_int_eq(utimensat(AT_FDCWD, other, times, 0), 0);
    ck_assert_int_eq(rename(other, path), 0);
}

static const struct {
    const char *name;
    void (*make)(const char *path);
} changes_while_closed[] = {
    {"a line is appended", append_a_line},
    {"a line is cut off", cut_a_line},
    {"it was written at another time", set_modified},
    {"another file is renamed over it", rename_another_over},
    {"a copy is renamed over it", rename_a_copy_over},
};

START_TEST(notices_a_change_while_it_is_closed)
{
    char path[PATH_SIZE * 2];
    struct error error = {0};
    struct input *input;

    input = open_file(path, BYTES("id\n1\n"));
    input_keep_closed(input);
    changes_while_closed[_i].make(path);
    ck_assert_msg(!input_rewind(input, &error), "%s", changes_while_closed[_i].name);
    expect_change(&error, path);
    input_free(input);
}
END_TEST

START_TEST(misses_a_file_that_is_gone)
{
    char path[PATH_SIZE * 2], message[PATH_SIZE * 4];
    struct error error = {0};
    struct input *input;

    input = open_file(path, BYTES("id\n1\n"));
    input_keep_closed(input);
    ck_assert_int_eq(unlink(path), 0);
    ck_assert(!input_rewind(input, &error));
    (void)snprintf(message, sizeof message, "cannot open %s: No such file or directory", path);
    ck_assert_str_eq(error.message, message);
    ck_assert_int_eq(error.kind, ERROR_FILE);
    input_free(input);
}
END_TEST

START_TEST(notices_a_change_at_the_end)
{
    char path[PATH_SIZE * 2];
    char block[64];
    struct error error = {0};
    struct input *input;
    size_t length;

    input = open_file(path, BYTES("id\n1\n"));
    ck_assert(input_read(input, block, 5, &length, &error));
    ck_assert_uint_eq(length, 5);
    changes[_i].make(path);
    while (input_read(input, block, sizeof block, &length, &error))
        ck_assert_msg(length > 0, "%s", changes[_i].name);
    expect_change(&error, path);
    input_free(input);
}
END_TEST

START_TEST(knows_a_file_by_other_names)
{
    char path[PATH_SIZE * 2];
    char hard[PATH_SIZE * 2];
    char symbolic[PATH_SIZE * 2];
    char other[PATH_SIZE * 2];
    struct input *inputs[5];

    make_file(path, "a.csv", BYTES("a\n"));
    make_file(other, "b.csv", BYTES("a\n"));
    path_in(hard, "hard.csv");
    path_in(symbolic, "symbolic.csv");
    ck_assert_int_eq(link(path, hard), 0);
    ck_assert_int_eq(symlink(path, symbolic), 0);
    redirect_standard_input(path, 0);
    inputs[0] = open_input(path);
    inputs[1] = open_input(hard);
    inputs[2] = open_input(symbolic);
    inputs[3] = open_input("-");
    inputs[4] = open_input(other);
    for (size_t i = 0; i < 4; i++) {
        ck_assert_int_eq(input_compare(inputs[0], inputs[i]), 0);
        ck_assert_int_ne(input_compare(inputs[4], inputs[i]), 0);
    }
    for (size_t i = 0; i < 5; i++)
        input_free(inputs[i]);
}
END_TEST

START_TEST(leaves_nothing_open)
{
    char path[PATH_SIZE * 2];
    struct input *input;
    int free_before = open("/dev/null", O_RDONLY);
    int free_after;

    ck_assert_int_eq(close(free_before), 0);
    input_free(NULL);
    input = open_file(path, BYTES("a\n"));
    input_free(input);
    input = open_input("/dev/null");
    input_free(input);
    free_after = open("/dev/null", O_RDONLY);
    ck_assert_int_eq(free_after, free_before);
    ck_assert_int_eq(close(free_after), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("input");
    TCase *tests = tcase_create("files");

    tcase_add_checked_fixture(tests, make_directory, drop_directory);
    tcase_add_loop_test(tests, reads_a_file_twice, 0, TABLE_ROWS(readings));
    tcase_add_test(tests, rewinds_before_the_end);
    tcase_add_test(tests, refuses_what_cannot_be_opened);
    tcase_add_test(tests, refuses_directories);
    tcase_add_loop_test(tests, notices_a_change_when_rewinding, 0, CHANGES);
    tcase_add_test(tests, does_not_mind_a_file_renamed_over_it);
    tcase_add_test(tests, is_open_only_while_it_is_read);
    tcase_add_test(tests, stays_open_where_it_has_no_name);
    tcase_add_loop_test(tests, notices_a_change_while_it_is_closed, 0,
                        TABLE_ROWS(changes_while_closed));
    tcase_add_test(tests, misses_a_file_that_is_gone);
    tcase_add_loop_test(tests, notices_a_change_at_the_end, 0, CHANGES);
    tcase_add_test(tests, knows_a_file_by_other_names);
    tcase_add_test(tests, leaves_nothing_open);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
