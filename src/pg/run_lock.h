/*
 * One run at a time on a database: an advisory lock (PostgreSQL manual, 13.3.5) that the server
 * gives back when the transaction ends, however it ends.
 */
#ifndef PG_RUN_LOCK_H
#define PG_RUN_LOCK_H

#include "base/wait_budget.h"
#include "pg/connection.h"

#include <stdbool.h>

/*
 * Takes the lock for the current transaction. While another run holds it, waits as long as there is
 * budget, which is told in the log; then ERROR_LOCKED. Both name that run's server process, its
 * host and its start.
 */
bool run_lock_take(struct connection *connection, struct wait_budget *budget, struct log *log,
                   struct error *error);

#endif
