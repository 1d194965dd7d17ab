/*
 * A worker: a thread that takes steps of a build, and the connection that it runs them over.
 */
#ifndef BUILD_WORKER_H
#define BUILD_WORKER_H

#include "base/phase_slot.h"
#include "build/step_queue.h"
#include "build/step_run.h"
#include "pg/session.h"

#include <pthread.h>
#include <stdbool.h>

/* Caller-owned; must not move between worker_open and worker_close. Zeroed is no worker. */
struct worker {
    struct session session; /* its own, but for the log */
    struct phase_list phases;
    struct phase_slot slot; /* shows the phases to the main thread */
    struct error error;
    bool is_open;

    struct step_queue *queue;
    struct step_context *context;
    pthread_t thread;
    bool runs;
};

/* What a worker connects with; all is borrowed. */
struct worker_options {
    const char *conninfo; /* NULL: the environment's */
    double timeout;       /* seconds to connect in */
    const atomic_bool *stop;
    struct log *log;
};

/* Connects. ERROR_DATABASE. The connection's first transaction is the caller's to begin
 * (step_begin). */
bool worker_open(struct worker *worker, const struct worker_options *options, struct error *error);

/* Starts the thread. Queue and context must outlive it. Signals do not reach it. ERROR_INTERNAL. */
bool worker_start(struct worker *worker, struct step_queue *queue, struct step_context *context,
                  struct error *error);

/* Waits for the end of the thread, if it was started. */
void worker_join(struct worker *worker);

/* Disconnects and frees; a worker that was not opened is fine. */
void worker_close(struct worker *worker);

#endif
