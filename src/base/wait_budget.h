/*
 * Waiting for what is not there yet: how long in all, and when to look again.
 */
#ifndef BASE_WAIT_BUDGET_H
#define BASE_WAIT_BUDGET_H

#include "base/error.h"

#include <stdbool.h>

/* Caller-owned; set up by wait_budget_begin, once for all that a run waits for. */
struct wait_budget {
    double seconds;  /* in all; 0: no waiting */
    double deadline; /* as clock_seconds() tells */
    double pause;    /* before the next look: 0.1 s, doubled each time, 2 s at most */
};

struct wait_budget wait_budget_begin(double seconds);

/* How many seconds are left; 0 when the time is up. */
double wait_budget_left(const struct wait_budget *budget);

/* Starts over with short pauses, for the next thing to wait for. */
void wait_budget_renew(struct wait_budget *budget);

/* Sleeps until it is time to look again, or the time is up. A signal ends it: false, with the
 * interrupt's error. */
bool wait_budget_pause(struct wait_budget *budget, struct error *error);

#endif
