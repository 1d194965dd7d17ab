/*
 * A header that has all names of a dataset, but not as they are spelt.
 */
#ifndef ROW_HEADER_SPELLING_H
#define ROW_HEADER_SPELLING_H

#include "base/error.h"
#include "csv/reader.h"

#include <stdbool.h>

/*
 * Sets ERROR_DATA when each identifying column of a dataset is among the names, in other case, with
 * blanks or other characters around it, or misspelt: says what to write for what, and hints at the
 * command that does it. False: no dataset is so near, and nothing was set. `names` are the header's
 * fields without what surrounds them; they look like a header's.
 */
bool header_spelling_explain(const char *path, const struct csv_record *header,
                             const struct csv_record *names, struct error *error);

#endif
