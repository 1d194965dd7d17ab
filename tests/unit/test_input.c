#include "base/interrupt.h"
#include "compressed.h"
#include "csv/input.h"
#include "memory_file.h"
#include "suite.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define BYTES(literal) literal, sizeof(literal) - 1

enum { PATH_SIZE = 256, LARGE = 1024 * 1024 };

/* Each test has an empty directory of its own, and TMPDIR names it. */
static char directory[PATH_SIZE];

static void make_directory(void)
{
    (void)snprintf(directory, sizeof directory, "/tmp/test_input.XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(directory));
    ck_assert_int_eq(setenv("TMPDIR", directory, 1), 0);
}

static void path_in(char path[PATH_SIZE * 2], const char *name)
{
    (void)snprintf(path, PATH_SIZE * 2, "%s/%s", directory, name);
}

/* Removes every entry, or only counts them. */
static size_t list_directory(bool removing)
{
    DIR *stream = opendir(directory);
    const struct dirent *entry;
    size_t count = 0;

    ck_assert_ptr_nonnull(stream);
    while ((entry = readdir(stream)) != NULL) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        count++;
        if (removing)
            ck_assert_int_eq(unlinkat(dirfd(stream), entry->d_name, 0), 0);
    }
    ck_assert_int_eq(closedir(stream), 0);
    return count;
}

static void drop_directory(void)
{
    (void)list_directory(true);
    ck_assert_int_eq(rmdir(directory), 0);
}

static void put(const char *path, int flags, const char *bytes, size_t length)
{
    int descriptor = open(path, O_WRONLY | flags, 0600);

    ck_assert_int_ge(descriptor, 0);
    ck_assert_int_eq(write(descriptor, bytes, length), (ssize_t)length);
    ck_assert_int_eq(close(descriptor), 0);
}

static void make_file(char path[PATH_SIZE * 2], const char *name, const char *bytes, size_t length)
{
    path_in(path, name);
    put(path, O_CREAT | O_EXCL, bytes, length);
}

static struct input *open_input(const char *path)
{
    struct input *input = NULL;
    struct error error = {0};

    ck_assert_msg(input_open(path, &input, &error), "%s", error.message);
    return input;
}

/* Reads to the end in blocks of a size that divides nothing. */
static void expect_contents(struct input *input, const char *bytes, size_t length)
{
    char block[1021];
    struct error error = {0};
    size_t seen = 0;
    size_t got;

    do {
        ck_assert_msg(input_read(input, block, sizeof block, &got, &error), "%s", error.message);
        ck_assert_uint_le(seen + got, length);
        ck_assert_mem_eq(block, bytes + seen, got);
        seen += got;
    } while (got > 0);
    ck_assert_uint_eq(seen, length);
}

static void expect_contents_twice(struct input *input, const char *bytes, size_t length)
{
    struct error error = {0};

    ck_assert_uint_eq(input_size(input), length);
    expect_contents(input, bytes, length);
    ck_assert_msg(input_rewind(input, &error), "%s", error.message);
    expect_contents(input, bytes, length);
}

static void expect_refusal(const char *path, const char *message)
{
    struct input *input = NULL;
    struct error error = {0};

    ck_assert(!input_open(path, &input, &error));
    ck_assert_int_eq(error.kind, ERROR_FILE);
    ck_assert_str_eq(error.message, message);
    ck_assert_ptr_null(input);
}

/* Makes a pipe standard input; the end to write to is returned. */
static int pipe_to_standard_input(void)
{
    int ends[2];

    ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
    ck_assert_int_eq(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
    ck_assert_int_eq(close(ends[0]), 0);
    return ends[1];
}

static void redirect_standard_input(const char *path, off_t offset)
{
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);

    ck_assert_int_ge(descriptor, 0);
    ck_assert_int_eq(lseek(descriptor, offset, SEEK_SET), offset);
    ck_assert_int_eq(dup2(descriptor, STDIN_FILENO), STDIN_FILENO);
    ck_assert_int_eq(close(descriptor), 0);
}

