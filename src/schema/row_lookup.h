/*
 * A question about rows that a table has: about all of them, or about those alone that have one of
 * some values in a column.
 *
 * All are read by COPY OUT. Some are asked for with arrays of 5,000 values, each a query of its
 * own, so that the client never holds more. The server joins an array with the table, and chooses
 * itself between an index and a hash of the array.
 */
#ifndef SCHEMA_ROW_LOOKUP_H
#define SCHEMA_ROW_LOOKUP_H

#include "index/id_set.h"
#include "index/text_index.h"
#include "pg/copy_out.h"
#include "pg/session.h"
#include "pg/statement.h"
#include "table/table.h"

#include <stdbool.h>
#include <stddef.h>

/* The values that are asked for: ids, or texts (of a column of UUIDs: their bytes). */
struct lookup_values {
    const struct id_set *ids;
    const struct text_index *texts; /* used where `ids` is NULL */
};

/* Caller-owned; set up by row_lookup_open, freed by row_lookup_run. */
struct row_lookup {
    const struct session *session;
    const struct table *table;
    size_t column;
    const struct lookup_values *values; /* NULL: all rows */
    struct statement statement;
};

/* Starts a query with the word SELECT. The caller adds the names of columns. */
bool row_lookup_open(struct row_lookup *query, const struct table *table,
                     const struct session *session);

/* Adds the table, and which rows of it: those that have one of the values in a column. The caller
 * may add a condition after it, which begins with WHERE. `values` is borrowed. */
void row_lookup_from(struct row_lookup *query, size_t column, const struct lookup_values *values);

/* Runs the query, gives each row to the callback of `copy` (whose text is not used), and frees the
 * query. */
bool row_lookup_run(struct row_lookup *query, struct copy_out copy);

#endif
