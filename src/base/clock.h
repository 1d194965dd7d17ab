/* Time that only goes forward, for measuring how long things take. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

/* Seconds since an arbitrary moment (CLOCK_MONOTONIC). */
double clock_seconds(void);

#endif
