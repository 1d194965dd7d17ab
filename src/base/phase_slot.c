#include "base/phase_slot.h"

#include "base/clock.h"

#include <stdlib.h>
#include <string.h>

static const double noting_interval = 0.05;

static struct phase_note *last_note(const struct phase_slot *slot)
{
    return (struct phase_note *)slot->notes.items + slot->notes.count - 1;
}

/* A phase for which there is no memory is not seen: `running` stays false. */
static void add_note(struct phase_slot *slot, const struct phase_list *worker)
{
    const struct phase *phase = phase_present(worker);
    char *subject = strdup(phase->subject);
    struct phase_note *note = subject != NULL ? list_add(&slot->notes, sizeof *note, 1) : NULL;

    if (note == NULL) {
        free(subject);
        return;
    }
    *note = (struct phase_note){.phase = {.what = phase->what, .subject = subject},
                                .began = worker->began};
    slot->running = true;
}

static void update_note(struct phase_slot *slot, const struct phase_list *worker)
{
    struct phase_note *note;

    if (!slot->running)
        return;
    note = last_note(slot);
    note->phase.seconds = phase_present(worker)->seconds;
    note->bytes = worker->bytes;
    note->total_bytes = worker->total_bytes;
    note->rows = worker->rows;
}

static void notice(void *context, enum phase_event event, const struct phase_list *worker)
{
    struct phase_slot *slot = context;
    double now = worker->began + phase_present(worker)->seconds;

    if (event == PHASE_GOES_ON && now - slot->noted_at < noting_interval)
        return;
    if (pthread_mutex_lock(&slot->mutex) != 0)
        return;
    slot->noted_at = now;
    if (event == PHASE_BEGAN)
        add_note(slot, worker);
    update_note(slot, worker);
    if (event == PHASE_ENDED)
        slot->running = false;
    (void)pthread_mutex_unlock(&slot->mutex);
}

bool phase_slot_init(struct phase_slot *slot, struct phase_list *worker, struct error *error)
{
    int reason;

    *slot = (struct phase_slot){.running = false};
    reason = pthread_mutex_init(&slot->mutex, NULL);
    if (reason != 0)
        return error_set(error, ERROR_INTERNAL, "cannot make a mutex: %s", strerror(reason));
    worker->observer = (struct phase_observer){.notice = notice, .context = slot};
    return true;
}

/* Notes move when the list grows, their subjects do not: the snapshot may borrow one. */
static void show(struct phase_slot *slot, const struct phase_note *note)
{
    slot->shown = note->phase;
    slot->snapshot = (struct phase_list){.list = {.items = &slot->shown, .count = 1, .capacity = 1},
                                         .running = true,
                                         .began = note->began,
                                         .bytes = note->bytes,
                                         .total_bytes = note->total_bytes,
                                         .rows = note->rows};
}

/* The next phase that has ended, if there is one; else the present one, whose time goes on even
 * where the worker cannot say so. */
static bool show_ended(struct phase_slot *slot)
{
    bool ended;

    slot->snapshot = (struct phase_list){.running = false};
    if (pthread_mutex_lock(&slot->mutex) != 0)
        return false;
    ended = slot->collected + (slot->running ? 1 : 0) < slot->notes.count;
    if (ended) {
        show(slot, (const struct phase_note *)slot->notes.items + slot->collected++);
    } else if (slot->running) {
        show(slot, last_note(slot));
        slot->shown.seconds = clock_seconds() - slot->snapshot.began;
    }
    (void)pthread_mutex_unlock(&slot->mutex);
    return ended;
}

void phase_slot_collect(struct phase_slot *slot, struct phase_list *run)
{
    /* Printed without the mutex, so that the worker need not wait for a slow terminal. */
    while (show_ended(slot))
        phase_add(run, &slot->snapshot);
}

void phase_slot_free(struct phase_slot *slot)
{
    for (size_t i = 0; i < slot->notes.count; i++)
        free(((struct phase_note *)slot->notes.items)[i].phase.subject);
    list_free(&slot->notes);
    (void)pthread_mutex_destroy(&slot->mutex);
    slot->snapshot = (struct phase_list){.running = false};
}
