/*
 * A line that may be a header, whatever parts its names and stands around them.
 */
#ifndef ROW_HEADER_LINE_H
#define ROW_HEADER_LINE_H

#include "csv/reader.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Caller-owned; the names' bytes are borrowed. */
struct header_line {
    struct csv_record record; /* its fields are the names */
    struct csv_field names[CSV_FIELDS_MAX];
    char quote; /* before the first name, where quotes of CSV do not stand: ' or `; else 0 */
};

/*
 * Splits a line without its end at each separator. The names are without the blanks, the byte order
 * marks and the quotes of any kind around them. Names after the 256th are left out.
 */
void header_line_split(const char *text, size_t length, char separator, struct header_line *line);

/* Takes the fields of a record as such names. */
void header_line_take(const struct csv_record *record, struct header_line *line);

/* Lines of the first bytes of a file, one after the other. Caller-owned; the bytes are borrowed. */
struct first_lines {
    const char *bytes; /* what is left */
    size_t length;
    uint64_t number; /* of the line that comes next */
};

/* Begins after a byte order mark. */
struct first_lines first_lines_start(const char *bytes, size_t length);

/* The next line that is not empty, without its end, and its number; false: there is none. The last
 * one may be cut. */
bool first_lines_next(struct first_lines *lines, struct csv_field *line, uint64_t *number);

#endif
