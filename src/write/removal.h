/*
 * --mode=replace: rows below the floor that no file names go, once the files' rows are in.
 */
#ifndef WRITE_REMOVAL_H
#define WRITE_REMOVAL_H

#include "base/log.h"
#include "base/phase.h"
#include "pg/connection.h"
#include "pg/session.h"
#include "plan/plan.h"

#include <stdbool.h>

/* What a run has to know of its deletions. Caller-owned; zeroed is empty, removal_free empties it
 * again. */
struct removal {
    PGresult *references[TABLE_COUNT]; /* foreign keys that lead to a table that may lose rows */
};

/* Looks up which rows the foreign keys protect. Before any of them is dropped. */
bool removal_prepare(struct removal *removal, const struct plan *plan,
                     const struct session *session);

/* Whether it takes the table's stage, filled (update.h), to tell which rows have to go. */
bool removal_needs_stage(const struct dataset *dataset);

/* Lists the rows of a table that have to go, before new ones come, and counts them
 * (rows_to_delete). ERROR_DATABASE when there are some and the server refuses to delete any. */
bool removal_list(const struct plan *plan, struct dataset *dataset, const struct session *session);

/* Deletes what removal_list listed, children before parents, and notes whose derived values change.
 * ERROR_DATABASE when a row that stays points to one that would go. Before indexes are made again:
 * an index that is made over rows which this transaction has changed cannot be used in it, so each
 * row that is deleted would have the server read whole tables for the rows that point to it. */
bool removal_carry_out(const struct removal *removal, struct plan *plan,
                       const struct session *session);

void removal_free(struct removal *removal);

#endif
