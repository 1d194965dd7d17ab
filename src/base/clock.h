/*
 * Time that only goes forward, for measuring how long things take; and the time of day.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

/* Room for "2026-01-31T23:59:59.999Z". */
enum { CLOCK_TEXT_SIZE = 32 };

/* Seconds since an arbitrary moment (CLOCK_MONOTONIC). */
double clock_seconds(void);

/* The present time in UTC, as ISO 8601 with milliseconds; `text` is returned. */
const char *clock_utc(char text[CLOCK_TEXT_SIZE]);

#endif
