/*
 * Building schemas (schema/building) that are not wanted any more: of a run that has failed, or of
 * one that was killed.
 */
#ifndef SCHEMA_BUILDING_LEFTOVERS_H
#define SCHEMA_BUILDING_LEFTOVERS_H

#include "pg/session.h"

#include <stdbool.h>

/* Drops the building schemas that are there, with the enum type that is in one, inside the caller's
 * transaction. */
bool building_remove(const struct session *session);

/*
 * The same of those that a killed run has left, in the transaction of one that has the run lock;
 * one query where there are none. What cannot be dropped, because it belongs to another role or is
 * in use for longer than lock_timeout (10 s where there is none), stays: it is named in a note, and
 * *left is set. A server process of the killed run may use it until it notices.
 *
 * Their names are free for other transactions when this one has ended.
 */
bool building_remove_leftovers(bool *left, const struct session *session);

/* Warns of those that a killed run has left, which no run is filling. Inside a transaction begun
 * with TRANSACTION_LOOK, whose end it may be: another one may be begun. */
bool building_warn_of_leftovers(const struct session *session);

#endif
