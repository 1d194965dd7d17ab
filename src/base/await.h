/*
 * Waiting for a descriptor, or for a call that blocks, so that a signal, a deadline and the
 * observer of the phases have their turn.
 */
#ifndef BASE_AWAIT_H
#define BASE_AWAIT_H

#include "base/phase.h"

#include <poll.h>
#include <stdatomic.h>
#include <stdbool.h>

enum await_end {
    AWAIT_READY,       /* the descriptor is ready, or the call has returned */
    AWAIT_LATE,        /* the deadline has passed */
    AWAIT_INTERRUPTED, /* `interrupted` or `stop` has become true */
    AWAIT_FAILED       /* errno has the reason */
};

/* What ends a wait early. All is borrowed. */
struct await_limits {
    double deadline;           /* as clock_seconds() tells; 0: none */
    bool (*interrupted)(void); /* interrupt_pending or interrupt_urgent */
    struct phase_list *phases; /* phase_tick is called with it; NULL: nobody wants to know */

    /* Set by another thread: ends the wait as a signal does. NULL: nobody does. Where it is not
     * NULL, the wait looks every tenth of a second at it and at `interrupted`: signals reach the
     * main thread alone. */
    const atomic_bool *stop;
};

/* Waits for the events of a descriptor. */
enum await_end await_descriptor(struct pollfd *descriptor, const struct await_limits *limits);

/* A call that may block for longer than anybody wants to wait. */
struct blocking_call {
    void (*run)(void *context);     /* is called in a thread of its own, which no signal reaches */
    void (*discard)(void *context); /* frees the context; NULL is never given */
    void *context;
};

/*
 * Makes the call, and waits until it returns. With AWAIT_READY the context is the caller's again,
 * with any other end it is not: it is discarded when the call returns, which may be never.
 */
enum await_end await_call(const struct blocking_call *call, const struct await_limits *limits);

#endif
