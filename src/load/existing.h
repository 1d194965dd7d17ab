/*
 * What the database holds already of a table: its ids, and the values of its unique columns.
 */
#ifndef LOAD_EXISTING_H
#define LOAD_EXISTING_H

#include "load/dataset.h"
#include "pg/connection.h"

#include <stdbool.h>

/*
 * Reads the ids of a table with a single-column key into existing and existing_inferred; and, when
 * the run has files for it, the unique values that those files could collide with. Nothing is read
 * of an empty table.
 */
bool existing_read(struct dataset *dataset, struct connection *connection, struct error *error);

#endif
