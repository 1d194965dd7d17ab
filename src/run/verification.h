/*
 * --verify: the invariants of the whole database, on its own or before the commit of a load.
 */
#ifndef RUN_VERIFICATION_H
#define RUN_VERIFICATION_H

#include "pg/session.h"
#include "run/record.h"
#include "schema/verify.h"

#include <stdbool.h>

/* What verifying needs to know of the tables. Caller-owned; zeroed is nothing. */
struct verification {
    bool full; /* rows are read of what a constraint proves, too */
    struct catalog_table catalogs[TABLE_COUNT];
};

/* Makes sure that all of TimeL-E's tables and their sequences are there and may be read, so that
 * verifying cannot fail for that after a long load. `full` stays. ERROR_DATABASE says what is
 * missing. */
bool verification_prepare(const struct plan *plan, struct verification *verification,
                          const struct session *session);

/*
 * Looks at all invariants, with floors and sequences as the plan knows them; with `sets_sequences`,
 * those that the run will set before its commit are taken for set. ERROR_INVARIANT when one is
 * broken; `results` has what was found, also then.
 */
bool verification_run(const struct plan *plan, const struct verification *verification,
                      bool sets_sequences, struct verify_results *results,
                      const struct session *session);

/*
 * --verify without anything to load: connects, looks at one moment of the database, changes
 * nothing. It takes no run lock. It locks the tables as a query does: it waits for a run that
 * rebuilds their indexes, and such a run waits for it. `run` as for run_execute.
 */
bool verification_alone(const struct run_options *options, struct log *log, struct run *run,
                        struct error *error);

#endif
