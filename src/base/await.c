#include "base/await.h"

#include "base/clock.h"
#include "base/interrupt.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* How often phase_tick is called, and `stop` looked at. */
static const double tick_seconds = 0.1;

static bool is_late(const struct await_limits *limits)
{
    return limits->deadline > 0 && clock_seconds() >= limits->deadline;
}

static bool is_to_end(const struct await_limits *limits)
{
    return limits->interrupted() || (limits->stop != NULL && atomic_load(limits->stop));
}

/* ppoll(2) until the deadline or the next tick, whichever comes first. */
static int poll_once(struct pollfd *descriptor, const struct await_limits *limits,
                     const sigset_t *mask)
{
    bool ticks = phase_is_observed(limits->phases) || limits->stop != NULL;
    double left = limits->deadline > 0 ? limits->deadline - clock_seconds() : tick_seconds;
    struct timespec limit = {0};

    if (limits->deadline <= 0 && !ticks)
        return ppoll(descriptor, 1, NULL, mask);
    if (ticks && left > tick_seconds)
        left = tick_seconds;
    if (left > 0) {
        limit.tv_sec = (time_t)left;
        limit.tv_nsec = (long)((left - (double)limit.tv_sec) * 1e9);
    }
    return ppoll(descriptor, 1, &limit, mask);
}

enum await_end await_descriptor(struct pollfd *descriptor, const struct await_limits *limits)
{
    for (;;) {
        sigset_t wait_mask;
        bool interrupted;
        int ready = -1;
        int reason;

        interrupt_hold(&wait_mask);
        interrupted = is_to_end(limits);
        if (!interrupted)
            ready = poll_once(descriptor, limits, &wait_mask);
        reason = errno;
        interrupt_release(&wait_mask);
        phase_tick(limits->phases);
        if (interrupted)
            return AWAIT_INTERRUPTED;
        if (ready > 0)
            return AWAIT_READY;
        if (ready == 0 && is_late(limits))
            return AWAIT_LATE;
        if (ready < 0 && reason != EINTR) {
            errno = reason;
            return AWAIT_FAILED;
        }
    }
}

/* Shared by the thread and the one who waits: the one who is done last frees it. */
struct running_call {
    struct blocking_call call;
    atomic_bool one_is_done;
    int returned; /* an eventfd(2) */
};

/* Leaves errno as it is. */
static void free_call(struct running_call *running)
{
    int reason = errno;

    if (running->returned >= 0)
        (void)close(running->returned);
    free(running);
    errno = reason;
}

static void *make_call(void *argument)
{
    struct running_call *running = argument;
    const uint64_t once = 1;

    running->call.run(running->call.context);
    if (atomic_exchange(&running->one_is_done, true)) {
        running->call.discard(running->call.context);
        free_call(running);
        return NULL;
    }
    /* Fails only for a count that is too large. */
    (void)!write(running->returned, &once, sizeof once);
    return NULL;
}

static bool start(struct running_call *running, pthread_t *thread)
{
    sigset_t all, callers;
    int failure;

    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &callers);
    failure = pthread_create(thread, NULL, make_call, running);
    (void)pthread_sigmask(SIG_SETMASK, &callers, NULL);
    errno = failure;
    return failure == 0;
}

static enum await_end discard(const struct blocking_call *call)
{
    int reason = errno;

    call->discard(call->context);
    errno = reason;
    return AWAIT_FAILED;
}

enum await_end await_call(const struct blocking_call *call, const struct await_limits *limits)
{
    struct running_call *running = calloc(1, sizeof *running);
    struct pollfd returned = {.events = POLLIN};
    enum await_end end;
    pthread_t thread;

    if (running == NULL)
        return discard(call);
    running->call = *call;
    running->returned = eventfd(0, EFD_CLOEXEC);
    if (running->returned < 0 || !start(running, &thread)) {
        free_call(running);
        return discard(call);
    }
    returned.fd = running->returned;
    end = await_descriptor(&returned, limits);
    if (end != AWAIT_READY && !atomic_exchange(&running->one_is_done, true)) {
        (void)pthread_detach(thread);
        return end;
    }
    (void)pthread_join(thread, NULL);
    free_call(running);
    return AWAIT_READY;
}
