#include "base/interrupt.h"
#include "input_file.h"
#include "suite.h"

#include <dirent.h>
#include <signal.h>
#include <sys/wait.h>

enum { LARGE = 1024 * 1024 };

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
    ck_assert_int_eq(input_compare(one, other), 0);
    ck_assert_int_ne(input_compare(one, device), 0);
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
    Suite *suite = suite_create("input_stream");

    suite_add_tcase(suite, stream_case());
    suite_add_tcase(suite, interrupt_case());
    return suite_run(suite);
}
