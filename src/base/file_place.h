/*
 * Which file a path means, whether there is one yet or not: two paths are compared by what they
 * lead to.
 */
#ifndef BASE_FILE_PLACE_H
#define BASE_FILE_PLACE_H

#include "base/error.h"

#include <stdbool.h>
#include <sys/stat.h>

/* Caller-owned; freed by file_place_free. */
struct file_place {
    bool exists;
    struct stat status; /* where it exists */
    char *path;         /* where it does not, else NULL: absolute, all links followed */
};

/* Links are followed, also to where nothing is yet. False with an error set: no memory. */
bool file_place_find(const char *path, struct file_place *place, struct error *error);

/* Of an open descriptor. One that is closed is no place. */
struct file_place file_place_of_descriptor(int descriptor);

/* The absolute path, all links followed, whether there is something or not: to be freed; NULL when
 * memory ran out. Where that is more than the kernel follows, it ends with a link. */
char *file_place_path(const char *path);

/* Whether two are one file whose contents last: terminals and other devices are never the same. */
bool file_place_is(const struct file_place *one, const struct file_place *other);

void file_place_free(struct file_place *place);

#endif
