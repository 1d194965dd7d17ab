/*
 * The signal flags: the only globals of the program. Any thread may look at them.
 *
 * SIGINT, SIGTERM and SIGHUP set them; whoever waits or loops looks at them and fails with the
 * matching error. The first signal asks the run to end: what the server does is cancelled, and an
 * answer is awaited for some seconds. A second one cuts every wait short; what is left is to remove
 * the temporary files. A run that is stuck all the same is ended ten seconds later.
 */
#ifndef BASE_INTERRUPT_H
#define BASE_INTERRUPT_H

#include "base/error.h"

#include <signal.h>

/* Ignores SIGPIPE and SIGXFSZ, so that a closed pipe and a file of the largest size allowed
 * (ulimit -f) are errors of the write. */
bool interrupt_let_writes_fail(struct error *error);

/* Installs the handlers for SIGINT, SIGTERM and, where it is not ignored, SIGHUP: a terminal that
 * is closed, or an ssh that is lost. */
bool interrupt_install(struct error *error);

/* What a signal does. */
enum interrupt_effect {
    INTERRUPT_ENDS_RUN, /* at first: the first one asks, a second one is urgent */
    INTERRUPT_CANCELS,  /* the first one asks, and no other does anything: during COMMIT */
    INTERRUPT_IS_NOTED  /* none does anything: the run is about to end by itself */
};

void interrupt_set_effect(enum interrupt_effect effect);

/* Whether a signal came, whatever its effect. */
bool interrupt_came(void);

/* Whether a signal has asked the run to end. Cheap enough for once a chunk, not for once a byte. */
bool interrupt_pending(void);

/* Whether a second one has: nothing is to be awaited any more. */
bool interrupt_urgent(void);

/* Fills the error for the first signal that came: ERROR_INTERRUPTED or ERROR_TERMINATED. Returns
 * false. */
bool interrupt_error(struct error *error);

/* Forgets the signal when the run has ended because of it, so that it does not interrupt the
 * recording of that as well. A second signal is urgent, and does. */
void interrupt_forget(void);

/*
 * Blocks these signals for the calling thread and gives the mask to wait with. Only ppoll(2) with
 * that mask lets them in, so that no signal is lost between a look at interrupt_pending and the
 * wait.
 */
void interrupt_hold(sigset_t *wait_mask);
void interrupt_release(const sigset_t *wait_mask);

#endif
