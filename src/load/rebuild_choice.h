/*
 * Which tables are loaded with their indexes and constraints dropped, and which in place.
 */
#ifndef LOAD_REBUILD_CHOICE_H
#define LOAD_REBUILD_CHOICE_H

#include "base/log.h"
#include "base/phase.h"
#include "load/plan.h"
#include "pg/rebuild.h"

#include <stdbool.h>

enum rebuild_when {
    REBUILD_AUTO,   /* empty tables, and those that get at least a quarter of what they hold */
    REBUILD_ALWAYS, /* every table that the run loads */
    REBUILD_NEVER   /* in place: the application can read and write meanwhile */
};

/*
 * Drops what is to be rebuilt and sets `rebuilt` and `frozen` of the datasets; *rebuild is NULL
 * when nothing was dropped. What stands in the way is told in the log under REBUILD_AUTO, and is
 * an ERROR_DATABASE under REBUILD_ALWAYS.
 */
bool rebuild_choose(struct plan *plan, enum rebuild_when when, struct connection *connection,
                    struct log *log, struct phase_list *phases, struct rebuild **rebuild,
                    struct error *error);

#endif
