/*
 * What rebuild_drop has dropped, created again.
 */
#ifndef SCHEMA_REBUILD_CREATE_H
#define SCHEMA_REBUILD_CREATE_H

#include "pg/session.h"
#include "schema/rebuild.h"

#include <stdbool.h>

/*
 * Re-creates all that was dropped, with the same names, tablespaces, storage parameters, comments,
 * deferrability, replica identity, clustering and dependence on extensions, and with the triggers
 * of foreign keys switched off that were. Each index and each foreign key is a phase.
 * ERROR_DATABASE names the one that the data violates. A NULL rebuild has nothing to do.
 */
bool rebuild_create(const struct rebuild *rebuild, const struct session *session);

#endif
