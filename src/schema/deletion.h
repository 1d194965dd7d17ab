/*
 * Rows that no file names: listed by their keys before new rows come, deleted once nothing of the
 * run points to them any more.
 */
#ifndef SCHEMA_DELETION_H
#define SCHEMA_DELETION_H

#include "pg/connection.h"
#include "pg/copy_out.h"
#include "schema/catalog.h"
#include "table/table.h"

#include <stdbool.h>
#include <stdint.h>

/* The table that loses rows, and who wants to know of them. Caller-owned. */
struct deletion {
    struct connection *connection;
    const struct table *table;
    const struct catalog_table *found;
    copy_out_row *row;
    void *context; /* of row */
};

/*
 * Lists the rows whose key is not in the table's stage (schema/merge) and whose first key column is
 * below `floor`; 0: all. *count is how many. The list is gone at the end of the transaction.
 */
bool deletion_list(struct connection *connection, const struct table *table, int64_t floor,
                   uint64_t *count, struct error *error);

/*
 * Deletes the listed rows, and gives the first key column of each to `row`. Placeholders that
 * another row points to stay. ERROR_DATABASE when a row that is not listed points to any other
 * listed row through a foreign key, be it ON DELETE CASCADE or not: a deletion never reaches a row
 * that is not listed. The message names both rows. ERROR_DATABASE too when a listed row is still
 * there afterwards (schema/shortfall). To be called after deletion_list.
 */
bool deletion_carry_out(const struct deletion *deletion, struct error *error);

#endif
