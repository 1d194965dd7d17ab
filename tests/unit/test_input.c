#include "base/interrupt.h"
#include "input_file.h"
#include "suite.h"

#include <signal.h>
#include <sys/wait.h>

enum { LARGE = 1024 * 1024 };

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

/* The file must not take the place of the standard input that is not there. */
START_TEST(refuses_a_closed_standard_input)
{
    char path[PATH_SIZE * 2];
    struct input *input;

    make_file(path, "a.csv", BYTES("a\n"));
    ck_assert_int_eq(close(STDIN_FILENO), 0);
    input = open_input(path);
    expect_refusal("-", "cannot read standard input: it is closed");
    expect_contents_twice("the contents", input, strlen("a\n"), BYTES("a\n"));
    input_free(input);
}
END_TEST

/* How many files below a directory are open; sets the mode to that of the last one. */
static size_t count_open_files(const char *below, mode_t *mode)
{
    DIR *stream = opendir("/proc/self/fd");
    const struct dirent *entry;
    char target[PATH_SIZE * 2];
    const size_t prefix = strlen(below);
    struct stat status;
    size_t count = 0;

    ck_assert_ptr_nonnull(stream);
    while ((entry = readdir(stream)) != NULL) {
        ssize_t length = readlinkat(dirfd(stream), entry->d_name, target, sizeof target);

        if (length <= (ssize_t)prefix || memcmp(target, below, prefix) != 0)
            continue;
        ck_assert_int_eq(fstatat(dirfd(stream), entry->d_name, &status, 0), 0);
        *mode = status.st_mode;
        count++;
    }
    ck_assert_int_eq(closedir(stream), 0);
    return count;
}

START_TEST(copies_a_pipe_to_a_private_unnamed_file)
{
    int end = pipe_to_standard_input();
    struct input *input;
    mode_t mode;

    ck_assert_int_eq(write(end, BYTES("id\n1\n")), 5);
    ck_assert_int_eq(close(end), 0);
    (void)umask(0);
    input = open_input("-");
    ck_assert_uint_eq(temporary_directory_list(directory, false, NULL), 0);
    ck_assert_uint_eq(count_open_files(directory, &mode), 1);
    ck_assert_int_eq(mode, S_IFREG | 0600);
    expect_contents_twice("the contents", input, strlen("id\n1\n"), BYTES("id\n1\n"));
    input_free(input);
    ck_assert_uint_eq(count_open_files(directory, &mode), 0);
}
END_TEST

static pid_t write_large(const char *path, const char *bytes)
{
    pid_t writer = fork();

    ck_assert_int_ge(writer, 0);
    if (writer == 0) {
        int descriptor = open(path, O_WRONLY);
        size_t written = 0;

        while (written < LARGE) {
            ssize_t count = write(descriptor, bytes + written, LARGE - written);

            if (count < 0)
                _exit(EXIT_FAILURE);
            written += (size_t)count;
        }
        _exit(EXIT_SUCCESS);
    }
    return writer;
}

START_TEST(copies_a_large_fifo)
{
    char path[PATH_SIZE * 2];
    char *bytes = malloc(LARGE);
    struct input *input;
    pid_t writer;
    int status;

    ck_assert_ptr_nonnull(bytes);
    for (size_t i = 0; i < LARGE; i++)
        bytes[i] = (char)(i % 251);
    path_in(path, "fifo");
    ck_assert_int_eq(mkfifo(path, 0600), 0);
    writer = write_large(path, bytes);
    input = open_input(path);
    ck_assert_int_eq(waitpid(writer, &status, 0), writer);
    ck_assert_int_eq(status, 0);
    expect_contents_twice("the contents", input, LARGE, bytes, LARGE);
    input_free(input);
    free(bytes);
}
END_TEST

START_TEST(copies_an_empty_device)
{
    struct input *input = open_input("/dev/null");

    expect_contents_twice("the contents", input, strlen(""), BYTES(""));
    input_free(input);
}
END_TEST

START_TEST(needs_a_directory_for_the_copy)
{
    int end = pipe_to_standard_input();

    ck_assert_int_eq(setenv("TMPDIR", "/nowhere", 1), 0);
    expect_refusal("-", "cannot copy standard input to a temporary file in /nowhere: "
                        "No such file or directory");
    ck_assert_int_eq(close(end), 0);
}
END_TEST

START_TEST(copies_to_tmp_when_no_directory_is_named)
{
    int end = pipe_to_standard_input();
    struct input *input;
    mode_t mode;
    size_t open_before = count_open_files("/tmp/", &mode);

    ck_assert_int_eq(setenv("TMPDIR", "", 1), 0);
    ck_assert_int_eq(close(end), 0);
    input = open_input("-");
    ck_assert_uint_eq(count_open_files("/tmp/", &mode), open_before + 1);
    expect_contents_twice("the contents", input, strlen(""), BYTES(""));
    input_free(input);
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
        ck_assert(input_same(inputs[0], inputs[i]));
        ck_assert(!input_same(inputs[4], inputs[i]));
    }
    for (size_t i = 0; i < 5; i++)
        input_free(inputs[i]);
}
END_TEST

