/*
 * Derived values of rows that were in the database before the run, worked out there after the
 * load: totals, item prices, statuses, delivery details.
 */
#ifndef WRITE_RECOMPUTE_H
#define WRITE_RECOMPUTE_H

#include "base/phase.h"
#include "pg/session.h"
#include "plan/plan.h"

#include <stdbool.h>

/*
 * Keeps what the database has to know afterwards of the rows that the run changes. Before any row
 * is sent. ERROR_DATABASE when it is known by then that a table has to be updated which the server
 * refuses to update (schema/publication); recompute looks at those of which it is known later.
 */
bool recompute_prepare(struct plan *plan, const struct session *session);

/* Recomputes what the run changed and could not write itself; nothing when there is none. */
bool recompute(struct plan *plan, const struct session *session);

#endif
