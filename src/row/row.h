/*
 * One row: a CSV record as typed values, checked against its table's description.
 */
#ifndef ROW_ROW_H
#define ROW_ROW_H

#include "csv/reader.h"
#include "plan/dataset.h"
#include "row/source.h"
#include "value/uuid.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct value {
    bool present;     /* false: the file has no such column, or an empty field */
    int64_t integer;  /* integers, timestamps, decimals */
    const char *text; /* borrowed from the record */
    size_t length;
    uint8_t uuid[UUID_SIZE];
};

struct row {
    uint64_t line;
    struct value values[TABLE_COLUMNS_MAX]; /* as in the table's description */
};

/* Empties a row. To be done before the first record of each source: row_read sets the values of the
 * columns that the source has, and leaves the others. */
void row_clear(struct row *row);

/*
 * Reads and checks every field that has a place in the table: type, range, length, UTF-8, required.
 * Each thing wrong is added to the source's problems, unless `quiet`. Returns whether all is right.
 * The row's texts are good as long as the record.
 */
bool row_read(struct source *source, const struct dataset *dataset, const struct csv_record *record,
              bool quiet, struct row *row);

/* Reads no more than the key, of a record that is no row as a whole and may end early. Values that
 * cannot be read are not present; no problem is added. */
void row_read_key(struct source *source, const struct dataset *dataset,
                  const struct csv_record *record, struct row *row);

/* Adds a problem of one column of a row, showing the value as the file has it. */
void row_problem(struct source *source, const struct dataset *dataset,
                 const struct csv_record *record, size_t column, enum problem_code code,
                 const char *format, ...) __attribute__((format(printf, 6, 7)));

#endif
