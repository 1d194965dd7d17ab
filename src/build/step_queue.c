#include "build/step_queue.h"

#include "base/interrupt.h"

#include <errno.h>
#include <string.h>
#include <time.h>

/* How often the main thread looks at what goes on. */
enum { TICK_NANOSECONDS = 100000000, SECOND_NANOSECONDS = 1000000000 };

static bool fail(int reason, struct error *error)
{
    return error_set(error, ERROR_INTERNAL, "cannot make threads: %s", strerror(reason));
}

bool step_queue_init(struct step_queue *queue, struct step_list *list, struct error *error)
{
    pthread_condattr_t attributes;
    int reason;

    *queue = (struct step_queue){.list = *list};
    *list = (struct step_list){0};
    reason = pthread_mutex_init(&queue->mutex, NULL);
    if (reason != 0) {
        step_list_free(&queue->list);
        return fail(reason, error);
    }
    reason = pthread_condattr_init(&attributes);
    if (reason == 0) {
        reason = pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
        if (reason == 0)
            reason = pthread_cond_init(&queue->changed, &attributes);
        (void)pthread_condattr_destroy(&attributes);
    }
    if (reason == 0)
        return true;
    (void)pthread_mutex_destroy(&queue->mutex);
    step_list_free(&queue->list);
    return fail(reason, error);
}

/* Neither fails but for a bug: the mutex is set up, and no thread takes it twice. */
static void lock(struct step_queue *queue)
{
    (void)pthread_mutex_lock(&queue->mutex);
}

static void unlock(struct step_queue *queue)
{
    (void)pthread_cond_broadcast(&queue->changed);
    (void)pthread_mutex_unlock(&queue->mutex);
}

void step_queue_add_thread(struct step_queue *queue)
{
    lock(queue);
    queue->threads++;
    unlock(queue);
}

void step_queue_drop_thread(struct step_queue *queue)
{
    lock(queue);
    queue->threads--;
    unlock(queue);
}

struct step *step_queue_take(struct step_queue *queue)
{
    struct step *step = NULL;

    lock(queue);
    while (!atomic_load(&queue->stop) && !step_list_is_done(&queue->list)) {
        step = step_list_next(&queue->list);
        if (step != NULL)
            break;
        (void)pthread_cond_wait(&queue->changed, &queue->mutex);
    }
    if (step == NULL)
        queue->threads--;
    unlock(queue);
    return step;
}

void step_queue_finish(struct step_queue *queue, struct step *step, const struct error *failure)
{
    lock(queue);
    if (failure == NULL) {
        step_list_finish(&queue->list, step);
    } else {
        (void)error_copy(&queue->failure, failure);
        atomic_store(&queue->stop, true);
    }
    unlock(queue);
}

bool step_queue_wait(struct step_queue *queue, double *done)
{
    struct timespec until;
    bool any;

    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += TICK_NANOSECONDS;
    if (until.tv_nsec >= SECOND_NANOSECONDS) {
        until.tv_nsec -= SECOND_NANOSECONDS;
        until.tv_sec++;
    }
    lock(queue);
    if (queue->threads > 0)
        (void)pthread_cond_timedwait(&queue->changed, &queue->mutex, &until);
    any = queue->threads > 0;
    *done = step_list_progress(&queue->list);
    (void)pthread_mutex_unlock(&queue->mutex);
    return any;
}

void step_queue_allow(struct step_queue *queue, const struct plan *plan, double *cost)
{
    lock(queue);
    step_list_allow(&queue->list, plan);
    *cost = queue->list.cost;
    unlock(queue);
}

void step_queue_stop(struct step_queue *queue)
{
    lock(queue);
    atomic_store(&queue->stop, true);
    unlock(queue);
}

void step_queue_fail(struct step_queue *queue, const struct error *failure)
{
    lock(queue);
    if (!atomic_load(&queue->stop))
        (void)error_copy(&queue->failure, failure);
    atomic_store(&queue->stop, true);
    unlock(queue);
}

bool step_queue_end(struct step_queue *queue, struct error *error)
{
    if (queue->failure.kind != ERROR_NONE)
        return error_copy(error, &queue->failure);
    if (interrupt_pending())
        return interrupt_error(error);
    return step_list_is_done(&queue->list) ||
           error_set(error, ERROR_INTERNAL, "steps of the load are left over");
}

void step_queue_free(struct step_queue *queue)
{
    (void)pthread_cond_destroy(&queue->changed);
    (void)pthread_mutex_destroy(&queue->mutex);
    step_list_free(&queue->list);
}
