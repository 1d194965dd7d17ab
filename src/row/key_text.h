/*
 * A row's key as text, for whoever has to find the row again: "42", "11/101" (order and product),
 * "11/2016-08-19 09:16:40+00:00/shipped".
 */
#ifndef ROW_KEY_TEXT_H
#define ROW_KEY_TEXT_H

#include "row/problem.h"
#include "row/row.h"
#include "table/table.h"

#include <stdint.h>

/* The key of a row whose key columns were read, as row_read_key does; "" when one is not present.
 * `text` is returned. */
const char *key_text(const struct table *table, const struct row *row, char text[PROBLEM_KEY_SIZE]);

/* The same of a key that was kept as parent and child (as key_child gives it). */
const char *key_text_of_pair(const struct table *table, int64_t parent, int64_t child,
                             char text[PROBLEM_KEY_SIZE]);

#endif
