/*
 * A table for people, in columns that are as wide as what stands in them, and narrower where the
 * terminal is.
 *
 * A line never is wider than the output. Where it would be, the label, which is a row's first cell,
 * is cut at its start if it is a path; then columns are left out, those that say least first; then
 * the label gets a line of its own, folded at blanks if it is no path. No other cell is ever cut.
 */
#ifndef CLI_TEXT_TABLE_H
#define CLI_TEXT_TABLE_H

#include "base/list.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum { TEXT_TABLE_COLUMNS = 6 };

struct text_column {
    const char *title;
    bool is_number; /* stands at the right */
    int rank;       /* from 1 on, the smallest is left out first; 0: never */
};

/* Caller-owned; zeroed but for its columns; freed by text_table_free. */
struct text_table {
    const struct text_column *columns; /* borrowed; the first one is the label's */
    size_t column_count;
    bool has_paths;   /* the labels are paths */
    int label_indent; /* of a folded label's further lines */
    struct list rows;
};

/* Adds a row; NULL is an empty cell. `alone` is the label for where the second column is left
 * out; NULL: the same. All is copied. False when memory ran out (errno). */
bool text_table_add(struct text_table *table, const char *const cells[], const char *alone);

/* Adds a text that stands below the last row, folded and indented as it is. */
bool text_table_add_note(struct text_table *table, int indent, const char *text);

/* Prints titles and rows; columns in which no row has anything are left out. 0 columns: any width.
 * False when memory ran out (errno). */
bool text_table_print(const struct text_table *table, int columns, FILE *stream);

void text_table_free(struct text_table *table);

#endif
