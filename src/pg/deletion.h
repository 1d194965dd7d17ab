/*
 * Rows that no file names: listed by their keys before new rows come, deleted once nothing of the
 * run points to them any more.
 */
#ifndef PG_DELETION_H
#define PG_DELETION_H

#include "pg/catalog.h"
#include "pg/connection.h"
#include "pg/copy_out.h"
#include "table/table.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * Lists the rows whose key is not in the table's stage (pg/merge) and whose first key column is
 * below `floor`; 0: all. *count is how many.
 */
bool deletion_list(struct connection *connection, const struct table *table, int64_t floor,
                   uint64_t *count, struct error *error);

/*
 * Deletes the listed rows, and gives the first key column of each to `row`. Placeholders that
 * something points to stay. ERROR_DATABASE when a row that is not listed itself points to any other
 * of them through a foreign key, ON DELETE CASCADE or not: nothing is ever cascaded away. The
 * message names both.
 */
bool deletion_carry_out(struct connection *connection, const struct table *table,
                        const struct catalog_table *found, copy_out_row *row, void *context,
                        struct error *error);

#endif
