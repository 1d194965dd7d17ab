/*
 * Rows of the application, which --reset would drop.
 */
#ifndef SCHEMA_APPLICATION_ROWS_H
#define SCHEMA_APPLICATION_ROWS_H

#include "pg/session.h"
#include "table/table.h"

#include <stdbool.h>
#include <stdint.h>

/* ERROR_DATABASE when a table holds a row whose id is floors[table id] or more, or when row-level
 * security may hide such rows. A table that does not exist holds none. */
bool application_rows_refuse(const int64_t floors[TABLE_COUNT], const struct session *session);

/* The same of tables that are set aside, in schemas whose names begin with `prefix`: their rows
 * came during the load. Where row-level security hides rows by now, the server refuses. */
bool application_rows_refuse_new(const int64_t floors[TABLE_COUNT], const char *prefix,
                                 const struct session *session);

#endif
