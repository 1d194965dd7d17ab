/*
 * Rules (CREATE RULE) on the tables of a run. COPY, by which rows are sent, ignores them; an UPDATE
 * or DELETE would do something else, or could not tell which rows it wrote.
 */
#ifndef SCHEMA_RULES_H
#define SCHEMA_RULES_H

#include "pg/connection.h"
#include "schema/table_access.h"
#include "table/table.h"

#include <stdbool.h>

/*
 * ERROR_DATABASE, with the rule's name, when an enabled rule of the table does something instead of
 * one of the changes (ACCESS_INSERT, ...), or beside an update or a deletion. One that does
 * something beside an insertion is not looked at.
 */
bool rules_refuse(struct connection *connection, const struct table *table, unsigned changes,
                  struct error *error);

#endif
