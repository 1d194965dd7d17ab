/*
 * TimeL-E's schemas while they are filled beside the ones that are used: what they are called
 * meanwhile, and how they take the place of the others.
 *
 * Two transactions have to do with it. The first makes empty schemas, and commits:
 *
 *     building_set_ledger_aside, building_set_old_aside, schema_create, building_hide,
 *     rebuild_drop (schema/rebuild), building_put_old_back, building_put_ledger_back
 *
 * Nobody else sees a difference, but for the building schemas. The second one publishes them:
 *
 *     with --reset: building_set_old_aside, building_set_api_aside
 *     building_show, schema_create
 *     with --reset: building_drop_old (schema/building_drop)
 *
 * Without --reset nothing is set aside there: a schema that somebody has made meanwhile is not to
 * be dropped, and lets building_show fail.
 *
 * To rename a schema or a type locks no table. Objects refer to each other by their oids, so that
 * defaults, indexes, foreign keys and triggers go along. The text of a function does not: until
 * building_show, orders' trigger names tables that are not there, or others. It must not fire.
 */
#ifndef SCHEMA_BUILDING_H
#define SCHEMA_BUILDING_H

#include "pg/session.h"

#include <stdbool.h>

/* How the schemas' names begin while they are filled. */
#define BUILDING_PREFIX "timele_load_building_"

/* How the names begin of what is set aside, inside a transaction. Nobody else ever sees them. */
#define BUILDING_REPLACED_PREFIX "timele_load_replaced_"

enum { BUILDING_OBSTACLE_SIZE = 512 };

/*
 * Asks the catalog whether the schemas can be made beside others; one query, no lock on a table.
 * *applies is false where, without `resets`, one of the schemas or the enum type is there: then
 * there is nothing to build beside, and nothing to tell. Else `obstacle` is "", or the end of
 * "filled over one connection: ...", with names as the catalog has them:
 *
 *   - a publication FOR ALL TABLES: a subscriber would stop at tables that it does not have
 *   - the extension citus
 *   - the user may not create schemas, or the enum type
 *   - with `resets`, one of the schemas or the type belongs to another role; or another object uses
 *     the type, which can then not be dropped: --reset fails over one connection, too, and sooner
 *   - a schema has a name that is needed, or that of the ledger belongs to another role
 */
bool building_find_obstacle(bool resets, bool *applies, char obstacle[BUILDING_OBSTACLE_SIZE],
                            const struct session *session);

/* Renames those of the schemas that are there, and the enum type, or gives them their names back.
 * The schemas and the type that have these names meanwhile have to be away by then. */
bool building_set_old_aside(const struct session *session);
bool building_put_old_back(const struct session *session);

/* Renames the ledger's schema, so that schema_create changes nothing of it; and gives it its name
 * back, after the one that schema_create has made in its place is dropped. */
bool building_set_ledger_aside(const struct session *session);
bool building_put_ledger_back(const struct session *session);

/* Renames the schemas of the API that are TimeL-E's. Tells whether there were any. */
bool building_set_api_aside(bool *had_api, const struct session *session);

/* Gives the schemas their building names, moves the enum type into the one of the orders, and keeps
 * autovacuum away from their tables; or undoes all of that. */
bool building_hide(const struct session *session);
bool building_show(const struct session *session);

/* Takes BUILDING_PREFIX out of a text, wherever it stands: tables are named to the user as they
 * will be called. */
void building_take_prefix_out(char *text);

#endif
