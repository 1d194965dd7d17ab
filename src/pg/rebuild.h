/*
 * Indexes and constraints of tables, dropped before a load and re-created after it exactly as they
 * were.
 *
 * A foreign key checked row by row costs a hundred times what one ADD CONSTRAINT over the whole
 * table costs a row, and an index built once costs a third of one kept up to date. All happens in
 * the caller's transaction: a run that fails leaves them as they were.
 */
#ifndef PG_REBUILD_H
#define PG_REBUILD_H

#include "base/phase.h"
#include "pg/connection.h"
#include "table/table.h"

#include <stdbool.h>
#include <stddef.h>

struct rebuild;

struct rebuild_table {
    const struct table *table;
    bool empty; /* it was when last looked at, and has to be still */
};

enum { REBUILD_OBSTACLE_SIZE = 512 };

/*
 * Locks the tables against all others and drops the foreign keys to and from them, their primary
 * keys, unique constraints and indexes. An exclusion constraint stays. Empty tables are then
 * truncated, so that COPY ... FREEZE is allowed (PostgreSQL manual, COPY).
 *
 * Where something stands in the way (the user does not own a table or may create nothing in its
 * schema, a view depends on a primary key, a trigger fires on TRUNCATE or is deferred, the
 * application was faster and put a row in, somebody uses a table for longer than lock_timeout)
 * nothing is dropped and no lock is kept: *rebuild is NULL, `obstacle` says what it is, and the
 * call succeeds.
 */
bool rebuild_drop(struct connection *connection, const struct rebuild_table *tables,
                  size_t table_count, struct rebuild **rebuild,
                  char obstacle[REBUILD_OBSTACLE_SIZE], struct error *error);

/*
 * Re-creates all that was dropped: names, tablespaces, storage parameters, comments,
 * deferrability, replica identity and clustering are those of before. ERROR_DATABASE names the
 * index or constraint that the data violates; each is a phase of its own. A NULL rebuild has
 * nothing to do.
 */
bool rebuild_create(struct rebuild *rebuild, struct connection *connection,
                    struct phase_list *phases, struct error *error);

/* Frees; NULL is fine. */
void rebuild_free(struct rebuild *rebuild);

#endif
