/*
 * The text of an array, as a parameter of a query: `{1,2,3}` or `{"a","b \"c\""}` (PostgreSQL
 * manual, 8.15.2 and 8.15.6). So a query asks for many rows at once, and no value becomes part of
 * its SQL.
 */
#ifndef PG_ARRAY_PARAMETER_H
#define PG_ARRAY_PARAMETER_H

#include "base/list.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Caller-owned; zeroed is the empty array, array_parameter_free empties it again. */
struct array_parameter {
    struct list text; /* of char */
    size_t count;     /* of elements */
};

/* Each adds an element; false when memory ran out. A text must be valid in the connection's
 * encoding and have no NUL byte. */
bool array_parameter_add_integer(struct array_parameter *array, int64_t integer);
bool array_parameter_add_text(struct array_parameter *array, const char *text, size_t length);

/* The array's text, owned by the array and good until it is changed; NULL when memory ran out. */
const char *array_parameter_text(struct array_parameter *array);

/* Makes the array empty and keeps its room. */
void array_parameter_clear(struct array_parameter *array);

void array_parameter_free(struct array_parameter *array);

#endif
