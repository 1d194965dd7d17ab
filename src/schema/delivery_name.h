/*
 * The settings of the transaction that say what becomes of a long name when it is put into an
 * order: derivations and invariants read them (table/derivation, table/invariant).
 */
#ifndef SCHEMA_DELIVERY_NAME_H
#define SCHEMA_DELIVERY_NAME_H

#include "pg/connection.h"

#include <stdbool.h>
#include <stddef.h>

/* limit: how long the column lets a name be, in characters, or in bytes where the server counts
 * those; 0: without limit. */
bool delivery_name_set_limit(struct connection *connection, size_t limit, bool in_bytes,
                             struct error *error);

#endif
