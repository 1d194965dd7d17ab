/*
 * The planner's statistics of the tables that a run has changed.
 *
 * Without them the planner takes a table that was filled for empty until autovacuum has looked at
 * it, and already in the statements that the run itself still sends. To renew them costs a second
 * for tables of millions of rows, however few have changed. So it is done where autovacuum would do
 * it, and else left to autovacuum.
 */
#ifndef TARGET_STATISTICS_H
#define TARGET_STATISTICS_H

#include "pg/session.h"
#include "plan/plan.h"

#include <stdbool.h>

/* Renews the statistics of the tables of which many rows have changed; tells once of which the user
 * may not, and warns of a table that was in use, or for whose ANALYZE the user's own code failed.
 * To be called when all rows of the files are in. */
bool statistics_update(const struct plan *plan, const struct session *session);

/* Renews those of one table; warns as statistics_update does where that cannot be done. */
bool statistics_analyze(const struct dataset *dataset, const struct session *session);

#endif
