#include "base/interrupt.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

/* Longer than all that a run still waits for once it has been asked twice. */
enum { URGENT_SECONDS = 10 };

/* Any thread reads them. A signal handler may use them because they need no lock (C17,
 * 7.14.1.1). */
_Static_assert(ATOMIC_INT_LOCK_FREE == 2, "a signal handler needs integers without a lock");
static atomic_int first_signal;
static atomic_int urgent;         /* a second one came, and the run was to end */
static atomic_int forgotten;      /* the first one has had its effect */
static atomic_int present_effect; /* enum interrupt_effect */

/* The system may give two signals to two threads at the same time. */
static void remember_signal(int number)
{
    int none = 0;

    if (atomic_compare_exchange_strong(&first_signal, &none, number))
        return;
    if (present_effect == INTERRUPT_ENDS_RUN && !urgent) {
        urgent = 1;
        (void)alarm(URGENT_SECONDS);
    }
}

/* The run has not ended by itself. */
static void end_program(int number)
{
    (void)number;
    if (present_effect != INTERRUPT_ENDS_RUN)
        return;
    (void)signal(first_signal, SIG_DFL);
    (void)raise(first_signal);
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

static void fill_set(sigset_t *set)
{
    (void)sigemptyset(set);
    (void)sigaddset(set, SIGINT);
    (void)sigaddset(set, SIGTERM);
    (void)sigaddset(set, SIGHUP);
}

/* nohup(1) has it ignored, and then it stays so. */
static bool install_hangup(const struct sigaction *action)
{
    struct sigaction present;

    return sigaction(SIGHUP, NULL, &present) == 0 &&
           (present.sa_handler == SIG_IGN || sigaction(SIGHUP, action, NULL) == 0);
}

bool interrupt_install(struct error *error)
{
    struct sigaction action = {.sa_handler = remember_signal};
    struct sigaction end = {.sa_handler = end_program};

    fill_set(&action.sa_mask);
    (void)sigemptyset(&end.sa_mask);
    return (sigaction(SIGINT, &action, NULL) == 0 && sigaction(SIGTERM, &action, NULL) == 0 &&
            install_hangup(&action) && sigaction(SIGALRM, &end, NULL) == 0) ||
           fail(error);
}

void interrupt_set_effect(enum interrupt_effect effect)
{
    present_effect = (int)effect;
}

bool interrupt_came(void)
{
    return first_signal != 0;
}

bool interrupt_pending(void)
{
    return first_signal != 0 && present_effect != INTERRUPT_IS_NOTED && (!forgotten || urgent);
}

bool interrupt_urgent(void)
{
    return urgent && present_effect == INTERRUPT_ENDS_RUN;
}

bool interrupt_error(struct error *error)
{
    if (first_signal == SIGINT)
        return error_set(error, ERROR_INTERRUPTED, "interrupted; nothing was changed");
    return error_set(error, ERROR_TERMINATED, "terminated; nothing was changed");
}

void interrupt_forget(void)
{
    forgotten = first_signal != 0;
}

void interrupt_hold(sigset_t *wait_mask)
{
    sigset_t all;

    fill_set(&all);
    (void)pthread_sigmask(SIG_BLOCK, &all, wait_mask);
}

void interrupt_release(const sigset_t *wait_mask)
{
    (void)pthread_sigmask(SIG_SETMASK, wait_mask, NULL);
}
