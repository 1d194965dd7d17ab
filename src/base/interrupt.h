/*
 * The signal flag: the only global of the program.
 *
 * SIGINT and SIGTERM set it; whoever waits or loops looks at it and fails with the matching error.
 * The handler does nothing else than to set it and to restore the default action for the next
 * signal (signal-safety(7)).
 */
#ifndef BASE_INTERRUPT_H
#define BASE_INTERRUPT_H

#include "base/error.h"

#include <signal.h>

/* Ignores SIGPIPE and SIGXFSZ, so that a closed pipe and a file of the largest size allowed
 * (ulimit -f) are errors of the write. */
bool interrupt_let_writes_fail(struct error *error);

/* Installs the handlers for SIGINT and SIGTERM. A second one of them ends the program at once, as
 * by default. */
bool interrupt_install(struct error *error);

/* Whether a signal has asked the run to end. Cheap enough for once a chunk, not for once a byte. */
bool interrupt_pending(void);

/* Fills the error for the signal that came: ERROR_INTERRUPTED or ERROR_TERMINATED. Returns false.
 */
bool interrupt_error(struct error *error);

/* Forgets the signal when the run has ended because of it, so that it does not interrupt the
 * recording of that as well. A second signal still ends the program at once. */
void interrupt_forget(void);

/*
 * Blocks both signals for the calling thread and gives the mask to wait with. Only ppoll(2) with
 * that mask lets them in, so that no signal is lost between a look at interrupt_pending and the
 * wait.
 */
void interrupt_hold(sigset_t *wait_mask);
void interrupt_release(const sigset_t *wait_mask);

#endif
