/*
 * Connecting to a server. For pg/connection.
 */
#ifndef PG_CONNECT_H
#define PG_CONNECT_H

#include "base/error.h"
#include "base/log.h"
#include "base/phase.h"

#include <libpq-fe.h>
#include <stdatomic.h>
#include <stdbool.h>

/* How to connect; all is borrowed. */
struct connection_options {
    /* A database name, a key=value string or a URI (PostgreSQL manual, 34.1.1); NULL: the PG*
     * environment alone. */
    const char *conninfo;
    double timeout;            /* seconds in all, however many hosts there are and whatever each
                                  one's connect_timeout is; 0: none */
    struct log *log;           /* for the server's notices; must outlive the connection */
    struct phase_list *phases; /* phase_tick is called with it while the connection waits; must
                                  outlive the connection; NULL: nobody wants to know */
    const atomic_bool *stop;   /* set by another thread: ends every wait of the connection as a
                                  signal does, also that for it to be made; must outlive the
                                  connection; NULL: nobody does */
};

/* Fills the error of what a signal, or else `stop`, has ended: ERROR_INTERRUPTED, ERROR_TERMINATED
 * or ERROR_STOPPED. False. */
bool connect_stop_error(const atomic_bool *stop, struct error *error);

/* Sets *handle to a new connection of libpq, the caller's to finish, also where it failed: NULL
 * then where there is none. Fails as connection_open does. */
bool connect_handle(const struct connection_options *options, PGconn **handle, struct error *error);

#endif
