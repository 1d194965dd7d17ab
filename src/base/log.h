/*
 * What a run says on standard error: warnings, notes, the final error, and what is wrong with rows.
 *
 * As text, each call prints whole lines, escaped by base/display. As JSON, each call prints one
 * object in one line, UTF-8 whatever came in; its members are described under --log-format in the
 * manual.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/error.h"
#include "base/log_event.h"
#include "base/warning_list.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>

enum log_level { LOG_QUIET, LOG_NORMAL, LOG_VERBOSE };

enum log_format {
    LOG_TEXT,
    LOG_JSON,
    LOG_GITHUB /* errors and warnings are workflow commands (base/workflow_command), the rest text
                */
};

/* So many errors of a step are shown by GitHub. Those of rows beyond them are text, so that the
 * error that ends the run is among them. */
enum { LOG_ANNOTATIONS_MAX = 10 };

/* Caller-owned; stream, warnings, mutex and context are borrowed. */
struct log {
    FILE *stream;
    enum log_level level;
    enum log_format format;
    bool has_times;      /* text: each line begins with the time */
    bool has_priorities; /* text: each line begins with "<3>" and the like, for the journal */
    bool has_colors;     /* text: "error:" and "warning:" are coloured */
    unsigned annotated;  /* GitHub: errors of files and rows that are annotations */
    struct warning_list *warnings; /* keeps the texts of the warnings; NULL: nobody wants them */

    /* Called before anything is printed, so that the progress line is cleared from the terminal. A
     * callback, because any part of the program logs at any time, and base/ does not know
     * cli/progress, which draws that line. */
    void (*make_room)(void *context); /* NULL: nobody does */
    void *context;

    /* Held while something is printed, by `make_room` and the warnings' list as well; recursive.
     * NULL: one thread logs alone. */
    pthread_mutex_t *mutex;
};

/* What is done between the two, no other thread's lines come into: for whoever prints something
 * beside the log, or lines that belong together. Nothing where there is no mutex. */
void log_lock(struct log *log);
void log_unlock(struct log *log);

/* "timele-load: warning: ..." at every level: something the person should look at. */
void log_warning(struct log *log, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* "timele-load: ..." from LOG_NORMAL on: worth knowing, nothing wrong. */
void log_note(struct log *log, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* "timele-load: ..." at LOG_VERBOSE only: what is being done. */
void log_verbose(struct log *log, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* An error's line as it is, without the program's name: one about a file. */
void log_line(struct log *log, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* `FILE:LINE: COLUMN: what is wrong ("value")`, an error; of several rows `("value" in 35 rows)`.
 */
void log_row(struct log *log, const struct log_row *row);

/* The error that ended the run: message, detail and hint, a line each. */
void log_error(struct log *log, const struct error *error);

#endif
