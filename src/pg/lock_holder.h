/*
 * Who keeps this program from a lock on a table.
 */
#ifndef PG_LOCK_HOLDER_H
#define PG_LOCK_HOLDER_H

#include "pg/connection.h"

#include <stdbool.h>

enum { LOCK_HOLDER_SIZE = 320 };

/* Whether the server refused because it could not get a lock within lock_timeout. */
bool lock_holder_is_to_blame(const struct error *refusal);

/*
 * Names the session that has a table of TimeL-E locked, the one with the strongest lock, then the
 * oldest: table, server process, application, user and, where the server tells, since when; or the
 * prepared transaction that has. On this server; empty when there is none any more. Not to be
 * called in a transaction that has failed.
 */
bool lock_holder_find(struct connection *connection, char holder[LOCK_HOLDER_SIZE],
                      struct error *error);

/* The same of tables in other schemas: an array, as SQL writes it, of plain words. Where these
 * names begin with `prefix`, the sentence leaves it out. */
bool lock_holder_find_in(struct connection *connection, const char *schemas, const char *prefix,
                         char holder[LOCK_HOLDER_SIZE], struct error *error);

/* Adds the holder, on whichever node, and a hint to the error that ended the run, and rolls the
 * failed transaction back to ask for them. Does nothing when the error is not about a lock. With
 * `prefix` not "", tables are looked at first that are in schemas whose names begin so. */
void lock_holder_explain(struct connection *connection, const char *prefix, struct error *error);

#endif
