/*
 * Rows of the database that no file names: --mode=replace deletes those below the floor.
 */
#ifndef PLAN_UNNAMED_ROWS_H
#define PLAN_UNNAMED_ROWS_H

#include "plan/plan.h"

#include <stdbool.h>
#include <stdint.h>

/* Calls `visit` for each of them below the floor until it returns false; returns whether all were
 * visited. Of a table with one id for a key it gets the ids, of placeholders too. Of others it gets
 * the parents whose rows are not known to be all in the files, among which unnamed ones may be;
 * it needs the digests for that. */
bool unnamed_rows_each(const struct plan *plan, const struct dataset *dataset,
                       bool (*visit)(int64_t id, void *context), void *context);

/* Whether the run may delete rows of the table, once its files are checked. */
bool unnamed_rows_are_possible(const struct plan *plan, const struct dataset *dataset);

#endif
