/*
 * What was set aside (schema/building), dropped in the end.
 */
#ifndef SCHEMA_BUILDING_DROP_H
#define SCHEMA_BUILDING_DROP_H

#include "pg/session.h"
#include "table/table.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * Locks the tables that are set aside against all others, drops them with their schemas, those of
 * the API among them, and all that depends on them, and the enum type. To be called last in the
 * transaction that publishes, since readers of these tables wait from here to its end.
 *
 * Until it has all locks it asks for them in attempts of 0.2 s, so that nobody waits longer behind
 * it, for as long as the session's lock_timeout, if any. A note names who keeps it waiting.
 *
 * ERROR_DATABASE when, without `force`, a table has got rows of the application since
 * schema_refuse_reset has looked; their ids begin at floors[table id].
 */
bool building_drop_old(const int64_t floors[TABLE_COUNT], bool force,
                       const struct session *session);

#endif
