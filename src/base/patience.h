/*
 * Waiting for what is not there yet: how long in all, and when to look again.
 */
#ifndef BASE_PATIENCE_H
#define BASE_PATIENCE_H

#include "base/error.h"

#include <stdbool.h>

/* Caller-owned; set up by patience_begin, once for all that a run waits for. */
struct patience {
    double seconds;  /* in all; 0: no waiting */
    double deadline; /* as clock_seconds() tells */
    double pause;    /* before the next look: 0.1 s, doubled each time, 2 s at most */
};

struct patience patience_begin(double seconds);

/* How many seconds are left; 0 when the time is up. */
double patience_left(const struct patience *patience);

/* Starts over with short pauses, for the next thing to wait for. */
void patience_renew(struct patience *patience);

/* Sleeps until it is time to look again, or the time is up. A signal ends it: false, with the
 * interrupt's error. */
bool patience_pause(struct patience *patience, struct error *error);

#endif
