/*
 * Rows of files whose key is in their table already. They are copied into a stage (pg/stage) with
 * the columns of the table and the place that each row came from. Then a few statements merge the
 * whole stage into the table.
 *
 * A row that is updated is given to a callback, with two integer fields: the row's place, and the
 * first column of its key.
 *
 * An update writes rows straight from the stage. When it wrote as many as were staged, all is
 * proven. Else one query looks at the others: ERROR_DATABASE when one has no row in the table any
 * more, because somebody deleted it meanwhile, or when a trigger kept one from being written
 * (schema/shortfall).
 */
#ifndef SCHEMA_MERGE_H
#define SCHEMA_MERGE_H

#include "index/id_set.h"
#include "pg/connection.h"
#include "pg/copy_out.h"
#include "pg/statement.h"
#include "schema/catalog.h"
#include "table/table.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The table to merge into, and who wants to know of its rows. Caller-owned; freed by merge_free. */
struct merge {
    struct connection *connection;
    const struct table *table;
    const struct catalog_table *found;
    copy_out_row *row;
    void *context;         /* of row */
    struct id_set written; /* rows of the stage that are in the table, by their place in it */
};

/* Appends `one.KEY = other.KEY` for each column of the key, joined by AND; `one` and `other` are
 * aliases. */
void merge_add_same_key(struct statement *statement, const struct table *table, const char *one,
                        const char *other);

/* The same for a statement that runs under the session's search path (pg/search_path). */
void merge_add_same_key_anywhere(struct statement *statement, const struct table *table,
                                 const char *one, const char *other);

/* Creates the stage of a table, with the columns that description and database share, empty. */
bool merge_create_stage(const struct merge *merge, struct error *error);

/* Appends the stage's qualified name. */
void merge_add_stage(struct statement *statement, const struct table *table);

/* The stage's name without a schema. Returns `name`. */
enum { MERGE_STAGE_NAME_SIZE = 64 };
const char *merge_stage_name(const struct table *table, char name[MERGE_STAGE_NAME_SIZE]);

/* The stage's last column: where its row came from, the number of the file and the line, which no
 * other row of the stage has. A COPY into the stage has to write it. */
#define MERGE_PLACE_COLUMN "timele_load_place"

/* The place of a row of a file, by the file's number and the line's number in the dataset; and the
 * file of a place. */
int64_t merge_place(size_t file, uint32_t line);
size_t merge_place_file(int64_t place);

/* Gives placeholders all values of the stage's rows, except in the key and in stable columns.
 * `rows` is how many rows of the stage have a placeholder, as far as that is known. */
bool merge_placeholders(struct merge *merge, uint64_t rows, struct error *error);

/* The files whose rows are updated in the same columns. Caller-owned. */
struct merge_files {
    const bool *chosen; /* by their numbers */
    size_t count;
    uint64_t rows; /* of these files in the stage, without those written already */
};

/*
 * Sets the given columns of the rows that the stage has from some of the files, where any differs.
 * A NULL in a column that holds the time of the load (ABSENT_LOAD_TIME) says that the file gave
 * none, and leaves the row's. Without columns it looks whether the rows are there.
 */
bool merge_update(struct merge *merge, const bool columns[TABLE_COLUMNS_MAX],
                  const struct merge_files *files, struct error *error);

/* Frees what the merge holds, not the merge. */
void merge_free(struct merge *merge);

#endif
