#include "base/log.h"

#include "base/clock.h"
#include "base/display.h"
#include "base/log_event.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>

#define PROGRAM "timele-load: "

static void print_text(struct log *log, enum log_priority priority, const char *prefix,
                       const char *text)
{
    char priority_mark[8] = "", now[CLOCK_TEXT_SIZE] = "";

    if (log->has_priorities)
        (void)snprintf(priority_mark, sizeof priority_mark, "<%d>", (int)priority);
    if (log->has_times)
        (void)clock_utc(now);
    /* Nothing can be done about a standard error that cannot be written. */
    display_line(log->stream, "%s%s%s%s%s", priority_mark, now, log->has_times ? " " : "", prefix,
                 text);
}

static void print_json(struct log *log, const struct log_event *event)
{
    char *line = log_event_json(event), short_line[LOG_EVENT_SHORT_SIZE];

    (void)display_json(log->stream, line != NULL ? line : log_event_short_json(event, short_line));
    display_end(log->stream);
    free(line);
}

/* `prefix` stands before the message where the format is text. */
static void print(struct log *log, const struct log_event *event, const char *prefix)
{
    if (log->make_room != NULL)
        log->make_room(log->context);
    if (log->format == LOG_JSON) {
        print_json(log, event);
    } else {
        print_text(log, event->priority, prefix, event->message);
        if (event->detail != NULL && event->detail[0] != '\0')
            print_text(log, event->priority, PROGRAM "detail: ", event->detail);
        if (event->hint != NULL && event->hint[0] != '\0')
            print_text(log, event->priority, PROGRAM "hint: ", event->hint);
    }
    (void)fflush(log->stream);
}

static void print_formatted(struct log *log, enum log_priority priority, const char *prefix,
                            const char *format, va_list arguments)
    __attribute__((format(printf, 4, 0)));

static void print_formatted(struct log *log, enum log_priority priority, const char *prefix,
                            const char *format, va_list arguments)
{
    char message[DISPLAY_PRINT_SIZE];
    const struct log_event event = {.priority = priority, .message = message};

    (void)vsnprintf(message, sizeof message, format, arguments);
    if (priority == PRIORITY_WARNING && log->warnings != NULL)
        warning_list_add(log->warnings, message);
    print(log, &event, prefix);
}

void log_warning(struct log *log, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    print_formatted(log, PRIORITY_WARNING, PROGRAM "warning: ", format, arguments);
    va_end(arguments);
}

void log_note(struct log *log, const char *format, ...)
{
    va_list arguments;

    if (log->level < LOG_NORMAL)
        return;
    va_start(arguments, format);
    print_formatted(log, PRIORITY_INFO, PROGRAM, format, arguments);
    va_end(arguments);
}

void log_verbose(struct log *log, const char *format, ...)
{
    va_list arguments;

    if (log->level < LOG_VERBOSE)
        return;
    va_start(arguments, format);
    print_formatted(log, PRIORITY_DEBUG, PROGRAM, format, arguments);
    va_end(arguments);
}

void log_line(struct log *log, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    print_formatted(log, PRIORITY_ERROR, "", format, arguments);
    va_end(arguments);
}

void log_row(struct log *log, const struct log_row *row)
{
    char message[DISPLAY_PRINT_SIZE], rows[40] = "";
    const struct log_event event = {.priority = PRIORITY_ERROR, .message = message, .row = row};

    if (row->rows > 1)
        (void)snprintf(rows, sizeof rows, " in %" PRIu64 " rows", row->rows);
    if (row->value != NULL)
        (void)snprintf(message, sizeof message, "%s:%" PRIu64 ": %s: %s (\"%s\"%s)", row->file,
                       row->line, row->column, row->reason, row->value, rows);
    else
        (void)snprintf(message, sizeof message, "%s:%" PRIu64 ": %s: %s%s", row->file, row->line,
                       row->column, row->reason, rows);
    print(log, &event, "");
}

void log_error(struct log *log, const struct error *error)
{
    const struct log_event event = {.priority = PRIORITY_ERROR,
                                    .message = error->message,
                                    .detail = error->detail,
                                    .hint = error->hint};

    print(log, &event, PROGRAM "error: ");
}
