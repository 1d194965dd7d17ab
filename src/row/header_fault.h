/*
 * What is wrong with a header that is no dataset's, and what mends it.
 *
 * Where the header line is missing, the first line is a row: row/header.h says what may be shown.
 */
#ifndef ROW_HEADER_FAULT_H
#define ROW_HEADER_FAULT_H

#include "base/error.h"
#include "csv/reader.h"

#include <stdbool.h>
#include <stddef.h>

/* A header as it was read. Caller-owned; all is borrowed. */
struct refused_header {
    const char *path;        /* for the message */
    const char *first_bytes; /* of the file, decompressed: the first lines */
    size_t length;
    const struct csv_record *record; /* the header; NULL: it is no CSV */
    const struct csv_fault *fault;   /* then why */
};

/*
 * Sets ERROR_DATA. The message names what the first lines show: another separator or quote, Excel's
 * "sep=" line, lines above the header, names that are nearly a dataset's; else the columns that are
 * some dataset's, or may be meant for such a one. The hint has the command that mends it, or names
 * the nearest dataset. Returns whether the lines show that the file is meant for a dataset,
 * although the first one, read as CSV, may have none of its names.
 */
bool header_refuse(const struct refused_header *header, struct error *error);

#endif
