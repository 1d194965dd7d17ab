/*
 * Connecting to a server. For pg/connection.
 */
#ifndef PG_CONNECT_H
#define PG_CONNECT_H

#include "pg/connection.h"

/* Sets *handle to a new connection of libpq, the caller's to finish, also where it failed: NULL
 * then where there is none. Fails as connection_open does. */
bool connect_handle(const struct connection_options *options, PGconn **handle, struct error *error);

#endif
