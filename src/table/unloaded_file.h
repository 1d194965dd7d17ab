/*
 * Files that come with the data of a dataset and hold nothing for the database.
 */
#ifndef TABLE_UNLOADED_FILE_H
#define TABLE_UNLOADED_FILE_H

#include <stdbool.h>
#include <stddef.h>

enum { UNLOADED_FILE_COLUMNS = 2 };

struct unloaded_file {
    const char *header[UNLOADED_FILE_COLUMNS]; /* all names of its header, in their order */
};

/* The files, and how many there are. */
const struct unloaded_file *unloaded_file_list(size_t *count);

#endif
