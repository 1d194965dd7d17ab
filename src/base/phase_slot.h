/*
 * What a worker thread does at present, for the thread that watches it.
 *
 * The worker has a phase list of its own, which no other thread touches. The slot is that list's
 * observer: it copies the present phase's numbers under a mutex, when a phase begins or ends, and
 * at most every 50 ms in between. The main thread collects them, under the same mutex, into a
 * snapshot that it alone reads, and takes what has ended to the run's list.
 */
#ifndef BASE_PHASE_SLOT_H
#define BASE_PHASE_SLOT_H

#include "base/error.h"
#include "base/list.h"
#include "base/phase.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

/* A phase and how far it is; `began` as clock_seconds() tells. */
struct phase_note {
    struct phase phase;
    uint64_t bytes, total_bytes, rows;
    double began;
};

/* Caller-owned; it must not move between phase_slot_init and phase_slot_free. */
struct phase_slot {
    pthread_mutex_t mutex;

    /* Under the mutex. */
    struct list notes; /* of struct phase_note, kept to the end; the last is the present one, while
                          `running` */
    bool running;

    /* The worker's alone. */
    double noted_at; /* when the present phase was noted, as clock_seconds() tells */

    /* The main thread's alone. */
    size_t collected;           /* of the notes, from the first on: the run's list has them */
    struct phase_list snapshot; /* for `beside` of the run's list: no phase, or one */
    struct phase shown;         /* of it; the subject is borrowed */
};

/* Sets up a slot and makes it the observer of the worker's list, before the worker begins. The slot
 * must be there until the worker's last phase has ended. False (ERROR_INTERNAL): there is no mutex.
 */
bool phase_slot_init(struct phase_slot *slot, struct phase_list *worker, struct error *error);

/* Adds the phases that the worker has ended since the last call to the run's list by phase_add,
 * then takes the snapshot. In the main thread, every tenth of a second, and once more when the
 * worker is through. */
void phase_slot_collect(struct phase_slot *slot, struct phase_list *run);

/* When the worker's last phase has ended. What was not collected is lost; the snapshot is empty. */
void phase_slot_free(struct phase_slot *slot);

#endif
