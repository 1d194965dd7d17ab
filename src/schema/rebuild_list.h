/*
 * Tables that are to be rebuilt, as an array that queries about them take.
 */
#ifndef SCHEMA_REBUILD_LIST_H
#define SCHEMA_REBUILD_LIST_H

#include "pg/connection.h"
#include "pg/statement.h"
#include "table/table.h"

#include <stdbool.h>
#include <stddef.h>

enum { REBUILD_OBSTACLE_SIZE = 512 };

struct rebuild_table {
    const struct table *table;
    bool empty;                           /* it had no row when it was last looked at */
    bool truncated;                       /* set by rebuild_drop: COPY ... FREEZE is allowed */
    char obstacle[REBUILD_OBSTACLE_SIZE]; /* why it stays in place; "": it does not */
};

/* Caller-owned; set up by rebuild_list_open, freed by rebuild_list_free, which it may be zeroed
 * for. */
struct rebuild_list {
    struct rebuild_table *tables[TABLE_COUNT]; /* borrowed */
    size_t count;
    struct statement statement;
    const char *text; /* an array of regclass */
};

/* Lists those of the tables that nothing stands in the way of. */
bool rebuild_list_open(struct rebuild_list *list, struct rebuild_table *tables, size_t table_count,
                       struct connection *connection, struct error *error);

/* Runs a query whose $1 is the array. The caller clears *rows. */
bool rebuild_list_query(const struct rebuild_list *list, const char *sql, int columns,
                        PGresult **rows, struct error *error);

/* The table whose place in the array, from 1, stands in this column. */
struct rebuild_table *rebuild_list_table(const struct rebuild_list *list, const PGresult *rows,
                                         int row, int column);

void rebuild_list_free(struct rebuild_list *list);

#endif
