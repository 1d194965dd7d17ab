/*
 * A server that is still starting: a container in CI, a machine that boots.
 */
#ifndef PG_SERVER_START_H
#define PG_SERVER_START_H

#include "base/patience.h"
#include "pg/connection.h"

#include <stdbool.h>

/*
 * connection_open, once the server accepts connections, or when the time is up. Waits while nobody
 * answers (no socket, connection refused, a name that is not known yet) or the server says that it
 * starts, stops or recovers (PostgreSQL manual, 34.1: PQping); any other refusal, a wrong password
 * among them, ends it at once. That it waits is told in the log.
 */
bool server_start_await(const char *conninfo, struct patience *patience, struct log *log,
                        struct phase_list *phases, struct connection **connection,
                        struct error *error);

#endif
