/*
 * The end of a zip archive: the record from which its members are known (PKWARE's
 * APPNOTE.TXT, 4.3.16 and, for zip64, 4.3.14 and 4.3.15).
 */
#ifndef INPUT_ZIP_END_H
#define INPUT_ZIP_END_H

#include "input/stored_file.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * How many members the archive says that it has. libarchive finds members without asking for this
 * number, and passes over what stands before or behind them; so this looks whether the archive is
 * all of the file.
 *
 * ERROR_FILE when the record is missing (the archive is truncated), when it does not fit the file,
 * or when the archive is one of several parts. For those who hold the file.
 */
bool zip_end_read(const struct stored_file *file, uint64_t *member_count, struct error *error);

#endif
