/*
 * What a connection knows of tables that are distributed. For pg/distribution, which fills it, and
 * pg/stage.
 */
#ifndef PG_DISTRIBUTED_TABLES_H
#define PG_DISTRIBUTED_TABLES_H

#include "table/table.h"

#include <stdbool.h>
#include <stddef.h>

enum distribution_kind {
    DISTRIBUTION_LOCAL,     /* as PostgreSQL has it, or Citus on the coordinator alone */
    DISTRIBUTION_REFERENCE, /* each node has all of its rows */
    DISTRIBUTION_HASH       /* each node has a part */
};

enum { DISTRIBUTION_STAGES_MAX = 64, DISTRIBUTION_STAGE_SIZE = 64 };

/* Zeroed: nothing is distributed. */
struct distribution {
    enum distribution_kind kinds[TABLE_COUNT];
    unsigned long groups[TABLE_COUNT]; /* the rows of tables of one group lie together */
    bool any;
    /* The names of what pg/stage has made, and has to drop. */
    char stages[DISTRIBUTION_STAGES_MAX][DISTRIBUTION_STAGE_SIZE];
    size_t stage_count;
};

#endif
