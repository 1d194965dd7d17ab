#include "base/interrupt.h"

#include <errno.h>
#include <string.h>

static volatile sig_atomic_t pending_signal;

/* Restores the default action of both signals. SA_RESETHAND would restore only that of the one that
 * came, and a SIGTERM after a SIGINT would not end the program at once. */
static void remember_signal(int number)
{
    pending_signal = number;
    (void)signal(SIGINT, SIG_DFL);
    (void)signal(SIGTERM, SIG_DFL);
}

static bool fail(struct error *error)
{
    return error_set(error, ERROR_INTERNAL, "cannot install signal handlers: %s", strerror(errno));
}

bool interrupt_let_writes_fail(struct error *error)
{
    struct sigaction ignore = {.sa_handler = SIG_IGN};

    return (sigaction(SIGPIPE, &ignore, NULL) == 0 && sigaction(SIGXFSZ, &ignore, NULL) == 0) ||
           fail(error);
}

bool interrupt_install(struct error *error)
{
    struct sigaction action = {.sa_handler = remember_signal};

    (void)sigemptyset(&action.sa_mask);
    return (sigaction(SIGINT, &action, NULL) == 0 && sigaction(SIGTERM, &action, NULL) == 0) ||
           fail(error);
}

bool interrupt_pending(void)
{
    return pending_signal != 0;
}

bool interrupt_error(struct error *error)
{
    if (pending_signal == SIGINT)
        return error_set(error, ERROR_INTERRUPTED, "interrupted; nothing was changed");
    return error_set(error, ERROR_TERMINATED, "terminated; nothing was changed");
}

void interrupt_forget(void)
{
    pending_signal = 0;
}

void interrupt_hold(sigset_t *wait_mask)
{
    sigset_t both;

    (void)sigemptyset(&both);
    (void)sigaddset(&both, SIGINT);
    (void)sigaddset(&both, SIGTERM);
    (void)pthread_sigmask(SIG_BLOCK, &both, wait_mask);
}

void interrupt_release(const sigset_t *wait_mask)
{
    (void)pthread_sigmask(SIG_SETMASK, wait_mask, NULL);
}
