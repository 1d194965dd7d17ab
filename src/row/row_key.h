/*
 * A row's key: as one number within its parent, which containers remember, and as text, for whoever
 * has to find the row again: "42", "11/101" (order and product),
 * "11/2016-08-19 09:16:40+00:00/shipped".
 */
#ifndef ROW_ROW_KEY_H
#define ROW_ROW_KEY_H

#include "row/problem.h"
#include "row/row.h"
#include "table/table.h"

#include <stdint.h>

/* The key within its parent as one number: the child's id, or time and status. Of a table whose key
 * is a pair or an event. */
int64_t row_key_child(const struct table *table, const struct row *row);

/* Time (microseconds since 2000-01-01 UTC) and status of an event, from that number. */
int64_t row_key_event_time(int64_t packed);
unsigned row_key_event_status(int64_t packed);

/* For tests: the number of an event. */
int64_t row_key_pack_event(int64_t time, unsigned status);

/* The key of a row whose key columns were read, as row_read_key does; "" when one is not present.
 * `text` is returned. */
const char *row_key_text(const struct table *table, const struct row *row,
                         char text[PROBLEM_KEY_SIZE]);

/* The same of a key that was kept as parent and child (as row_key_child gives it). */
const char *row_key_text_of_pair(const struct table *table, int64_t parent, int64_t child,
                                 char text[PROBLEM_KEY_SIZE]);

#endif
