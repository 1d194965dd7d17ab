/*
 * What fills a column where the file gives no value. Each rule (enum column_absent) says two
 * things, side by side in absent.c: what a new row gets, and whether the database's own default
 * puts the same there.
 *
 * In a stage, a value that a row gets only when it is new is NULL, see schema/merge.
 */
#ifndef WRITE_ABSENT_H
#define WRITE_ABSENT_H

#include "derive/derived.h"
#include "plan/dataset.h"
#include "write/tuple_context.h"

#include <stdbool.h>
#include <stddef.h>

/* Writes what a new row has in a column for which its file gave no value: one field. Of an external
 * id also the one that the file gave, since it has to go to the id map as well. False when the
 * tuple's error is set: no random bytes, or the id map cannot be written. */
bool absent_send(const struct tuple *tuple, size_t column);

/* Whether the database's own default puts the same into the column of every row of the files, none
 * of which has it, so that a COPY can do without. To be asked once the files are checked. */
bool absent_is_default(const struct dataset *dataset, const struct derived *derived, size_t column);

#endif
