/*
 * The sequences of a run's tables: found before, set past the ids at the end.
 */
#ifndef TARGET_SEQUENCES_H
#define TARGET_SEQUENCES_H

#include "pg/session.h"
#include "plan/plan.h"

#include <stdbool.h>
#include <stdint.h>

/* Finds the sequence of each dataset whose table has one. */
bool sequences_find(struct plan *plan, const struct session *session);

/* ERROR_DATABASE when the user may not set the sequence of a table that files are for. */
bool sequences_require_settable(const struct dataset *dataset, struct error *error);

/* Whether the run sets any: one that loads nothing and moves no floor does not. `floors` are those
 * of the options, 0: not given. */
bool sequences_are_moved(const struct plan *plan, const int64_t floors[TABLE_COUNT]);

/*
 * Lets a rollback undo what sending rows draws from the sequences: of tables that are rebuilt,
 * which nobody else can insert into meanwhile, and for a rehearsal of all that the user owns. From
 * others ids are spent. To be called once it is known what is rebuilt, before rows are sent.
 */
bool sequences_make_draws_transactional(const struct plan *plan, bool rehearse,
                                        const struct session *session);

/*
 * Sets all sequences past the ids, those of tables that the run did not load too, as far as the
 * user may, and then the floors that the options move. To `rehearse` see sequence_advance.
 */
bool sequences_advance(struct plan *plan, const int64_t floors[TABLE_COUNT], bool rehearse,
                       const struct session *session);

#endif
