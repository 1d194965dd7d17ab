/*
 * Which columns a COPY sends. What the database's own default puts into every row just the same
 * need not be sent, and a column less makes COPY faster.
 */
#ifndef WRITE_COPIED_COLUMNS_H
#define WRITE_COPIED_COLUMNS_H

#include "derive/derived.h"
#include "pg/statement.h"
#include "plan/dataset.h"

#include <stddef.h>

/* Indexes of a table's columns, in the description's order. */
struct copied_columns {
    size_t columns[TABLE_COLUMNS_MAX];
    size_t count;
};

/* All that description and database share. */
void copied_columns_all(const struct dataset *dataset, struct copied_columns *copied);

/* Those of them that a default would not fill with what tuple_send would send. To be asked once
 * the files are checked: a price that no file brought is everywhere the same. */
void copied_columns_needed(const struct dataset *dataset, const struct derived *derived,
                           struct copied_columns *copied);

/* Appends their names, comma-separated. */
void copied_columns_add(struct statement *statement, const struct table *table,
                        const struct copied_columns *copied);

#endif
