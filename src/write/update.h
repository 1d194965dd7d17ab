/*
 * Rows of the run that the database has already: from the stage of their table into the table.
 */
#ifndef WRITE_UPDATE_H
#define WRITE_UPDATE_H

#include "base/phase.h"
#include "pg/session.h"
#include "plan/plan.h"

#include <stdbool.h>

/* Whether there are rows to update, or may be rows to delete. */
bool update_is_needed(const struct dataset *dataset);

/* Makes the stage, to be filled with the rows of the dataset's `updates`, where one is needed. */
bool update_begin(const struct dataset *dataset, const struct session *session);

/*
 * Updates the rows that differ in a column that their file has, puts real rows in the place of
 * placeholders, lists the rows to be deleted (removal.h), and notes whose derived values change.
 * New rows are to be sent after it: a unique value may be free by then. The files' rows_staged are
 * divided between rows_unchanged, rows_updated and rows_loaded.
 */
bool update_apply(struct plan *plan, struct dataset *dataset, const struct session *session);

#endif
