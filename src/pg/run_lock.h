/*
 * One run at a time on a database: an advisory lock (PostgreSQL manual, 13.3.5) that the server
 * gives back when the transaction ends, however it ends.
 */
#ifndef PG_RUN_LOCK_H
#define PG_RUN_LOCK_H

#include "pg/connection.h"

#include <stdbool.h>

/* Takes the lock for the current transaction. ERROR_LOCKED when another run holds it, naming that
 * run's server process, its host and its start. */
bool run_lock_take(struct connection *connection, struct error *error);

#endif
