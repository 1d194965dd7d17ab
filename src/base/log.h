/*
 * What a run says on standard error: warnings, notes, the final error. Control characters in a text
 * are shown as '?', so that each call prints one line and none can drive a terminal.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/error.h"

#include <stdbool.h>
#include <stdio.h>

enum log_level { LOG_QUIET, LOG_NORMAL, LOG_VERBOSE };

/* Caller-owned; the stream is borrowed. */
struct log {
    FILE *stream;
    enum log_level level;
};

/* "timele-load: warning: ..." at every level: something the person should look at. */
void log_warning(struct log *log, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* "timele-load: ..." from LOG_NORMAL on: worth knowing, nothing wrong. */
void log_note(struct log *log, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* "timele-load: ..." at LOG_VERBOSE only: what is being done. */
void log_verbose(struct log *log, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A line as it is, without the program's name: a message about a row. */
void log_line(struct log *log, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The error that ended the run: message, detail and hint, a line each. */
void log_error(struct log *log, const struct error *error);

#endif
