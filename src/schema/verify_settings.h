/*
 * The settings of the transaction that the queries of --verify depend on.
 */
#ifndef SCHEMA_VERIFY_SETTINGS_H
#define SCHEMA_VERIFY_SETTINGS_H

#include "pg/session.h"
#include "schema/verify_table.h"

#include <stdbool.h>

/* Sets what the invariants read (table/invariant), and how the server plans for them. */
bool verify_settings_set(const struct verify_table tables[TABLE_COUNT],
                         const struct session *session);

#endif
