/*
 * TimeL-E's schema as a whole: made from the embedded schema.sql and api.sql, or dropped.
 */
#ifndef SCHEMA_SCHEMA_H
#define SCHEMA_SCHEMA_H

#include "pg/session.h"
#include "table/table.h"

#include <stdbool.h>
#include <stdint.h>

/* Creates what is missing of the schema, inside the caller's transaction. Warns of publications
 * that publish what is new. ERROR_DATABASE says which privileges it takes where one was missing. */
bool schema_create(const struct session *session);

/*
 * Creates the API on top of it, or brings it up to date, inside the caller's transaction.
 * ERROR_DATABASE when that cannot be done: another schema of that name, a missing table, column or
 * privilege; with what to do where there is something to do. A role of the API that the user may
 * not create becomes a warning, with what to do.
 */
bool schema_create_api(const struct session *session);

/*
 * Whether schema_reset may drop the tables: unless `force` is set, ERROR_DATABASE when a table
 * holds rows in the application's range, which starts at floors[table id], or when row-level
 * security may hide such rows.
 */
bool schema_refuse_reset(const int64_t floors[TABLE_COUNT], bool force,
                         const struct session *session);

/*
 * Drops TimeL-E's schemas, those of the API among them, and its enum type, and all that depends on
 * them, inside the caller's transaction. Tells whether there was an API. Refuses as
 * schema_refuse_reset does.
 */
bool schema_reset(const int64_t floors[TABLE_COUNT], bool force, bool *dropped_api,
                  const struct session *session);

#endif
