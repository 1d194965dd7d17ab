/*
 * Rows that cannot be copied straight into their table: copied into a stage (a temporary table),
 * then merged by set-based statements.
 */
#ifndef PG_MERGE_H
#define PG_MERGE_H

#include "pg/catalog.h"
#include "pg/connection.h"
#include "pg/statement.h"
#include "table/table.h"

#include <stdbool.h>

/* Appends the columns that the description and the database share, comma-separated, each with
 * `prefix` before it. */
void merge_add_columns(struct statement *statement, const struct table *table,
                       const struct catalog_table *found, const char *prefix);

/* Creates the stage of a table, empty, gone at the end of the transaction. */
bool merge_create_stage(struct connection *connection, const struct table *table,
                        const struct catalog_table *found, struct error *error);

/* Appends the stage's qualified name. */
void merge_add_stage(struct statement *statement, const struct table *table);

/*
 * Moves the stage's rows into the table: a row whose id is a placeholder's takes that row's place
 * (its external id stays), every other is inserted. *rows is the number of rows so placed.
 */
bool merge_stage(struct connection *connection, const struct table *table,
                 const struct catalog_table *found, unsigned long long *rows, struct error *error);

#endif
