/*
 * The files of a directory that is given as FILE.
 */
#ifndef PLAN_DIRECTORY_LISTING_H
#define PLAN_DIRECTORY_LISTING_H

#include "base/error.h"
#include "base/list.h"

#include <stdbool.h>

struct directory_entry {
    char *path;           /* DIRECTORY/NAME */
    const char *left_out; /* why the file is not to be loaded; NULL: it is */
};

/* Caller-owned; zeroed is empty, directory_listing_free empties it again. */
struct directory_listing {
    struct list entries; /* struct directory_entry, by name in the order of its bytes */
};

/* Whether a FILE argument is the path of a directory. */
bool directory_listing_is_directory(const char *path);

/*
 * Lists a directory, but not what is below its sub-directories. Names alone tell what is a CSV file
 * (input/file_name). Hidden files and sub-directories are passed over. No file is opened: what is
 * no regular file, but a FIFO, is left out, because nobody knows whether reading it ever ends.
 * ERROR_FILE names the directory and the reason.
 */
bool directory_listing_read(const char *directory, struct directory_listing *listing,
                            struct error *error);

void directory_listing_free(struct directory_listing *listing);

#endif
