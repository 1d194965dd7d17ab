/*
 * What comes before the first row is checked: the transaction, the schema, and all that the rows
 * are checked against.
 */
#ifndef RUN_PREPARATION_H
#define RUN_PREPARATION_H

#include "run/running.h"

#include <stdbool.h>

/* Begins the run's transaction, and takes the run lock. */
bool preparation_begin(struct running *running);

/* --reset, --create-schema and --create-api, in the run's transaction; then the sequences and
 * floors. */
bool preparation_make_schema(struct running *running);

/* Makes the API that the run is to have, on top of the tables that have the real names in the
 * session's transaction, and undoes it. So what stands in its way is told before the tables are
 * filled, where the API is made after that. */
bool preparation_try_api(const struct running *running, const struct session *session);

/* Learns all that the rows are checked against, over the session's connection: it sees the tables
 * as they will be when the first row comes. To be called once. */
bool preparation_learn(struct running *running, const struct session *session);

#endif
