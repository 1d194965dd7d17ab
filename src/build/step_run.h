/*
 * One step of a build, over one connection, in a transaction of its own.
 */
#ifndef BUILD_STEP_RUN_H
#define BUILD_STEP_RUN_H

#include "base/pending_file.h"
#include "build/step_list.h"
#include "pg/run_lock.h"
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
    int64_t load_time;           /* microseconds since 2000-01-01 UTC */
    struct pending_file *id_map; /* NULL: none is wanted */
    struct dataset *unchecked; /* a copy (plan/dataset_copy) of the streamed table's dataset, whose
                                * rows are sent while they are checked; NULL: all are checked */
    int lock_timeout;          /* seconds; 0: the user's own setting holds */
    int index_workers;         /* processes of the server beside that which makes an index; set by
                                * build_start */
    char lock_process[RUN_LOCK_PROCESS_SIZE];   /* the server's, which has the run lock */
    char transaction_id[STEP_TRANSACTION_SIZE]; /* which filled the tables with external ids */
};

/*
 * Begins the transaction of the connection's first step. From then on the connection is in one at
 * every moment: a session that waits outside of any may be ended (idle_session_timeout), and its
 * server process be given to another one by a pooler. It holds no lock before the step.
 *
 * ERROR_DATABASE where the run lock is not held by the run: it is lost, or this is another server.
 */
bool step_begin(const struct step_context *context, const struct session *session);

/* Runs the step, commits, and begins the next transaction. Each part of the step is a phase of the
 * session. On failure what the step has begun is rolled back, or is when the connection ends. */
bool step_run(const struct step *step, struct step_context *context, const struct session *session);

#endif
