/*
 * What the database holds already of a table: its ids, the digests of its rows, and the values of
 * its unique columns.
 */
#ifndef TARGET_EXISTING_H
#define TARGET_EXISTING_H

#include "derive/derived.h"
#include "pg/session.h"
#include "plan/dataset.h"

#include <stdbool.h>

/*
 * Reads the ids of a table with a single-column key into existing and existing_inferred, the
 * digests of the rows if they are compared (target/existing_digest), and the unique values that the
 * run's files, or placeholders with a name, could collide with. Nothing is read of an empty table.
 */
bool existing_read(struct dataset *dataset, const struct session *session);

/* Reads what orders take over from the users in the database. */
bool existing_read_deliveries(const struct dataset *users, struct derived *derived,
                              const struct session *session);

/* Reads what the enriched products in the database cost. */
bool existing_read_prices(const struct dataset *enriched, struct derived *derived,
                          const struct session *session);

#endif
