/*
 * One row: the typed values of a CSV record (row/row_read fills it).
 */
#ifndef ROW_ROW_H
#define ROW_ROW_H

#include "table/description.h"
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

struct source;

struct row {
    const struct source *source; /* that it was cleared for */
    uint64_t line;
    struct value values[TABLE_COLUMNS_MAX]; /* as in the table's description */
};

/* Empties a row before the first record of a source: row_read sets the values of the columns that
 * the source has, and leaves the others as they are. */
void row_clear(struct row *row, const struct source *source);

#endif
