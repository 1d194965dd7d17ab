/*
 * Bytes to physical lines, counted as csv_reader counts them: a line ends with LF, CRLF or CR,
 * inside quotes too. Nothing is taken away or copied.
 */
#ifndef CSV_LINE_SPLIT_H
#define CSV_LINE_SPLIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Caller-owned; line_split_start begins at the first line. */
struct line_split {
    uint64_t line;
    bool ended;        /* the line's end was seen */
    bool after_return; /* it was a CR: an LF now still belongs to the line */
};

void line_split_start(struct line_split *split);

/* How many of the bytes, 1 at least of 1 or more, belong to one line: split->line afterwards. */
size_t line_split_next(struct line_split *split, const char *bytes, size_t length);

#endif
