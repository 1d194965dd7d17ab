/*
 * Rows of files whose key is in their table already. They are copied into a stage, a temporary
 * table with the columns of the table and the number of the file that each row came from. Then a
 * few statements merge the whole stage into the table.
 *
 * A row that is updated or deleted is given to a callback, with two integer fields: the number of
 * the file, and the first column of the row's key.
 *
 * An update that has to change rows lists them first, in a temporary table, and proves afterwards
 * that all were written: ERROR_DATABASE when a trigger kept one from it (schema/shortfall).
 */
#ifndef SCHEMA_MERGE_H
#define SCHEMA_MERGE_H

#include "pg/connection.h"
#include "pg/copy_out.h"
#include "pg/statement.h"
#include "schema/catalog.h"
#include "table/table.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The table to merge into, and who wants to know of its rows. Caller-owned. */
struct merge {
    struct connection *connection;
    const struct table *table;
    const struct catalog_table *found;
    copy_out_row *row;
    void *context; /* of row */
};

/* Appends `one.KEY = other.KEY` for each column of the key, joined by AND; `one` and `other` are
 * aliases. */
void merge_add_same_key(struct statement *statement, const struct table *table, const char *one,
                        const char *other);

/* The same for a statement that runs under the session's search path (pg/search_path). */
void merge_add_same_key_anywhere(struct statement *statement, const struct table *table,
                                 const char *one, const char *other);

/* Creates the stage of a table, with the columns that description and database share, empty, gone
 * at the end of the transaction. */
bool merge_create_stage(const struct merge *merge, struct error *error);

/* Appends the stage's qualified name. */
void merge_add_stage(struct statement *statement, const struct table *table);

/* The stage's last column: the number of the file. A COPY into the stage has to write it. */
#define MERGE_FILE_COLUMN "timele_load_file"

/* Updates the planner's statistics of the stage, once it is filled. */
bool merge_analyze_stage(const struct merge *merge, struct error *error);

/*
 * Gives some rows a random value in a column whose values are unique. Other rows may then take over
 * the former values before these rows are updated or deleted. `ids` are the rows' keys, as the text
 * of an array of bigint, `count` how many.
 */
bool merge_vacate(const struct merge *merge, size_t column, const char *ids, size_t count,
                  struct error *error);

/* Gives placeholders all values of the stage's rows, except in the key and in stable columns. */
bool merge_placeholders(const struct merge *merge, struct error *error);

/*
 * Sets the given columns of the rows that the stage has from some of the files, where any differs.
 * A NULL in a column that holds the time of the load (ABSENT_LOAD_TIME) says that the file gave
 * none, and leaves the row's.
 */
bool merge_update(const struct merge *merge, const bool columns[TABLE_COLUMNS_MAX],
                  const bool *files, size_t file_count, struct error *error);

/* ERROR_DATABASE when a row of the stage has no row in the table: somebody deleted it meanwhile. */
bool merge_prove(const struct merge *merge, struct error *error);

#endif
