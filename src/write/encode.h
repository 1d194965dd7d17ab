/*
 * A value as a field of a binary COPY, in the form that its column's type has there.
 */
#ifndef WRITE_ENCODE_H
#define WRITE_ENCODE_H

#include "pg/copy_in.h"
#include "row/row.h"
#include "table/description.h"

#include <stdint.h>

/* Adds a field with a value that is present, to the row begun last. A failed send is told at the
 * row's end (copy_in_row_end). */
void encode_value(struct copy_in *copy, const struct column *column, const struct value *value);

/* The same for a number: all types but texts and UUIDs are integers in some unit. */
void encode_integer(struct copy_in *copy, const struct column *column, int64_t integer);

/* The same for an order status, by its number. */
void encode_status(struct copy_in *copy, int status);

#endif
