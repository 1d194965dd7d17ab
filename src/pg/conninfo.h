/*
 * libpq's connection string: a database name, key=value pairs or a URI (PostgreSQL manual, 34.1.1).
 */
#ifndef PG_CONNINFO_H
#define PG_CONNINFO_H

#include "base/error.h"

#include <libpq-fe.h>
#include <stdbool.h>

/* Whether libpq can read it; NULL stands for the environment and is fine. ERROR_DATABASE without
 * libpq's own message, which would quote what it cannot read: that may be the password. */
bool conninfo_check(const char *conninfo, struct error *error);

/* What may be told of it: the server, the database and the user as key=value pairs, or the name as
 * it is; never a password. To be freed; NULL when memory ran out. */
char *conninfo_tell(const char *conninfo);

#endif
