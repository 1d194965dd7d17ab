/*
 * The search path of a run's transaction. It is pg_catalog alone, so that no statement of this
 * program finds a user's function or operator. Triggers, defaults and functions of indexes find
 * their own tables by the session's path, so it has to stand while such code runs.
 *
 * A statement that runs under the session's path looks up nothing by itself: its tables have their
 * schemas, its operators are OPERATOR(pg_catalog.=), and it calls no function.
 */
#ifndef PG_SEARCH_PATH_H
#define PG_SEARCH_PATH_H

#include "pg/connection.h"

#include <stdbool.h>

/* Remembers the session's path. The transaction's path is pg_catalog already. */
bool search_path_remember(struct connection *connection, struct error *error);

/* From here on the session's path stands, with pg_catalog before it. After a rollback to a
 * savepoint the path is what it was at the savepoint. */
bool search_path_use_session(struct connection *connection, struct error *error);

/* From here on pg_catalog alone again. */
bool search_path_restrict(struct connection *connection, struct error *error);

#endif
