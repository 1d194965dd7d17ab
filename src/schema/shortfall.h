/*
 * Rows that a statement had to write and did not: a BEFORE trigger that returns NULL keeps a row
 * from being inserted, updated or deleted, and the server says nothing.
 */
#ifndef SCHEMA_SHORTFALL_H
#define SCHEMA_SHORTFALL_H

#include "pg/connection.h"
#include "schema/table_access.h"
#include "table/table.h"

#include <stdbool.h>
#include <stddef.h>

/* A statement that has written the rows of a list. Caller-owned. */
struct shortfall {
    struct connection *connection;
    const struct table *table;
    unsigned change;         /* one of ACCESS_INSERT, ... */
    const char *list;        /* a stage with the keys of the rows; unless inserted */
    const char *const *keys; /* names of its key columns, which are the table's too */
    size_t key_count;
    unsigned long long written; /* rows; not used of a deletion */
};

/*
 * ERROR_DATABASE when rows of the list were not written although they are there: a listed row that
 * is still there after a deletion, more listed rows than were updated. A row that another session
 * has deleted meanwhile is none of them. Runs under the restricted search path.
 */
bool shortfall_check(const struct shortfall *shortfall, struct error *error);

/* Sets the error: `rows` rows were not written. Names the triggers that could be to blame. Always
 * returns false. */
bool shortfall_refuse(const struct shortfall *shortfall, unsigned long long rows,
                      struct error *error);

/* ERROR_DATABASE when a trigger may keep rows from being inserted into a table that is distributed:
 * of a COPY, Citus counts the rows that it got, and not those that its nodes have written. */
bool shortfall_require_counted(struct connection *connection, const struct table *table,
                               struct error *error);

#endif
