/*
 * Which tables are loaded with their indexes and constraints dropped, and which in place.
 */
#ifndef TARGET_REBUILD_CHOICE_H
#define TARGET_REBUILD_CHOICE_H

#include "pg/rebuild.h"
#include "pg/session.h"
#include "plan/plan.h"

#include <stdbool.h>

enum rebuild_when {
    REBUILD_AUTO,   /* empty tables, and those that get at least a quarter of what they hold */
    REBUILD_ALWAYS, /* every table that the run loads */
    REBUILD_NEVER   /* in place: the application can read and write meanwhile */
};

/* Caller-owned; zeroed but for `when` it is still to be made. rebuild_free frees what it holds. */
struct rebuild_choice {
    enum rebuild_when when;
    bool made;
    struct rebuild *rebuild; /* NULL: nothing was dropped, the load is done in place */
};

/*
 * Drops what is to be rebuilt and sets `rebuilt` and `frozen` of the datasets; does nothing when
 * the choice was made. What stands in the way is told in the log under REBUILD_AUTO, and is an
 * ERROR_DATABASE under REBUILD_ALWAYS.
 */
bool rebuild_choose(struct rebuild_choice *choice, struct plan *plan,
                    const struct session *session);

#endif
