/*
 * Rows of the run that the database has already: from the stage of their table into the table.
 */
#ifndef WRITE_UPDATE_H
#define WRITE_UPDATE_H

#include "base/pending_file.h"
#include "base/phase.h"
#include "pg/session.h"
#include "plan/plan.h"

#include <stdbool.h>

/* Whether the table needs a stage: for rows to update, or to tell which are to be deleted. */
bool update_is_needed(const struct dataset *dataset);

/* Makes the stage, to be filled with the rows of the dataset's `updates`. */
bool update_begin(const struct dataset *dataset, const struct session *session);

/*
 * Updates the rows that differ in a column that their file has, puts real rows in the place of
 * placeholders, lists the rows to be deleted (removal.h), and notes whose derived values change.
 * New rows are to be sent after it: a unique value may be free by then. The files' rows_unchanged,
 * which counts all staged rows before, is divided between it, rows_updated and rows_loaded. The
 * external ids that the rows have go to the id map, unless it is NULL.
 */
bool update_apply(struct plan *plan, struct dataset *dataset, struct pending_file *id_map,
                  const struct session *session);

#endif
