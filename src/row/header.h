/*
 * The first line of a CSV file: whose header it is, and which of its names may be shown.
 *
 * Where the header line is missing, the first line is a row, whose values must not be shown: it may
 * hold a password. So no message shows a name of a line that does not look like a header.
 */
#ifndef ROW_HEADER_H
#define ROW_HEADER_H

#include "csv/reader.h"
#include "table/table.h"

#include <stdbool.h>
#include <stddef.h>

/* Whether no field of the line looks like a value: a number, a time, an address, a hash. */
bool header_is_likely(const struct csv_record *record);

/* Whom a file is for whose header is no dataset's. */
enum header_purpose {
    HEADER_MEANT,    /* for this program, probably: it is nearly right, or no header */
    HEADER_UNLOADED, /* it comes with the data and holds nothing for the database */
    HEADER_FOREIGN   /* for something else */
};

/*
 * HEADER_UNLOADED is what table/unloaded_file knows. HEADER_FOREIGN looks like a header, separated
 * by commas. With an exact name of some dataset it is foreign when every dataset lacks more than
 * half of what it is known by; without, when the names that may be meant for a dataset are no more
 * than half of that.
 */
enum header_purpose header_purpose(const struct csv_record *record);

/* Whether a name is made of letters, digits, underscores, hyphens and blanks alone. */
bool header_name_is_plain(const char *name, size_t length);

/* The table whose dataset has such a header; TABLE_NONE when it is no dataset's. */
enum table_id header_recognise(const struct csv_record *record);

/* A header beside a dataset: how many of its identifying columns the header has, has a name for
 * that may be meant so, and lacks. */
struct header_match {
    const struct table *table; /* NULL: the header has no name of any dataset */
    size_t present;
    size_t meant;
    size_t missing;
    size_t known; /* columns of the header that have a place in the table */
};

/* What is known of a name, in any dataset. */
enum header_name_kind { NAME_KNOWN, NAME_RESPELT, NAME_MISTYPED, NAME_UNKNOWN };

enum header_name_kind header_judge_name(const struct csv_field *name);

/* How many names are a column's but for case, blanks, underscores and hyphens. */
size_t header_count_known(const struct csv_record *record);

/* The field with a column's name; NULL: there is none. */
const struct csv_field *header_find_field(const struct csv_record *record,
                                          const struct column *column);

/* The field whose name may be meant for a column of a table; NULL: there is none. */
const struct csv_field *header_find_meant(const struct csv_record *record,
                                          const struct table *table, size_t column);

/* The nearest dataset. */
struct header_match header_match_nearest(const struct csv_record *record);

#endif
