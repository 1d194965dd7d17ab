/*
 * From a CSV record to a row: every field is typed, and checked against its table's description and
 * against what the database says of the column.
 */
#ifndef ROW_ROW_READ_H
#define ROW_ROW_READ_H

#include "csv/reader.h"
#include "row/row.h"
#include "row/source.h"
#include "schema/catalog.h"

#include <stdbool.h>
#include <stddef.h>

/* One record being read. The parts are borrowed. */
struct row_reading {
    struct source *source;
    const struct catalog_table *catalog; /* of the source's table */
    const struct csv_record *record;
    bool quiet; /* what is wrong is not added to the source's problems */
};

/*
 * Reads and checks every field that has a place in the table: type, range, length, UTF-8, required.
 * Each thing wrong is added to the source's problems, unless `quiet`. Returns whether all is right.
 * The row's texts are good as long as the record. The row was cleared for the source (row_clear):
 * the values of columns that the source has are set, the others are left as they are.
 */
bool row_read(const struct row_reading *reading, struct row *row);

/* Reads no more than the key, of a record that is no row as a whole and may end early. Values that
 * cannot be read are not present; no problem is added. */
void row_read_key(const struct row_reading *reading, struct row *row);

/* Adds a problem of one column of a row, showing the value as the file has it. */
void row_problem(const struct row_reading *reading, size_t column, enum problem_code code,
                 const char *format, ...) __attribute__((format(printf, 4, 5)));

#endif
