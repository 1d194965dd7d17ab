/*
 * An empty directory for the files of one test.
 */
#ifndef TESTS_UNIT_TEMPORARY_DIRECTORY_H
#define TESTS_UNIT_TEMPORARY_DIRECTORY_H

#include <check.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PATH_SIZE = 256 };

static inline void temporary_directory_make(char directory[PATH_SIZE])
{
    (void)snprintf(directory, PATH_SIZE, "/tmp/timele_load_test.XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(directory));
}

/* Counts the entries, and removes them when `removing`; `name`, unless NULL, gets the last one's.
 */
static inline size_t temporary_directory_list(const char *directory, bool removing,
                                              char name[PATH_SIZE])
{
    DIR *stream = opendir(directory);
    const struct dirent *entry;
    size_t count = 0;

    ck_assert_ptr_nonnull(stream);
    while ((entry = readdir(stream)) != NULL) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        count++;
        if (name != NULL)
            (void)snprintf(name, PATH_SIZE, "%s", entry->d_name);
        if (removing)
            ck_assert_int_eq(unlinkat(dirfd(stream), entry->d_name, 0), 0);
    }
    ck_assert_int_eq(closedir(stream), 0);
    return count;
}

static inline void temporary_directory_drop(const char *directory)
{
    (void)temporary_directory_list(directory, true, NULL);
    ck_assert_int_eq(rmdir(directory), 0);
}

#endif
