#include "base/wait_budget.h"

#include "base/clock.h"
#include "base/interrupt.h"

#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <time.h>

static const double first_pause = 0.1, longest_pause = 2;

struct wait_budget wait_budget_begin(double seconds)
{
    return (struct wait_budget){
        .seconds = seconds, .deadline = clock_seconds() + seconds, .pause = first_pause};
}

double wait_budget_left(const struct wait_budget *budget)
{
    double left = budget->deadline - clock_seconds();

    return left > 0 ? left : 0;
}

void wait_budget_renew(struct wait_budget *budget)
{
    budget->pause = first_pause;
}

bool wait_budget_pause(struct wait_budget *budget, struct error *error)
{
    double left = wait_budget_left(budget);
    double seconds = budget->pause < left ? budget->pause : left;
    struct timespec pause = {.tv_sec = (time_t)seconds};
    sigset_t wait_mask;

    pause.tv_nsec = (long)((seconds - (double)pause.tv_sec) * 1e9);
    budget->pause = budget->pause * 2 < longest_pause ? budget->pause * 2 : longest_pause;
    interrupt_hold(&wait_mask);
    if (!interrupt_pending())
        (void)ppoll(NULL, 0, &pause, &wait_mask);
    interrupt_release(&wait_mask);
    return !interrupt_pending() || interrupt_error(error);
}
