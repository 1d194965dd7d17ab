/*
 * The request to cancel what a connection's server is doing.
 */
#ifndef PG_CANCEL_H
#define PG_CANCEL_H

#include "base/phase.h"

#include <libpq-fe.h>

/*
 * Asks the server to cancel the running statement, over a connection of its own, and waits until it
 * has taken the request: after that none can hit a later statement. Waits for the deadline (as
 * clock_seconds() tells) or a second signal at most. Whether the statement is cancelled, its result
 * tells.
 */
void cancel_send(PGconn *handle, double deadline, struct phase_list *phases);

#endif
