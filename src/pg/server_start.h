/*
 * A server that is still starting: a container in CI, a machine that boots.
 */
#ifndef PG_SERVER_START_H
#define PG_SERVER_START_H

#include "base/wait_budget.h"
#include "pg/session.h"

#include <stdbool.h>

/*
 * connection_open, once the server accepts connections, or when the time is up; the session gets
 * the connection, which is the caller's to close. Waits while nobody answers (no socket, connection
 * refused, a name that is not known yet) or the server says that it starts, stops or recovers
 * (PostgreSQL manual, 34.1: PQping); any other refusal, a wrong password among them, ends it at
 * once. That it waits is told in the log.
 */
bool server_start_await(const char *conninfo, struct wait_budget *budget, struct session *session);

#endif
