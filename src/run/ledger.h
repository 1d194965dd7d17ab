/*
 * The ledger: tables timele_load.runs and timele_load.files in the database, where each run that
 * loads leaves who, when, how and what (schema.sql has the columns). The row of a run that
 * succeeded is written in the transaction of the load, so it is there exactly if the loaded rows
 * are.
 *
 * A database without these tables has no ledger, and nothing fails for that.
 */
#ifndef RUN_LEDGER_H
#define RUN_LEDGER_H

#include "pg/session.h"
#include "run/record.h"

#include <stdbool.h>

enum ledger_state {
    LEDGER_ABSENT,
    LEDGER_CLOSED, /* the user may not read it, or not write it */
    LEDGER_HIDDEN, /* the user may, but row-level security hides rows of it */
    LEDGER_OPEN
};

/* Looks for the ledger, and logs what the run cannot do without one. */
bool ledger_find(const struct run_options *options, enum ledger_state *state,
                 const struct session *session);

/* Whether there is one. */
bool ledger_exists(bool *exists, const struct session *session);

/* Marks all files, if there is a ledger, as dropped: their rows are gone with TimeL-E's schemas. */
bool ledger_note_reset(const struct session *session);

/*
 * Takes the files out of the plan whose bytes (SHA-256) a successful run has loaded before, into
 * the same dataset, all rows of them, and says so in the log. A file of which rows were rejected
 * stays, and the log says that. Reads each file for that.
 */
bool ledger_leave_out_loaded(struct plan *plan, const struct session *session);

/*
 * Writes the run's row and those of its files, in the caller's transaction, and sets
 * run->ledger_run. Where the server refuses that, the transaction goes on without, and the log
 * warns.
 */
bool ledger_record(const struct run_options *options, struct run *run,
                   const struct session *session);

/* Whether the ledger has the row that ledger_record wrote, as others see it. */
bool ledger_has_run(const struct run *run, bool *has, const struct session *session);

/*
 * Rolls back and writes the rows of a run that failed with the session's error, in a short
 * transaction of their own. Not for one of which it is not known whether it failed. Uses the
 * session's connection, or a new one where that cannot be used any more (NULL, lost). When that
 * fails or takes more than some seconds, it is only logged, at LOG_VERBOSE. An interrupt that ended
 * the run is forgotten; a second one ends the attempt.
 */
void ledger_record_failure(const struct run_options *options, struct run *run,
                           const struct session *session);

#endif
