/*
 * One event of the log, and how it reads as JSON.
 */
#ifndef BASE_LOG_EVENT_H
#define BASE_LOG_EVENT_H

#include <stdint.h>

/* syslog(3)'s priorities. */
enum log_priority { PRIORITY_ERROR = 3, PRIORITY_WARNING = 4, PRIORITY_INFO = 6, PRIORITY_DEBUG };

/* What is wrong with a row. */
struct log_row {
    const char *file;
    uint64_t line;
    const char *column;
    const char *reason;
    uint64_t rows;     /* of which it is said; their first one is at `line` */
    const char *value; /* NULL: not shown */
    const char *code;  /* of the reason, for programs; NULL: none */
    const char *key;   /* of the row; NULL or "": none */
};

struct log_event {
    enum log_priority priority;
    const char *message;
    const char *detail, *hint; /* NULL or "": none */
    const struct log_row *row; /* NULL: it is about no row */
    const char *file;          /* that is wrong as a whole, or in its header; NULL or "": none */
    uint64_t line;             /* in that file; 0: none */
};

/* The event as a line of JSON, freed by free(); NULL when memory ran out. */
char *log_event_json(const struct log_event *event);

enum { LOG_EVENT_SHORT_SIZE = 2048 };

/* The same without detail, hint and row, and without allocating. A byte that is not ASCII becomes a
 * question mark; a longer message is cut. Returns `line`. */
const char *log_event_short_json(const struct log_event *event, char line[LOG_EVENT_SHORT_SIZE]);

#endif
