/*
 * What every step of a run works with: made once, handed on.
 */
#ifndef PG_SESSION_H
#define PG_SESSION_H

#include "base/error.h"
#include "base/log.h"
#include "base/phase.h"
#include "pg/connection.h"

/* All is borrowed, and outlives whatever is made with the session. */
struct session {
    struct connection *connection; /* NULL: there is no database, the files alone are checked */
    struct log *log;
    struct phase_list *phases;
    struct error *error; /* where a function that returns false has put its error */
};

#endif
