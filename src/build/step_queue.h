/*
 * The steps of a build, shared by the threads that run them: who has nothing to do takes the next
 * one. The first failure stops all.
 */
#ifndef BUILD_STEP_QUEUE_H
#define BUILD_STEP_QUEUE_H

#include "base/error.h"
#include "build/step_list.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

/* Caller-owned. All members but `stop` are for the functions below alone, as long as threads run.
 */
struct step_queue {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    struct step_list list;
    atomic_bool stop;     /* what goes on shall end; connections look at it */
    struct error failure; /* the first one; of kind ERROR_NONE: there is none */
    size_t threads;       /* that may still take a step */
};

/* Takes over the list, also on failure. ERROR_INTERNAL. */
bool step_queue_init(struct step_queue *queue, struct step_list *list, struct error *error);

/* Notes that one more thread takes steps, before it starts; or that it has not started. */
void step_queue_add_thread(struct step_queue *queue);
void step_queue_drop_thread(struct step_queue *queue);

/* For the threads: waits for a step that can begin. NULL: all are done, or the queue was stopped;
 * then the thread counts no longer. */
struct step *step_queue_take(struct step_queue *queue);

/* For the threads: a step has ended; `failure` NULL: well. */
void step_queue_finish(struct step_queue *queue, struct step *step, const struct error *failure);

/* For the main thread: waits a tenth of a second, or until something has changed. Sets how much
 * is done (step_list_progress). False when no thread takes steps any more. */
bool step_queue_wait(struct step_queue *queue, double *done);

/* For the main thread: all files are checked (step_list_allow). Sets what all steps cost. */
void step_queue_allow(struct step_queue *queue, const struct plan *plan, double *cost);

/* For the main thread: stops all threads, because of a failure of its own. */
void step_queue_fail(struct step_queue *queue, const struct error *failure);

/* For the main thread: stops all threads. */
void step_queue_stop(struct step_queue *queue);

/* When no thread runs any more: whether all steps are done; else the error is the first failure. */
bool step_queue_end(struct step_queue *queue, struct error *error);

void step_queue_free(struct step_queue *queue);

#endif
