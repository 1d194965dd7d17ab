/*
 * Row-level security: policies that hide rows of a table from a role without a word. A run that
 * cannot see all rows would judge wrongly and write half, so it is refused.
 */
#ifndef SCHEMA_ROW_SECURITY_H
#define SCHEMA_ROW_SECURITY_H

#include "pg/connection.h"
#include "table/table.h"

#include <stdbool.h>

/* ERROR_DATABASE, with table, role and what to do, when policies hold for the user in the table. A
 * table that does not exist has none. */
bool row_security_refuse(struct connection *connection, const struct table *table,
                         struct error *error);

/* The same for every table that has a foreign key to this one: their rows decide which rows of it
 * may be deleted. */
bool row_security_refuse_references(struct connection *connection, const struct table *table,
                                    struct error *error);

#endif
