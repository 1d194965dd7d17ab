/*
 * A server that is still starting: a container in CI, a machine that boots.
 */
#ifndef PG_SERVER_START_H
#define PG_SERVER_START_H

#include "base/wait_budget.h"
#include "pg/session.h"

#include <stdbool.h>

/*
 * Waits until the server accepts connections, and connects. The session gets the connection, which
 * the caller has to close. Waits while nobody answers (no socket, connection refused, a name that
 * is not known yet) or the server says that it starts, stops or recovers (PostgreSQL manual, 34.1:
 * PQping), and says in the log that it waits. When the time is up, it tries to connect once more
 * and fails as connection_open does. Any other refusal, such as a wrong password, ends the waiting
 * at once; so does a certificate that one of both refuses, and a server that is the wrong product
 * (pg/server_product).
 */
bool server_start_await(const char *conninfo, struct wait_budget *budget, struct session *session);

#endif
