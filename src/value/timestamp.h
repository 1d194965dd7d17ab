/*
 * Text to point in time, and back (RFC 3339 and its relatives: ISO 8601 as PostgreSQL and Python
 * print it).
 */
#ifndef VALUE_TIMESTAMP_H
#define VALUE_TIMESTAMP_H

#include "value/value_fault.h"

#include <stddef.h>
#include <stdint.h>

/*
 * Reads "2016-08-19 09:16:40+00:00" and its variants: 'T' or 't' or one blank between date and
 * time; seconds and their fraction may be missing, as may the time as a whole (midnight);
 * the zone is "Z", "z", "+02", "+0530", "+05:30", "-03:30:15", may follow after one blank, and is
 * UTC when missing. Second 60 is the next minute's first, and 24:00:00 the next day's, as in
 * PostgreSQL (manual, B.1 "Date/Time Input Interpretation"). Fractions are rounded to
 * microseconds. Years 0001 to 9999.
 *
 * Returns NULL and sets *microseconds since 2000-01-01 00:00:00 UTC (what PostgreSQL's binary
 * timestamptz holds), or the fault: VALUE_FAULT_TYPE ("not a timestamp like 2016-08-19
 * 09:16:40+00:00", "no such day") or VALUE_FAULT_RANGE ("month out of range", "hour out of range",
 * ...).
 */
const struct value_fault *timestamp_parse(const char *text, size_t length, int64_t *microseconds);

/* Room for any result of timestamp_format, and the final NUL. */
enum { TIMESTAMP_TEXT_SIZE = 40 };

/* Writes such a time (years 0001 to 9999) as "2016-08-19 09:16:40+00:00", with a fraction of six
 * digits where there is one, and returns `text`. */
const char *timestamp_format(int64_t microseconds, char text[TIMESTAMP_TEXT_SIZE]);

#endif
