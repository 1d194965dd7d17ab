/*
 * The end of a run: COMMIT, and what came of it.
 */
#ifndef RUN_COMMIT_H
#define RUN_COMMIT_H

#include "pg/session.h"
#include "run/record.h"

/*
 * Commits the transaction, and sets run->transaction. When the answer is lost, asks the server
 * again over a new connection, for ten seconds at most. True when all is committed; else the error
 * says whether it is rolled back or not known. From the COMMIT on signals are only noted, but for
 * the first one, which cancels a COMMIT that waits; after a rollback they end the run again.
 */
bool commit(const struct run_options *options, struct run *run, const struct session *session);

#endif
