/*
 * Names in a header that are no column's: what was meant by them, and which are of no use.
 */
#ifndef TABLE_HEADER_NAME_H
#define TABLE_HEADER_NAME_H

#include "table/description.h"

#include <stdbool.h>
#include <stddef.h>

/* How far a name may be from that of the column which was meant. */
enum header_name_distance {
    HEADER_NAME_RESPELT, /* other case, blanks, underscores or hyphens, or a known synonym */
    HEADER_NAME_MISTYPED /* or one letter is wrong; two in a column's name of six or more */
};

/* The index of the column of the table that was meant by a name; -1 when no column is so near, or
 * when the name is a column's. Of two columns the nearer one. */
int header_name_meant(const struct table *table, const char *name, size_t length,
                      enum header_name_distance farthest);

/* Whether a name is that of a column which files of this dataset have and the table does not. */
bool header_name_is_unused(const struct table *table, const char *name, size_t length);

#endif
