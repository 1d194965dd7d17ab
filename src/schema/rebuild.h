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
#include "schema/rebuild_list.h"

#include <stdbool.h>
#include <stddef.h>

struct rebuild;

/*
 * Asks the catalog what stands in the way of which table, and sets its `obstacle`, before anything
 * is locked or dropped. One table's obstacle keeps that table in place, and no other one, but for a
 * foreign key that cannot be made again: it keeps both its tables in place. Obstacles are:
 *
 *   - the user does not own the table, or one whose foreign key leads to it, or may create nothing
 *     in its schema
 *   - the user may not use what a foreign key or an index names
 *   - the table is partitioned, is a partition, has child tables or inherits from another one
 *   - a foreign key of a partitioned table, or to one, is not alike in all partitions, its triggers
 *     are switched off, or a partition is being detached
 *   - a trigger fires on TRUNCATE, or is deferred
 *   - triggers of a foreign key are switched off, which only a superuser can do again
 *   - an exclusion constraint is deferred
 *   - a primary key is NULLS NOT DISTINCT, from PostgreSQL 16 on
 *   - the NOT NULL constraint of a primary key is NO INHERIT
 *   - Citus has distributed the table, and an index that the table is clustered on, triggers of a
 *     foreign key that are switched off, or a foreign key of a partition with a name of its own
 */
bool rebuild_find_obstacles(struct rebuild_table *tables, size_t table_count,
                            const struct session *session);

/*
 * Locks the tables that have no obstacle against all others. Drops the foreign keys that lead from
 * them and to them, their primary keys, unique constraints and indexes. An exclusion constraint
 * stays, and a key WITHOUT OVERLAPS; so does, from PostgreSQL 17 on, an index with a function that
 * has no search_path of its own, which is named in a note. Truncates the empty tables, which allows
 * COPY ... FREEZE (PostgreSQL manual, COPY), but for those that Citus has distributed, and those
 * whose TRUNCATE would be replicated, which are named in a note; one that the caller does not call
 * `empty` is not truncated, and may have no row all the same. On success *rebuild is what
 * schema/rebuild_create needs, to be freed with rebuild_free.
 *
 * What shows only now is no error either: it becomes the `obstacle` of the table, and the others
 * are dropped without it:
 *
 *   - a view depends on a primary key
 *   - an event trigger refuses to let an index of the table be dropped or created
 *   - somebody put a row into a table that was `empty`
 *   - on Citus, a foreign key leads to the table from one that is not rebuilt and has deferred
 *     constraints
 *
 * It becomes that of all tables, when it may be about each of them:
 *
 *   - somebody uses a table for longer than lock_timeout
 *   - anything else for which the server refuses to lock a table or to drop a foreign key
 *
 * Where every table has an obstacle, nothing is dropped, no lock is kept, and *rebuild is NULL.
 */
bool rebuild_drop(struct rebuild_table *tables, size_t table_count, struct rebuild **rebuild,
                  const struct session *session);

/* Frees; NULL is fine. */
void rebuild_free(struct rebuild *rebuild);

#endif
