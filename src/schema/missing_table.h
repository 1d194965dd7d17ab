/*
 * A table that a database does not have: what it has in its place.
 */
#ifndef SCHEMA_MISSING_TABLE_H
#define SCHEMA_MISSING_TABLE_H

#include "base/error.h"
#include "pg/connection.h"
#include "table/table.h"

#include <stdbool.h>

/* Sets ERROR_DATABASE: the table is not there, or what has its name is none. The detail names
 * tables that are there, by which people see that it is another database than they thought. Always
 * returns false. */
bool missing_table_refuse(struct connection *connection, const struct table *table,
                          struct error *error);

#endif
