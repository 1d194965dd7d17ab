/*
 * One row as a COPY tuple: what the file gave, and what fills the columns that no file does.
 */
#ifndef WRITE_TUPLE_H
#define WRITE_TUPLE_H

#include "pg/copy_in.h"
#include "plan/dataset.h"
#include "row/row.h"
#include "write/copied_columns.h"
#include "write/tuple_context.h"

#include <stdbool.h>
#include <stdint.h>

/* Writes a row read from a file, those columns of it that are to be copied. In a stage the row's
 * place follows (schema/merge), and what a row gets only when it is new (external id, time of the
 * load) is NULL.
 */
bool tuple_send(struct copy_in *copy, const struct dataset *dataset, const struct row *row,
                struct tuple_context *context, struct error *error);

/* Writes the placeholder row for an id that no file has. */
bool tuple_send_inferred(struct copy_in *copy, const struct dataset *dataset, int64_t id,
                         struct tuple_context *context, struct error *error);

#endif