START_TEST(reads_a_file_twice)
{
    char path[PATH_SIZE * 2];
    struct input *input;

    make_file(path, "a.csv", BYTES("id,name\n1,one\n2,two\n"));
    input = open_input(path);
    expect_contents_twice(input, BYTES("id,name\n1,one\n2,two\n"));
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

    make_file(path, "a.csv", BYTES("abcdefgh"));
    input = open_input(path);
    ck_assert(input_read(input, block, sizeof block, &length, &error));
    ck_assert_uint_eq(length, sizeof block);
    ck_assert(input_rewind(input, &error));
    expect_contents(input, BYTES("abcdefgh"));
    input_free(input);
}
END_TEST

START_TEST(reads_an_empty_file)
{
    char path[PATH_SIZE * 2];
    struct input *input;

    make_file(path, "a.csv", BYTES(""));
    input = open_input(path);
    expect_contents_twice(input, BYTES(""));
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
    expect_contents_twice(input, BYTES("a\n"));
    input_free(input);
}
END_TEST

START_TEST(reads_a_redirected_file_from_where_it_stands)
{
    char path[PATH_SIZE * 2];
    struct input *input;

    make_file(path, "a.csv", BYTES("read before\nid,name\n1,one\n"));
    redirect_standard_input(path, 12);
    input = open_input("-");
    expect_contents_twice(input, BYTES("id,name\n1,one\n"));
    ck_assert_uint_eq(list_directory(false), 1);
    input_free(input);
}
END_TEST

START_TEST(reads_nothing_behind_the_end_of_a_redirected_file)
{
    char path[PATH_SIZE * 2];
    struct input *input;

    make_file(path, "a.csv", BYTES("a\n"));
    redirect_standard_input(path, 100);
    input = open_input("-");
    expect_contents_twice(input, BYTES(""));
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
    ck_assert_uint_eq(list_directory(false), 0);
    ck_assert_uint_eq(count_open_files(directory, &mode), 1);
    ck_assert_int_eq(mode, S_IFREG | 0600);
    expect_contents_twice(input, BYTES("id\n1\n"));
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
    expect_contents_twice(input, bytes, LARGE);
    input_free(input);
    free(bytes);
}
END_TEST

START_TEST(copies_an_empty_device)
{
    struct input *input = open_input("/dev/null");

    expect_contents_twice(input, BYTES(""));
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
    expect_contents_twice(input, BYTES(""));
    input_free(input);
}
END_TEST

static void expect_change(const struct error *error, const char *path)
{
    char message[PATH_SIZE * 4];

    (void)snprintf(message, sizeof message, "%s has changed since it was opened", path);
    ck_assert_int_eq(error->kind, ERROR_FILE);
    ck_assert_str_eq(error->message, message);
}

static void append_a_line(const char *path)
{
    put(path, O_APPEND, BYTES("2\n"));
}

static void cut_a_line(const char *path)
{
    ck_assert_int_eq(truncate(path, 3), 0);
}

/* Clocks of file systems tick slowly: without the step, a change right away might not show. */
static void set_modified(const char *path)
{
    const struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, {.tv_sec = 1, .tv_nsec = 1}};

    ck_assert_int_eq(utimensat(AT_FDCWD, path, times, 0), 0);
}

/* A new version put in place of a file in use leaves the file that is open as it was. */
static void rename_another_over(const char *path)
{
    char other[PATH_SIZE * 2];

    make_file(other, "other.csv", BYTES("id\n9\n"));
    ck_assert_int_eq(rename(other, path), 0);
}

static void (*const changes[])(const char *path) = {append_a_line, cut_a_line, set_modified};

enum { CHANGES = sizeof changes / sizeof changes[0] };

START_TEST(notices_a_change_when_rewinding)
{
    char path[PATH_SIZE * 2];
    struct error error = {0};
    struct input *input;

    make_file(path, "a.csv", BYTES("id\n1\n"));
    input = open_input(path);
    ck_assert(input_rewind(input, &error));
    changes[_i](path);
    ck_assert(!input_rewind(input, &error));
    expect_change(&error, path);
    input_free(input);
}
END_TEST

