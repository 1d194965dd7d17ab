/*
 * What rebuild_drop has dropped, created again.
 */
#ifndef SCHEMA_REBUILD_CREATE_H
#define SCHEMA_REBUILD_CREATE_H

#include "pg/session.h"
#include "schema/rebuild.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * Re-creates all that was dropped, with the same names, tablespaces, storage parameters, comments,
 * deferrability, replica identity, clustering and dependence on extensions, and with the triggers
 * of foreign keys switched off that were. Each index and each foreign key is a phase.
 * ERROR_DATABASE names the one that the data violates. A NULL rebuild has nothing to do.
 */
bool rebuild_create(const struct rebuild *rebuild, const struct session *session);

/*
 * The same, object by object, each in a transaction of its own, begun with TRANSACTION_LOAD;
 * several of them side by side, each over its own connection. For tables without partitions that
 * nobody else uses (schema/building), whose foreign keys lead to each other. They leave the same:
 *
 *   1. rebuild_create_index of each index
 *   2. rebuild_add_foreign_key, then rebuild_validate_foreign_key of each foreign key
 *   3. rebuild_complete_indexes, once, when no index is being created any more
 *
 * Locks decide what may run side by side (PostgreSQL manual, 13.3.1). The server makes others wait
 * that do not go together:
 *
 *   what                         locks the table            locks the referenced table
 *   COPY                         ROW EXCLUSIVE
 *   TRUNCATE                     ACCESS EXCLUSIVE
 *   ANALYZE                      SHARE UPDATE EXCLUSIVE
 *   rebuild_create_index         SHARE
 *   rebuild_add_foreign_key      SHARE ROW EXCLUSIVE        SHARE ROW EXCLUSIVE
 *   rebuild_validate_foreign_key SHARE UPDATE EXCLUSIVE     ROW SHARE
 *   rebuild_complete_indexes     ACCESS EXCLUSIVE
 *
 * So indexes of one table go together, but not with ANALYZE of it, or with the validation of its
 * own foreign keys; nor do two of these. A foreign key is added when no index of either table is
 * being created; the ones that lead to a table are validated whatever is done with its indexes.
 */

enum rebuild_object_kind { REBUILD_INDEX, REBUILD_FOREIGN_KEY };

enum { REBUILD_LABEL_SIZE = 512 };

struct rebuild_object {
    enum rebuild_object_kind kind;
    char label[REBUILD_LABEL_SIZE]; /* "index orders.orders_pkey", without BUILDING_PREFIX */
    const struct table *table;      /* borrowed; NULL: none of those that are rebuilt */
    const struct table *parent; /* the one that a foreign key leads to, borrowed; NULL: as above */
    bool is_unique;             /* an index: foreign keys may need it */
};

/* How many objects there are: the indexes that were dropped, in the order of their creation, then
 * the foreign keys; 0 when rebuild is NULL. They may be asked for by several threads at the same
 * time, as the rebuild is not changed. */
size_t rebuild_object_count(const struct rebuild *rebuild);
void rebuild_object_read(const struct rebuild *rebuild, size_t object,
                         struct rebuild_object *description);

/*
 * Creates an index. The server may take `workers` processes for it beside the connection's own:
 * with 0, several are created side by side. A primary key or a unique constraint is a unique index
 * alone until rebuild_complete_indexes; foreign keys can lead to it. It begins a phase.
 * ERROR_DATABASE names it when the data violates it.
 */
bool rebuild_create_index(const struct rebuild *rebuild, size_t object, int workers,
                          const struct session *session);

/* Makes primary keys and unique constraints of the indexes, and adds comments and the like: what
 * locks a table against all others, so that it could not be done while an index is created beside
 * it. Reads no rows. */
bool rebuild_complete_indexes(const struct rebuild *rebuild, const struct session *session);

/* Adds a foreign key that is NOT VALID, when the unique index of the referenced table is there. */
bool rebuild_add_foreign_key(const struct rebuild *rebuild, size_t object,
                             const struct session *session);

/* Proves it, when the rows of both tables are there; in another transaction, since the lock of the
 * first would last. It begins a phase. One that was NOT VALID before it was dropped stays so.
 * ERROR_DATABASE names it when the data violates it. */
bool rebuild_validate_foreign_key(const struct rebuild *rebuild, size_t object,
                                  const struct session *session);

#endif
