/*
 * Foreign keys of a row: each id that it refers to is in the files, is in the database, or gets a
 * placeholder.
 */
#ifndef CHECK_REFERENCE_H
#define CHECK_REFERENCE_H

#include "check/checked_row.h"

#include <stdbool.h>

/*
 * Adds a problem for each id that is nowhere; returns whether there was none. *infers is set when
 * an id is nowhere and a placeholder may be made for it. Ids of a table of which not all is known
 * (a file that could not be read to its end, --check without its file) are not judged.
 */
bool references_hold(const struct checked_row *checked, bool *infers);

/* Notes the placeholders that the row needs. For good rows only, after references_hold. */
bool references_infer(const struct checked_row *checked);

#endif
