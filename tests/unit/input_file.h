/*
 * Files in a directory of their own, and the inputs that read them.
 */
#ifndef TESTS_UNIT_INPUT_FILE_H
#define TESTS_UNIT_INPUT_FILE_H

#include "input/input.h"
#include "temporary_directory.h"

#include <check.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define BYTES(literal) literal, sizeof(literal) - 1

/* Each test has an empty directory of its own, and TMPDIR names it. */
static char directory[PATH_SIZE];

static inline void make_directory(void)
{
    temporary_directory_make(directory);
    ck_assert_int_eq(setenv("TMPDIR", directory, 1), 0);
}

static inline void drop_directory(void)
{
    temporary_directory_drop(directory);
}

static inline void path_in(char path[PATH_SIZE * 2], const char *name)
{
    (void)snprintf(path, PATH_SIZE * 2, "%s/%s", directory, name);
}

static inline void put(const char *path, int flags, const char *bytes, size_t length)
{
    int descriptor = open(path, O_WRONLY | flags, 0600);

    ck_assert_int_ge(descriptor, 0);
    ck_assert_int_eq(write(descriptor, bytes, length), (ssize_t)length);
    ck_assert_int_eq(close(descriptor), 0);
}

static inline void make_file(char path[PATH_SIZE * 2], const char *name, const char *bytes,
                             size_t length)
{
    path_in(path, name);
    put(path, O_CREAT | O_EXCL, bytes, length);
}

static inline struct input *open_input(const char *path)
{
    struct input *input = NULL;
    struct error error = {0};

    ck_assert_msg(input_open(path, &input, &error), "%s", error.message);
    return input;
}

/* Opens a file of these bytes by its name. */
static inline struct input *open_file(char path[PATH_SIZE * 2], const char *bytes, size_t length)
{
    make_file(path, "a.csv", bytes, length);
    return open_input(path);
}

/* Reads to the end in blocks of a size that divides nothing; `name` is that of the case. */
static inline void expect_contents(const char *name, struct input *input, const char *bytes,
                                   size_t length)
{
    char block[1021];
    struct error error = {0};
    size_t seen = 0;
    size_t got;

    do {
        ck_assert_msg(input_read(input, block, sizeof block, &got, &error), "%s: %s", name,
                      error.message);
        ck_assert_msg(seen + got <= length, "%s: more than %zu bytes", name, length);
        ck_assert_msg(memcmp(block, bytes + seen, got) == 0, "%s: other bytes from %zu on", name,
                      seen);
        seen += got;
    } while (got > 0);
    ck_assert_msg(seen == length, "%s: %zu bytes instead of %zu", name, seen, length);
}

/* The same, then again from the start; the file has so many bytes. */
static inline void expect_contents_twice(const char *name, struct input *input, size_t size,
                                         const char *bytes, size_t length)
{
    struct error error = {0};

    ck_assert_msg(input_size(input) == size, "%s: its size is not %zu", name, size);
    expect_contents(name, input, bytes, length);
    ck_assert_msg(input_rewind(input, &error), "%s: %s", name, error.message);
    expect_contents(name, input, bytes, length);
}

static inline void expect_refusal(const char *path, const char *message)
{
    struct input *input = NULL;
    struct error error = {0};

    ck_assert(!input_open(path, &input, &error));
    ck_assert_int_eq(error.kind, ERROR_FILE);
    ck_assert_str_eq(error.message, message);
    ck_assert_ptr_null(input);
}

/* Makes a pipe standard input; the end to write to is returned. */
static inline int pipe_to_standard_input(void)
{
    int ends[2];

    ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
    ck_assert_int_eq(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
    ck_assert_int_eq(close(ends[0]), 0);
    return ends[1];
}

static inline void redirect_standard_input(const char *path, off_t offset)
{
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);

    ck_assert_int_ge(descriptor, 0);
    ck_assert_int_eq(lseek(descriptor, offset, SEEK_SET), offset);
    ck_assert_int_eq(dup2(descriptor, STDIN_FILENO), STDIN_FILENO);
    ck_assert_int_eq(close(descriptor), 0);
}

static inline void expect_change(const struct error *error, const char *path)
{
    char message[PATH_SIZE * 4];

    (void)snprintf(message, sizeof message, "%s has changed since it was opened", path);
    ck_assert_int_eq(error->kind, ERROR_FILE);
    ck_assert_str_eq(error->message, message);
}

/* Clocks of file systems tick slowly: without the step, a change right away might not show. */
static inline void set_modified(const char *path)
{
    const struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, {.tv_sec = 1, .tv_nsec = 1}};

    ck_assert_int_eq(utimensat(AT_FDCWD, path, times, 0), 0);
}

#endif
