/*
 * One row: a CSV record as typed values, checked against its table's description.
 */
#ifndef LOAD_ROW_H
#define LOAD_ROW_H

#include "csv/reader.h"
#include "load/dataset.h"
#include "load/source.h"
#include "pg/copy_in.h"
#include "value/uuid.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Decimals are held in units of 10^-ROW_DECIMAL_SCALE. */
enum { ROW_DECIMAL_SCALE = 8 };

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

/*
 * Reads and checks every field that has a place in the table: type, range, length, UTF-8, required.
 * Each thing wrong is added to the source's problems, unless `quiet`. Returns whether all is right.
 * The row's texts are good as long as the record.
 */
bool row_read(struct source *source, const struct dataset *dataset, const struct csv_record *record,
              bool quiet, struct row *row);

/* Adds a problem of one column of a row, showing the value as the file has it. */
void row_problem(struct source *source, const struct csv_record *record, size_t column,
                 const char *format, ...) __attribute__((format(printf, 4, 5)));

/* What fills columns that no file does. */
struct row_context {
    struct uuid_generator uuids;
    int64_t load_time; /* microseconds since 2000-01-01 UTC */
};

/* Writes a row read from a file to the COPY, every column that the database has, in the order of
 * the description. */
bool row_send(struct copy_in *copy, const struct dataset *dataset, const struct row *row,
              struct row_context *context, struct error *error);

/* Writes the placeholder row for an id that no file has. */
bool row_send_inferred(struct copy_in *copy, const struct dataset *dataset, int64_t id,
                       struct row_context *context, struct error *error);

#endif
