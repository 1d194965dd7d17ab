/*
 * Indexes and foreign keys that are dropped and created again, as the catalog tells of them. For
 * schema/rebuild and schema/rebuild_create.
 */
#ifndef SCHEMA_REBUILD_OBJECTS_H
#define SCHEMA_REBUILD_OBJECTS_H

#include "table/table.h"

#include <libpq-fe.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * The catalog puts the statements together itself: format('%I') quotes identifiers, and
 * pg_get_indexdef() and pg_get_constraintdef() know every detail of a definition. A row is one
 * statement of those that create an object; its first row has the statement that drops it, too.
 */
struct rebuild {
    PGresult *indexes; /* those of primary keys and unique constraints too */
    PGresult *foreign_keys;
    const struct table *tables[TABLE_COUNT]; /* by place, from 0 */
    size_t table_count;
};

enum {
    OBJECT_LABEL,
    OBJECT_DROP, /* "" but in an object's first row */
    OBJECT_CREATE,
    OBJECT_TABLESPACE,
    OBJECT_FUNCTION,
    OBJECT_PLACE,
    OBJECT_IS_UNIQUE,
    INDEX_COLUMNS
};

/* The same columns of foreign_keys, with these instead of the tablespace. */
enum {
    OBJECT_TABLE = OBJECT_TABLESPACE,
    OBJECT_PARENT,
    OBJECT_COLUMN,
    OBJECT_BEFORE,
    OBJECT_PARENT_PLACE,
    OBJECT_TABLE_PLACE,
    OBJECT_VALIDATE, /* "" where it is not valid, and but in its first row */
    FOREIGN_KEY_COLUMNS
};

/* Whether an object begins in this row. */
static inline bool rebuild_object_begins(const PGresult *objects, int row)
{
    return PQgetvalue(objects, row, OBJECT_DROP)[0] != '\0';
}

/* Whether an index is not dropped, because it might not be created again (rebuild_indexes.sql). */
static inline bool rebuild_index_stays(const PGresult *indexes, int row)
{
    return PQgetvalue(indexes, row, OBJECT_FUNCTION)[0] != '\0';
}

#endif
