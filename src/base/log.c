#include "base/log.h"

#include "base/clock.h"
#include "base/display.h"
#include "base/log_event.h"
#include "base/workflow_command.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* A recursive mutex that is valid cannot fail to be locked, but for too many levels. */
void log_lock(struct log *log)
{
    int failure = log->mutex != NULL ? pthread_mutex_lock(log->mutex) : 0;

    assert(failure == 0);
    (void)failure;
}

void log_unlock(struct log *log)
{
    int failure = log->mutex != NULL ? pthread_mutex_unlock(log->mutex) : 0;

    assert(failure == 0);
    (void)failure;
}

static const char error_label[] = "error:";
static const char warning_label[] = "warning:";

/* The program's name and the label, where there is one, with its colour. */
static void print_label(const struct log *log, const char *label)
{
    bool is_error = strcmp(label, error_label) == 0;

    display_print(log->stream, "timele-load: ");
    if (label[0] == '\0')
        return;
    if (log->has_colors && (is_error || strcmp(label, warning_label) == 0))
        display_colored(log->stream, is_error ? DISPLAY_RED : DISPLAY_YELLOW, label);
    else
        display_print(log->stream, "%s", label);
    display_print(log->stream, " ");
}

/* `label` is "" for a note, NULL where the program's name is left out too. Nothing can be done
 * about a standard error that cannot be written. */
static void print_text(struct log *log, enum log_priority priority, const char *label,
                       const char *text)
{
    char now[CLOCK_TEXT_SIZE];

    if (log->has_priorities)
        display_print(log->stream, "<%d>", (int)priority);
    if (log->has_times)
        display_print(log->stream, "%s ", clock_utc(now));
    if (label != NULL)
        print_label(log, label);
    display_line(log->stream, "%s", text);
}

static void print_texts(struct log *log, const struct log_event *event, const char *label)
{
    print_text(log, event->priority, label, event->message);
    if (event->detail != NULL && event->detail[0] != '\0')
        print_text(log, event->priority, "detail:", event->detail);
    if (event->hint != NULL && event->hint[0] != '\0')
        print_text(log, event->priority, "hint:", event->hint);
}

/* The last annotation that GitHub shows is kept for the error that ends the run. */
static void print_github(struct log *log, const struct log_event *event, const char *label)
{
    bool ends_run = label != NULL && event->priority == PRIORITY_ERROR;

    if (event->priority > PRIORITY_WARNING ||
        (label == NULL && log->annotated >= LOG_ANNOTATIONS_MAX - 1)) {
        print_texts(log, event, label);
        return;
    }
    if (!ends_run && event->priority == PRIORITY_ERROR)
        log->annotated++;
    workflow_command_print(log->stream, event);
}

static void print_json(struct log *log, const struct log_event *event)
{
    char *line = log_event_json(event), short_line[LOG_EVENT_SHORT_SIZE];

    (void)display_json(log->stream, line != NULL ? line : log_event_short_json(event, short_line));
    display_end(log->stream);
    free(line);
}

static void print(struct log *log, const struct log_event *event, const char *label)
{
    log_lock(log);
    if (event->priority == PRIORITY_WARNING && log->warnings != NULL)
        warning_list_add(log->warnings, event->message);
    if (log->make_room != NULL)
        log->make_room(log->context);
    if (log->format == LOG_JSON)
        print_json(log, event);
    else if (log->format == LOG_GITHUB)
        print_github(log, event, label);
    else
        print_texts(log, event, label);
    (void)fflush(log->stream);
    log_unlock(log);
}

static void print_formatted(struct log *log, enum log_priority priority, const char *label,
                            const char *format, va_list arguments)
    __attribute__((format(printf, 4, 0)));

static void print_formatted(struct log *log, enum log_priority priority, const char *label,
                            const char *format, va_list arguments)
{
    char message[DISPLAY_PRINT_SIZE];
    const struct log_event event = {.priority = priority, .message = message};

    (void)vsnprintf(message, sizeof message, format, arguments);
    print(log, &event, label);
}

void log_warning(struct log *log, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    print_formatted(log, PRIORITY_WARNING, warning_label, format, arguments);
    va_end(arguments);
}

void log_note(struct log *log, const char *format, ...)
{
    va_list arguments;

    if (log->level < LOG_NORMAL)
        return;
    va_start(arguments, format);
    print_formatted(log, PRIORITY_INFO, "", format, arguments);
    va_end(arguments);
}

void log_verbose(struct log *log, const char *format, ...)
{
    va_list arguments;

    if (log->level < LOG_VERBOSE)
        return;
    va_start(arguments, format);
    print_formatted(log, PRIORITY_DEBUG, "", format, arguments);
    va_end(arguments);
}

void log_line(struct log *log, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    print_formatted(log, PRIORITY_ERROR, NULL, format, arguments);
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
    print(log, &event, NULL);
}

void log_error(struct log *log, const struct error *error)
{
    const struct log_event event = {.priority = PRIORITY_ERROR,
                                    .message = error->message,
                                    .detail = error->detail,
                                    .hint = error->hint,
                                    .file = error->file,
                                    .line = error->line};

    print(log, &event, error_label);
}
