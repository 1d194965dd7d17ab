#include "base/patience.h"

#include "base/clock.h"
#include "base/interrupt.h"

#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <time.h>

static const double first_pause = 0.1, longest_pause = 2;

struct patience patience_begin(double seconds)
{
    return (struct patience){
        .seconds = seconds, .deadline = clock_seconds() + seconds, .pause = first_pause};
}

double patience_left(const struct patience *patience)
{
    double left = patience->deadline - clock_seconds();

    return left > 0 ? left : 0;
}

void patience_renew(struct patience *patience)
{
    patience->pause = first_pause;
}

bool patience_pause(struct patience *patience, struct error *error)
{
    double left = patience_left(patience);
    double seconds = patience->pause < left ? patience->pause : left;
    struct timespec pause = {.tv_sec = (time_t)seconds};
    sigset_t wait_mask;

    pause.tv_nsec = (long)((seconds - (double)pause.tv_sec) * 1e9);
    patience->pause = patience->pause * 2 < longest_pause ? patience->pause * 2 : longest_pause;
    interrupt_hold(&wait_mask);
    if (!interrupt_pending())
        (void)ppoll(NULL, 0, &pause, &wait_mask);
    interrupt_release(&wait_mask);
    return !interrupt_pending() || interrupt_error(error);
}
