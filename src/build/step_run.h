/*
 * One step of a build, over one connection, in a transaction of its own.
 */
#ifndef BUILD_STEP_RUN_H
#define BUILD_STEP_RUN_H

#include "base/pending_file.h"
#include "build/step_list.h"
#include "pg/session.h"
#include "plan/plan.h"
#include "schema/rebuild.h"

#include <stdbool.h>
#include <stdint.h>

enum { STEP_TRANSACTION_SIZE = 24 };

/* What the steps have in common. Only the step that fills the tables with external ids writes the
 * id map and transaction_id. */
struct step_context {
    struct plan *plan; /* each step that fills a table writes that dataset's own part */
    const struct rebuild *rebuild;
    const char *identity;        /* of the building schemas, building_identify */
    int64_t load_time;           /* microseconds since 2000-01-01 UTC */
    struct pending_file *id_map; /* NULL: none is wanted */
    struct dataset *unchecked; /* a copy (plan/dataset_copy) of the streamed table's dataset, whose
                                * rows are sent while they are checked; NULL: all are checked */
    int lock_timeout;          /* seconds; 0: the user's own setting holds */
    int index_workers;         /* processes of the server beside that which makes an index */
    char transaction_id[STEP_TRANSACTION_SIZE]; /* which filled the tables with external ids */
};

/* Runs the step and commits. Each part of it is a phase of the session. On failure what the
 * step has begun is rolled back, or is when the connection ends. */
bool step_run(const struct step *step, struct step_context *context, const struct session *session);

#endif
