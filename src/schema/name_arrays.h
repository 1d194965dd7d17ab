/*
 * Arrays of names, as parameters of a query of the catalog: so it is asked of many tables at once.
 * The answer tells by a place in the arrays, from 1, which one a row is about.
 */
#ifndef SCHEMA_NAME_ARRAYS_H
#define SCHEMA_NAME_ARRAYS_H

#include "base/error.h"
#include "pg/array_parameter.h"
#include "pg/connection.h"
#include "pg/query.h"

#include <stdbool.h>
#include <stddef.h>

enum { NAME_ARRAYS_MAX = 6 };

/* Caller-owned; zeroed is empty, name_arrays_free empties it again. */
struct name_arrays {
    struct array_parameter arrays[NAME_ARRAYS_MAX];
};

/* Adds a name to each of the first `count` arrays. */
bool name_arrays_add(struct name_arrays *arrays, const char *const *names, size_t count,
                     struct error *error);

/* Asks the query, whose parameters are the first `count` arrays. */
bool name_arrays_ask(struct name_arrays *arrays, size_t count, struct query query,
                     struct connection *connection, PGresult **rows, struct error *error);

/* The place, from 0, that a row is about: its first column. Below `count`. */
size_t name_arrays_place(const PGresult *rows, int row, size_t count);

void name_arrays_free(struct name_arrays *arrays);

#endif
