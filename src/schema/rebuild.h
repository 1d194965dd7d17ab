/*
 * Indexes and constraints of tables, dropped before a load and re-created after it exactly as they
 * were.
 *
 * To check a foreign key row by row costs a hundred times as much a row as one ADD CONSTRAINT for
 * the whole table. To build an index once costs a third of keeping it up to date. All happens in
 * the caller's transaction: after a run that fails, they are as they were.
 */
#ifndef SCHEMA_REBUILD_H
#define SCHEMA_REBUILD_H

#include "pg/session.h"
#include "table/table.h"

#include <stdbool.h>
#include <stddef.h>

struct rebuild;

struct rebuild_table {
    const struct table *table;
    bool empty;     /* it had no row when it was last looked at */
    bool truncated; /* set by rebuild_drop: COPY ... FREEZE is allowed */
};

enum { REBUILD_OBSTACLE_SIZE = 512 };

/*
 * Locks the tables against all others. Drops the foreign keys that lead from them and to them,
 * their primary keys, unique constraints and indexes. An exclusion constraint stays, and a key
 * WITHOUT OVERLAPS; so does, from PostgreSQL 17 on, an index with a function that has no
 * search_path of its own, which is named in a note. Truncates the empty tables, which allows COPY
 * ... FREEZE (PostgreSQL manual, COPY), but for those whose TRUNCATE would be replicated, which are
 * named in a note. On success *rebuild is what rebuild_create needs, to be freed with rebuild_free.
 *
 * An obstacle is no error: nothing is dropped, no lock is kept, *rebuild is NULL, `obstacle` says
 * what stood in the way, and the call succeeds. Obstacles are:
 *
 *   - the user does not own a table, or may create nothing in its schema
 *   - the user may not use what a foreign key or an index names
 *   - a view depends on a primary key
 *   - a trigger fires on TRUNCATE, or is deferred
 *   - triggers of a foreign key are switched off, which only a superuser can do again
 *   - an exclusion constraint is deferred
 *   - a primary key is NULLS NOT DISTINCT, from PostgreSQL 16 on
 *   - the NOT NULL constraint of a primary key is NO INHERIT
 *   - an event trigger refuses to let an index be dropped or created
 *   - somebody put a row into a table that was `empty`
 *   - somebody uses a table for longer than lock_timeout
 *   - anything else for which the server refuses a statement
 */
bool rebuild_drop(struct rebuild_table *tables, size_t table_count, struct rebuild **rebuild,
                  char obstacle[REBUILD_OBSTACLE_SIZE], const struct session *session);

/*
 * Re-creates all that was dropped, with the same names, tablespaces, storage parameters, comments,
 * deferrability, replica identity, clustering and dependence on extensions, and with the triggers
 * of foreign keys switched off that were. Each index and each foreign key is a phase.
 * ERROR_DATABASE names the one that the data violates. A NULL rebuild has nothing to do.
 */
bool rebuild_create(const struct rebuild *rebuild, const struct session *session);

/* Frees; NULL is fine. */
void rebuild_free(struct rebuild *rebuild);

#endif
