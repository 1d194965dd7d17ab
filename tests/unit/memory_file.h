/*
 * A file that is only in memory, for what takes a path: nothing to clean up.
 */
#ifndef TESTS_UNIT_MEMORY_FILE_H
#define TESTS_UNIT_MEMORY_FILE_H

#include <check.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

enum { MEMORY_PATH_SIZE = 32 };

/* Caller-owned; closed by memory_file_close. */
struct memory_file {
    int descriptor;
    char path[MEMORY_PATH_SIZE];
};

static inline void memory_file_open(struct memory_file *file, const char *bytes, size_t length)
{
    file->descriptor = memfd_create("test", MFD_CLOEXEC);
    ck_assert_int_ge(file->descriptor, 0);
    ck_assert_int_eq(write(file->descriptor, bytes, length), (ssize_t)length);
    (void)snprintf(file->path, sizeof file->path, "/proc/self/fd/%d", file->descriptor);
}

static inline void memory_file_close(struct memory_file *file)
{
    ck_assert_int_eq(close(file->descriptor), 0);
}

#endif
