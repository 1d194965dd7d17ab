/*
 * TimeL-E's schema as a whole: made from the embedded schema.sql, or dropped.
 */
#ifndef PG_SCHEMA_H
#define PG_SCHEMA_H

#include "pg/connection.h"
#include "table/table.h"

#include <stdbool.h>
#include <stdint.h>

/* Creates what is missing of the schema, inside the caller's transaction. */
bool schema_create(struct connection *connection, struct error *error);

/*
 * Drops TimeL-E's schemas and its enum type, and all that depends on them, inside the caller's
 * transaction. Refuses (ERROR_DATABASE) when a table holds rows in the application's range, which
 * starts at floors[table id], unless `force` is set.
 */
bool schema_reset(struct connection *connection, const int64_t floors[TABLE_COUNT], bool force,
                  struct error *error);

#endif