/* Both are copies, of the same pipe. */
START_TEST(knows_a_pipe_given_twice)
{
    int end = pipe_to_standard_input();
    struct input *one;
    struct input *other;
    struct input *device;

    ck_assert_int_eq(close(end), 0);
    one = open_input("-");
    other = open_input("/dev/stdin");
    device = open_input("/dev/null");
    ck_assert(input_same(one, other));
    ck_assert(!input_same(one, device));
    input_free(one);
    input_free(other);
    input_free(device);
}
END_TEST

/* Sends SIGTERM to this process soon, most likely while it waits. */
static void signal_soon(void)
{
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGTERM};
    const struct itimerspec delay = {.it_value = {.tv_nsec = 20 * 1000 * 1000}};
    timer_t timer;

    ck_assert_int_eq(timer_create(CLOCK_MONOTONIC, &event, &timer), 0);
    ck_assert_int_eq(timer_settime(timer, 0, &delay, NULL), 0);
}

static void expect_interrupt(const char *path)
{
    struct input *input = NULL;
    struct error error = {0};
    mode_t mode;

    ck_assert(!input_open(path, &input, &error));
    ck_assert_int_eq(error.kind, ERROR_TERMINATED);
    ck_assert_uint_eq(count_open_files(directory, &mode), 0);
}

START_TEST(ends_waiting_for_a_pipe_when_interrupted)
{
    struct error error = {0};
    int end = pipe_to_standard_input();

    ck_assert(interrupt_install(&error));
    ck_assert_int_eq(write(end, BYTES("id\n")), 3);
    signal_soon();
    expect_interrupt("-");
    ck_assert_int_eq(close(end), 0);
}
END_TEST

START_TEST(ends_waiting_for_the_writer_of_a_fifo_when_interrupted)
{
    char path[PATH_SIZE * 2];
    struct error error = {0};

    path_in(path, "fifo");
    ck_assert_int_eq(mkfifo(path, 0600), 0);
    ck_assert(interrupt_install(&error));
    signal_soon();
    expect_interrupt(path);
}
END_TEST

/* A source that never runs dry leaves no pause for the signal. */
START_TEST(ends_copying_without_end_when_interrupted)
{
    struct error error = {0};

    ck_assert(interrupt_install(&error));
    signal_soon();
    expect_interrupt("/dev/zero");
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

static TCase *file_case(void)
{
    TCase *tests = tcase_create("files");

    tcase_add_checked_fixture(tests, make_directory, drop_directory);
    tcase_add_loop_test(tests, reads_a_file_twice, 0, TABLE_ROWS(readings));
    tcase_add_test(tests, rewinds_before_the_end);
    tcase_add_test(tests, refuses_what_cannot_be_opened);
    tcase_add_test(tests, refuses_directories);
    tcase_add_loop_test(tests, notices_a_change_when_rewinding, 0, CHANGES);
    tcase_add_test(tests, does_not_mind_a_file_renamed_over_it);
    tcase_add_loop_test(tests, notices_a_change_at_the_end, 0, CHANGES);
    tcase_add_test(tests, knows_a_file_by_other_names);
    tcase_add_test(tests, leaves_nothing_open);
    return tests;
}

static TCase *stream_case(void)
{
    TCase *tests = tcase_create("streams");

    tcase_add_checked_fixture(tests, make_directory, drop_directory);
    tcase_add_test(tests, refuses_a_closed_standard_input);
    tcase_add_test(tests, copies_a_pipe_to_a_private_unnamed_file);
    tcase_add_test(tests, copies_a_large_fifo);
    tcase_add_test(tests, copies_an_empty_device);
    tcase_add_test(tests, needs_a_directory_for_the_copy);
    tcase_add_test(tests, copies_to_tmp_when_no_directory_is_named);
    tcase_add_test(tests, knows_a_pipe_given_twice);
    return tests;
}

static TCase *interrupt_case(void)
{
    TCase *tests = tcase_create("interrupts");

    tcase_add_checked_fixture(tests, make_directory, drop_directory);
    tcase_add_test(tests, ends_waiting_for_a_pipe_when_interrupted);
    tcase_add_test(tests, ends_waiting_for_the_writer_of_a_fifo_when_interrupted);
    tcase_add_test(tests, ends_copying_without_end_when_interrupted);
    return tests;
}

int main(void)
{
    Suite *suite = suite_create("input");

    suite_add_tcase(suite, file_case());
    suite_add_tcase(suite, stream_case());
    suite_add_tcase(suite, interrupt_case());
    return suite_run(suite);
}
