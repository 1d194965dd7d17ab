/*
 * The sequences of a run's tables. sequences_find comes first and floor_read next; the sequences
 * are set past the ids at the end of the run.
 */
#ifndef TARGET_SEQUENCES_H
#define TARGET_SEQUENCES_H

#include "pg/session.h"
#include "plan/plan.h"

#include <stdbool.h>
#include <stdint.h>

/* Finds the sequence of each dataset whose table has one. All other functions, and those of
 * target/floor, come after it. */
bool sequences_find(struct plan *plan, const struct session *session);

/* ERROR_DATABASE when the table gets rows from files and the user may not set its sequence. */
bool sequences_require_settable(const struct dataset *dataset, struct error *error);

/* Whether files or floors ask for sequences to be set. `floors` are those of the options, 0: not
 * given. */
bool sequences_are_moved(const struct plan *plan, const int64_t floors[TABLE_COUNT]);

/*
 * Where the server makes the ids of rows, sending the rows draws ids from the table's sequence, and
 * a rollback does not give them back. This function makes the rollback undo it, for the sequences
 * that the user owns: those of tables that are rebuilt, because nobody else can insert into these
 * meanwhile; in a rehearsal, all. It comes after rebuild_choose and before the first row is sent.
 *
 * Not of tables that Citus has distributed, whose sequences nobody may alter: a run that fails
 * there, and a rehearsal, leave a gap of as many ids as rows were sent.
 */
bool sequences_make_draws_transactional(const struct plan *plan, bool rehearse,
                                        const struct session *session);

/*
 * Sets each sequence that the user may set past the ids of its table, whether the run loaded the
 * table or not; then writes the floors that the options move. ERROR_DATABASE when the user may not
 * set one that has to be set. What `rehearse` does, sequence_advance says.
 */
bool sequences_advance(struct plan *plan, const int64_t floors[TABLE_COUNT], bool rehearse,
                       const struct session *session);

/* Whether the run has moved the sequence of a table, or would have: it was set, or the server drew
 * the ids of rows from it. To be asked after sequences_advance; false where that was not called. */
bool sequences_has_moved(const struct dataset *dataset);

#endif
