/*
 * The request to cancel what a connection's server is doing.
 */
#ifndef PG_CANCEL_H
#define PG_CANCEL_H

#include "base/await.h"

#include <libpq-fe.h>

/*
 * Asks the server to cancel the running statement, over a connection of its own, and waits until it
 * has taken the request: after that none can hit a later statement. Waits as long as the limits
 * allow. Whether the statement is cancelled, its result tells.
 */
void cancel_send(PGconn *handle, const struct await_limits *limits);

#endif
