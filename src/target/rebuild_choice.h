/*
 * Which tables are loaded with their indexes and constraints dropped, and which in place.
 */
#ifndef TARGET_REBUILD_CHOICE_H
#define TARGET_REBUILD_CHOICE_H

#include "pg/session.h"
#include "plan/plan.h"
#include "schema/rebuild.h"

#include <stdbool.h>

enum rebuild_when {
    REBUILD_AUTO,   /* empty tables, and those that get at least a quarter of what they hold */
    REBUILD_ALWAYS, /* every table that the run loads */
    REBUILD_NEVER   /* in place: the application can read and write meanwhile */
};

/* Caller-owned. It starts zeroed but for `when`; rebuild_choose makes the choice. rebuild_free
 * frees `rebuild`. */
struct rebuild_choice {
    enum rebuild_when when;
    bool made;
    struct rebuild *rebuild; /* NULL: nothing was dropped, the load is done in place */
};

/*
 * Drops what is to be rebuilt and sets `rebuilt` and `frozen` of the datasets; does nothing when
 * the choice was made. When something forbids the rebuild of a table, REBUILD_AUTO logs that and
 * leaves this table in place; REBUILD_ALWAYS fails with ERROR_DATABASE. So does
 * every choice where rows are to be updated which the server refuses to update
 * (schema/publication).
 */
bool rebuild_choose(struct rebuild_choice *choice, struct plan *plan,
                    const struct session *session);

#endif
