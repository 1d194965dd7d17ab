/*
 * The first line of a CSV file: whose header it is, and which of its names may be shown.
 *
 * Where the header line is missing, the first line is a row, whose values must not be shown: it may
 * hold a password. So no message shows a name of a line that does not look like a header.
 */
#ifndef ROW_HEADER_H
#define ROW_HEADER_H

#include "base/error.h"
#include "csv/reader.h"
#include "table/table.h"

#include <stdbool.h>
#include <stddef.h>

/* Whether no field of the line looks like a value: a number, a time, an address, a hash. */
bool header_is_likely(const struct csv_record *record);

/* Whether a name is made of letters, digits, underscores, hyphens and blanks alone. */
bool header_name_is_plain(const char *name, size_t length);

/*
 * The table whose dataset has such a header; TABLE_NONE with ERROR_DATA when it is no dataset's.
 * The message then names the columns that are some dataset's, or may be meant for such a one; the
 * hint, the nearest dataset. The path is for the message.
 */
enum table_id header_recognise(const char *path, const struct csv_record *record,
                               struct error *error);

#endif