START_TEST(does_not_mind_a_file_renamed_over_it)
{
    char path[PATH_SIZE * 2];
    struct error error = {0};
    struct input *input;

    make_file(path, "a.csv", BYTES("id\n1\n"));
    input = open_input(path);
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

    make_file(path, "a.csv", BYTES("id\n1\n"));
    input = open_input(path);
    ck_assert(input_read(input, block, 5, &length, &error));
    ck_assert_uint_eq(length, 5);
    changes[_i](path);
    while (input_read(input, block, sizeof block, &length, &error))
        ck_assert_uint_gt(length, 0);
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

enum { SMALL_PIECE = 100, INPUT_BLOCK = 64 * 1024 };

#define LINES "order_id,user_id\n1,7\n2,7\n2,7\n2,7\n2,7\n2,7\n2,7\n2,7\n"

/* Both kinds of compression, by the number of the test. */
static const char *const compressions[] = {"gzip", "zstd"};

enum { COMPRESSIONS = TABLE_ROWS(compressions) };

static void add_compressed(struct compressed *data, int compression, const char *bytes,
                           size_t length)
{
    if (compression == 0)
        compressed_add_gzip(data, bytes, length, 0);
    else
        compressed_add_zstd(data, bytes, length);
}

static void make_compressed_file(char path[PATH_SIZE * 2], const struct compressed *data)
{
    make_file(path, "a.csv", (const char *)data->bytes, data->length);
}

static void read_twice(struct input *input, size_t size, const char *bytes, size_t length)
{
    struct error error = {0};

    ck_assert_uint_eq(input_size(input), size);
    expect_contents(input, bytes, length);
    ck_assert_msg(input_rewind(input, &error), "%s", error.message);
    expect_contents(input, bytes, length);
}

START_TEST(decompresses_whatever_the_name)
{
    struct compressed data = {0};
    char path[PATH_SIZE * 2];
    struct input *input;

    add_compressed(&data, _i, BYTES(LINES));
    make_compressed_file(path, &data);
    input = open_input(path);
    read_twice(input, data.length, BYTES(LINES));
    input_free(input);
    compressed_free(&data);
}
END_TEST

START_TEST(a_name_compresses_nothing)
{
    char path[PATH_SIZE * 2];
    struct input *input;

    make_file(path, _i == 0 ? "a.csv.gz" : "a.csv.zst", BYTES(LINES));
    input = open_input(path);
    expect_contents_twice(input, BYTES(LINES));
    input_free(input);
}
END_TEST

START_TEST(reads_compressed_nothing)
{
    struct compressed data = {0};
    char path[PATH_SIZE * 2];
    struct input *input;

    add_compressed(&data, _i, "", 0);
    make_compressed_file(path, &data);
    input = open_input(path);
    read_twice(input, data.length, BYTES(""));
    input_free(input);
    compressed_free(&data);
}
END_TEST

START_TEST(says_the_end_of_compressed_data_again)
{
    struct compressed data = {0};
    char path[PATH_SIZE * 2];
    char block[16];
    struct error error = {0};
    struct input *input;
    size_t length;

    add_compressed(&data, _i, BYTES("id\n1\n"));
    make_compressed_file(path, &data);
    input = open_input(path);
    expect_contents(input, BYTES("id\n1\n"));
    for (int i = 0; i < 3; i++) {
        ck_assert(input_read(input, block, sizeof block, &length, &error));
        ck_assert_uint_eq(length, 0);
    }
    input_free(input);
    compressed_free(&data);
}
END_TEST

/* From everywhere in the data, also while the decompressor holds something back. */
START_TEST(rewinds_compressed_data_before_the_end)
{
    struct compressed data = {0};
    char path[PATH_SIZE * 2];
    char block[sizeof LINES];
    struct error error = {0};
    struct input *input;
    size_t length;

    add_compressed(&data, _i, BYTES(LINES));
    make_compressed_file(path, &data);
    input = open_input(path);
    for (size_t size = 1; size < sizeof LINES; size++) {
        ck_assert(input_read(input, block, size, &length, &error));
        ck_assert_uint_eq(length, size);
        ck_assert_mem_eq(block, LINES, size);
        ck_assert(input_rewind(input, &error));
    }
    expect_contents(input, BYTES(LINES));
    input_free(input);
    compressed_free(&data);
}
END_TEST

static char *large_contents(char (*byte)(size_t index))
{
    char *bytes = malloc(LARGE);

    ck_assert_ptr_nonnull(bytes);
    for (size_t i = 0; i < LARGE; i++)
        bytes[i] = byte(i);
    return bytes;
}

static char always_a(size_t index)
{
    (void)index;
    return 'a';
}

/* A mixing function (splitmix64's) leaves nothing to compress. */
static char anything(size_t index)
{
    uint64_t mixed = (index + 1) * UINT64_C(0x9e3779b97f4a7c15);

    mixed = (mixed ^ (mixed >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    mixed = (mixed ^ (mixed >> 27)) * UINT64_C(0x94d049bb133111eb);
    return (char)(mixed >> 56);
}

/* The whole file is one block of input, so that nearly all comes from what the decompressor holds.
 */
START_TEST(reads_in_pieces_smaller_than_what_is_held_back)
{
    char *bytes = large_contents(always_a);
    struct compressed data = {0};
    char path[PATH_SIZE * 2];
    char piece[SMALL_PIECE];
    struct error error = {0};
    size_t seen = 0, length;
    struct input *input;

    add_compressed(&data, _i, bytes, LARGE);
    ck_assert_uint_lt(data.length, INPUT_BLOCK);
    make_compressed_file(path, &data);
    input = open_input(path);
    do {
        ck_assert_msg(input_read(input, piece, sizeof piece, &length, &error), "%s", error.message);
        ck_assert_uint_le(seen + length, LARGE);
        ck_assert_mem_eq(piece, bytes, length);
        seen += length;
    } while (length > 0);
    ck_assert_uint_eq(seen, LARGE);
    input_free(input);
    compressed_free(&data);
    free(bytes);
}
END_TEST

START_TEST(reads_large_compressed_data)
{
    char *bytes = large_contents(anything);
    struct compressed data = {0};
    char path[PATH_SIZE * 2];
    struct input *input;

    add_compressed(&data, _i, bytes, LARGE);
    ck_assert_uint_gt(data.length, LARGE * 9 / 10);
    make_compressed_file(path, &data);
    input = open_input(path);
    read_twice(input, data.length, bytes, LARGE);
    input_free(input);
    compressed_free(&data);
    free(bytes);
}
END_TEST

/* As `cat one.gz other.gz` makes them. */
START_TEST(reads_one_member_after_another)
{
    struct compressed data = {0};
    char path[PATH_SIZE * 2];
    struct input *input;

    add_compressed(&data, _i, BYTES("id\n1\n"));
    add_compressed(&data, _i, "", 0);
    add_compressed(&data, _i, BYTES("2\n"));
    make_compressed_file(path, &data);
    input = open_input(path);
    read_twice(input, data.length, BYTES("id\n1\n2\n"));
    input_free(input);
    compressed_free(&data);
}
END_TEST

/* Fills up the data to `length` bytes, with a member or frame that ends there. */
static void fill_up(struct compressed *data, int compression, size_t length)
{
    enum { EXTRA = 1000 };
    struct compressed member = {0};

    if (compression == 1) {
        compressed_add_zstd_skippable(data, length - data->length);
        return;
    }
    compressed_add_gzip(&member, "", 0, EXTRA);
    compressed_add_gzip(data, "", 0, (unsigned)(length - data->length - member.length) + EXTRA);
    compressed_free(&member);
}

/* Around the end of the block that is read at once. */
START_TEST(a_member_may_end_with_a_block)
{
    for (size_t length = INPUT_BLOCK - 20; length <= INPUT_BLOCK + 20; length++) {
        struct compressed data = {0};
        struct memory_file file;
        struct input *input;

        add_compressed(&data, _i, BYTES("id\n1\n"));
        fill_up(&data, _i, length);
        ck_assert_uint_eq(data.length, length);
        add_compressed(&data, _i, BYTES("2\n"));
        memory_file_open(&file, (const char *)data.bytes, data.length);
        input = open_input(file.path);
        read_twice(input, data.length, BYTES("id\n1\n2\n"));
        input_free(input);
        memory_file_close(&file);

        memory_file_open(&file, (const char *)data.bytes, length);
        input = open_input(file.path);
        read_twice(input, length, BYTES("id\n1\n"));
        input_free(input);
        memory_file_close(&file);
        compressed_free(&data);
    }
}
END_TEST

/* Reads until it fails, which it must. */
static void read_to_failure(struct input *input, size_t size, struct error *error)
{
    char block[1021];
    size_t length;

    while (input_read(input, block, size, &length, error))
        ck_assert_msg(length > 0, "nothing was wrong");
    ck_assert_int_eq(error->kind, ERROR_FILE);
}

static void expect_truncation(const struct compressed *data, size_t length, int compression)
{
    char message[PATH_SIZE];
    struct memory_file file;
    struct input *input;

    memory_file_open(&file, (const char *)data->bytes, length);
    input = open_input(file.path);
    (void)snprintf(message, sizeof message, "cannot read %s: truncated %s data", file.path,
                   compressions[compression]);
    for (size_t size = 1; size <= 1021; size += 10) {
        struct error error = {0}, none = {0};

        read_to_failure(input, size, &error);
        ck_assert_str_eq(error.message, message);
        ck_assert_msg(input_rewind(input, &none), "%s", none.message);
    }
    input_free(input);
    memory_file_close(&file);
}

/* At every length by which the data is known as compressed, and in a later member. */
START_TEST(notices_truncated_data)
{
    static const size_t magic_lengths[COMPRESSIONS] = {2, 4};
    struct compressed data = {0};
    size_t end;

    add_compressed(&data, _i, BYTES(LINES));
    end = data.length;
    add_compressed(&data, _i, BYTES("3,7\n"));
    for (size_t length = magic_lengths[_i]; length < data.length; length++)
        if (length != end)
            expect_truncation(&data, length, _i);
    compressed_free(&data);
}
END_TEST

START_TEST(notices_damaged_data)
{
    struct compressed data = {0};
    char path[PATH_SIZE * 2];
    char message[PATH_SIZE * 3];
    struct error error = {0};
    struct input *input;

    add_compressed(&data, _i, BYTES(LINES));
    data.bytes[data.length - 1] ^= 1;
    make_compressed_file(path, &data);
    input = open_input(path);
    read_to_failure(input, 10, &error);
    (void)snprintf(message, sizeof message, "cannot read %s: damaged %s data: %s", path,
                   compressions[_i],
                   _i == 0 ? "incorrect length check" : "Restored data doesn't match checksum");
    ck_assert_str_eq(error.message, message);
    input_free(input);
    compressed_free(&data);
}
END_TEST

START_TEST(reads_a_compressed_pipe)
{
    int end = pipe_to_standard_input();
    struct compressed data = {0};
    struct input *input;

    add_compressed(&data, _i, BYTES(LINES));
    ck_assert_int_eq(write(end, data.bytes, data.length), (ssize_t)data.length);
    ck_assert_int_eq(close(end), 0);
    input = open_input("-");
    read_twice(input, data.length, BYTES(LINES));
    input_free(input);
    compressed_free(&data);
}
END_TEST

START_TEST(names_standard_input_when_its_data_is_wrong)
{
    int end = pipe_to_standard_input();
    struct compressed data = {0};
    char message[PATH_SIZE];
    struct error error = {0};
    struct input *input;

    add_compressed(&data, _i, BYTES(LINES));
    ck_assert_int_eq(write(end, data.bytes, data.length - 1), (ssize_t)data.length - 1);
    ck_assert_int_eq(close(end), 0);
    input = open_input("-");
    read_to_failure(input, 10, &error);
    (void)snprintf(message, sizeof message, "cannot read standard input: truncated %s data",
                   compressions[_i]);
    ck_assert_str_eq(error.message, message);
    input_free(input);
    compressed_free(&data);
}
END_TEST

/* What was read before is not looked at. */
START_TEST(reads_a_compressed_file_from_where_it_stands)
{
    struct compressed data = {0};
    char path[PATH_SIZE * 2];
    struct input *input;

    memcpy(compressed_extend(&data, 5), "read\n", 5);
    data.length = 5;
    add_compressed(&data, _i, BYTES(LINES));
    make_compressed_file(path, &data);
    redirect_standard_input(path, 5);
    input = open_input("-");
    read_twice(input, data.length - 5, BYTES(LINES));
    input_free(input);
    compressed_free(&data);
}
END_TEST

START_TEST(notices_a_change_at_the_end_of_compressed_data)
{
    struct compressed data = {0};
    char path[PATH_SIZE * 2];
    char block[sizeof LINES];
    struct error error = {0};
    struct input *input;
    size_t length;

    add_compressed(&data, _i, BYTES(LINES));
    make_compressed_file(path, &data);
    input = open_input(path);
    ck_assert(input_read(input, block, 5, &length, &error));
    set_modified(path);
    read_to_failure(input, sizeof block, &error);
    expect_change(&error, path);
    input_free(input);
    compressed_free(&data);
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
    make_file(path, "a.csv", BYTES("a\n"));
    input = open_input(path);
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
    tcase_add_test(tests, reads_a_file_twice);
    tcase_add_test(tests, rewinds_before_the_end);
    tcase_add_test(tests, reads_an_empty_file);
    tcase_add_test(tests, refuses_what_cannot_be_opened);
    tcase_add_test(tests, refuses_directories);
    tcase_add_loop_test(tests, notices_a_change_when_rewinding, 0, CHANGES);
    tcase_add_test(tests, does_not_mind_a_file_renamed_over_it);
    tcase_add_loop_test(tests, notices_a_change_at_the_end, 0, CHANGES);
    tcase_add_test(tests, knows_a_file_by_other_names);
    tcase_add_test(tests, leaves_nothing_open);
    return tests;
}

#define OF_ABC "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

static void expect_fingerprint(const struct input *input, const char *expected)
{
    char text[FINGERPRINT_TEXT_SIZE] = "";

    ck_assert(input_fingerprint(input, text) == (expected != NULL));
    if (expected != NULL)
        ck_assert_str_eq(text, expected);
}

static void finish_fingerprint(struct input *input)
{
    struct error error = {0};

    ck_assert_msg(input_finish_fingerprint(input, &error), "%s", error.message);
}

/* What was read before it was started, and what is never read, is read for it alone. */
START_TEST(takes_a_fingerprint_along)
{
    char path[PATH_SIZE * 2], block[2];
    struct error error = {0};
    struct input *input;
    size_t length;

    make_file(path, "file", BYTES("abc"));
    input = open_input(path);
    ck_assert(input_read(input, block, sizeof block, &length, &error));
    finish_fingerprint(input);
    expect_fingerprint(input, NULL);
    ck_assert(input_start_fingerprint(input, &error));
    ck_assert(input_rewind(input, &error));
    ck_assert(input_read(input, block, sizeof block, &length, &error));
    expect_fingerprint(input, NULL);
    finish_fingerprint(input);
    expect_fingerprint(input, OF_ABC);
    expect_contents(input, BYTES("c"));
    ck_assert(input_rewind(input, &error));
    expect_contents(input, BYTES("abc"));
    expect_fingerprint(input, OF_ABC);
    input_free(input);
}
END_TEST

START_TEST(takes_the_fingerprint_of_a_redirected_file_from_where_it_stands)
{
    char path[PATH_SIZE * 2];
    struct error error = {0};
    struct input *input;

    make_file(path, "file", BYTES("xabc"));
    redirect_standard_input(path, 1);
    input = open_input("-");
    ck_assert(input_start_fingerprint(input, &error));
    expect_contents(input, BYTES("abc"));
    expect_fingerprint(input, OF_ABC);
    input_free(input);
    input = open_input("-");
    ck_assert(input_start_fingerprint(input, &error));
    finish_fingerprint(input);
    expect_fingerprint(input, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    input_free(input);
}
END_TEST

START_TEST(takes_no_fingerprint_of_a_file_that_changes)
{
    char path[PATH_SIZE * 2];
    struct error error = {0};
    struct input *input;

    make_file(path, "file", BYTES("abc"));
    input = open_input(path);
    ck_assert(input_start_fingerprint(input, &error));
    put(path, O_APPEND, BYTES("d"));
    ck_assert(!input_finish_fingerprint(input, &error));
    ck_assert_int_eq(error.kind, ERROR_FILE);
    input_free(input);
}
END_TEST

static TCase *fingerprint_case(void)
{
    TCase *tests = tcase_create("fingerprints");

    tcase_add_checked_fixture(tests, make_directory, drop_directory);
    tcase_add_test(tests, takes_a_fingerprint_along);
    tcase_add_test(tests, takes_the_fingerprint_of_a_redirected_file_from_where_it_stands);
    tcase_add_test(tests, takes_no_fingerprint_of_a_file_that_changes);
    return tests;
}

static TCase *stream_case(void)
{
    TCase *tests = tcase_create("streams");

    tcase_add_checked_fixture(tests, make_directory, drop_directory);
    tcase_add_test(tests, refuses_a_closed_standard_input);
    tcase_add_test(tests, reads_a_redirected_file_from_where_it_stands);
    tcase_add_test(tests, reads_nothing_behind_the_end_of_a_redirected_file);
    tcase_add_test(tests, copies_a_pipe_to_a_private_unnamed_file);
    tcase_add_test(tests, copies_a_large_fifo);
    tcase_add_test(tests, copies_an_empty_device);
    tcase_add_test(tests, needs_a_directory_for_the_copy);
    tcase_add_test(tests, copies_to_tmp_when_no_directory_is_named);
    tcase_add_test(tests, knows_a_pipe_given_twice);
    return tests;
}

static TCase *compression_case(void)
{
    TCase *tests = tcase_create("compression");

    tcase_add_checked_fixture(tests, make_directory, drop_directory);
    tcase_add_loop_test(tests, decompresses_whatever_the_name, 0, COMPRESSIONS);
    tcase_add_loop_test(tests, a_name_compresses_nothing, 0, COMPRESSIONS);
    tcase_add_loop_test(tests, reads_compressed_nothing, 0, COMPRESSIONS);
    tcase_add_loop_test(tests, says_the_end_of_compressed_data_again, 0, COMPRESSIONS);
    tcase_add_loop_test(tests, rewinds_compressed_data_before_the_end, 0, COMPRESSIONS);
    tcase_add_loop_test(tests, reads_in_pieces_smaller_than_what_is_held_back, 0, COMPRESSIONS);
    tcase_add_loop_test(tests, reads_large_compressed_data, 0, COMPRESSIONS);
    tcase_add_loop_test(tests, reads_one_member_after_another, 0, COMPRESSIONS);
    tcase_add_loop_test(tests, a_member_may_end_with_a_block, 0, COMPRESSIONS);
    tcase_add_loop_test(tests, notices_truncated_data, 0, COMPRESSIONS);
    tcase_add_loop_test(tests, notices_damaged_data, 0, COMPRESSIONS);
    tcase_add_loop_test(tests, reads_a_compressed_pipe, 0, COMPRESSIONS);
    tcase_add_loop_test(tests, names_standard_input_when_its_data_is_wrong, 0, COMPRESSIONS);
    tcase_add_loop_test(tests, reads_a_compressed_file_from_where_it_stands, 0, COMPRESSIONS);
    tcase_add_loop_test(tests, notices_a_change_at_the_end_of_compressed_data, 0, COMPRESSIONS);
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
    suite_add_tcase(suite, fingerprint_case());
    suite_add_tcase(suite, compression_case());
    suite_add_tcase(suite, interrupt_case());
    return suite_run(suite);
}
