/*
 * One run at a time on a database: an advisory lock (PostgreSQL manual, 13.3.5) that the server
 * gives back when the transaction ends, however it ends.
 */
#ifndef PG_RUN_LOCK_H
#define PG_RUN_LOCK_H

#include "base/wait_budget.h"
#include "pg/session.h"

#include <stdbool.h>

/*
 * Takes the lock for the current transaction. While another run holds it, waits for as long as the
 * budget lasts, and says so in the log. Then ERROR_LOCKED. The log and the error name who holds it:
 * server process, application, user, host and start, as far as the user may see them. That may be
 * any session, since any may take the lock.
 */
bool run_lock_take(const struct session *session, struct wait_budget *budget);

enum { RUN_LOCK_PROCESS_SIZE = 16 };

/* The server process that has this session's locks. It stays the same inside a transaction, also
 * where a pooler stands between. */
bool run_lock_read_process(const struct session *session, char process[RUN_LOCK_PROCESS_SIZE]);

/* Asks whether that server process has the lock of the session's database. Not where it has ended,
 * and not where the session is one of another server. */
bool run_lock_is_held_by(const char *process, const struct session *session, bool *held);

/* Asks whether another session has the lock, or a transaction that was prepared with it. A standby
 * cannot tell, and says that it is held. */
bool run_lock_is_held(const struct session *session, bool *held);

#endif
