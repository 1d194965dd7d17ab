/*
 * The connection for what is left to do once a run has failed.
 */
#ifndef RUN_USABLE_CONNECTION_H
#define RUN_USABLE_CONNECTION_H

#include "pg/session.h"

#include <stdbool.h>

/*
 * Rolls back what the session's connection has begun and sets *usable to it; or, where it is lost
 * or NULL, to a new one, made with `conninfo` (as for libpq; NULL: the environment's) in two
 * seconds. Its answers have to come within so many seconds. False with the session's error where
 * none can be made. usable_connection_close ends it if it is a new one.
 */
bool usable_connection_find(const char *conninfo, double seconds, const struct session *session,
                            struct connection **usable);

/* `usable` may be NULL. */
void usable_connection_close(const struct session *session, struct connection *usable);

#endif
