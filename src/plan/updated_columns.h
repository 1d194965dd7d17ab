/*
 * Which columns of a row of the database an update from a file sets, and so which have to be
 * compared to tell whether it changes the row.
 */
#ifndef PLAN_UPDATED_COLUMNS_H
#define PLAN_UPDATED_COLUMNS_H

#include "plan/dataset.h"

#include <stdbool.h>
#include <stddef.h>

/* Whether an update from a file sets a column: one that the file has, or that tells of one. Never
 * the key nor an external id. What else was derived when the row was new (when to send a
 * notification) is the application's by now. */
bool updated_columns_have(const struct dataset *dataset, const struct source *source,
                          size_t column);

/*
 * Lists the columns that are compared, of a table with files and in a mode that changes rows: those
 * that the largest file updates. Of a key of several parts, all but the parent come first; in
 * MODE_SKIP, which keeps a row with the same key whatever it has, no other column.
 */
void updated_columns_compare(const struct dataset *dataset, struct row_digest_columns *compared);

/* Whether these are the columns that a file's rows have to be compared by. */
bool updated_columns_are_compared(const struct dataset *dataset, const struct source *source);

#endif
