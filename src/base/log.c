#include "base/log.h"

#include <stdarg.h>

/* Room for the longest path and what is said of it. */
enum { LINE_SIZE = 8192 };

/* Values come escaped; a file's name may still hold what drives a terminal. */
static void replace_controls(char *line)
{
    for (; *line != '\0'; line++)
        if ((unsigned char)*line < ' ' || *line == '\x7F')
            *line = '?';
}

static void print(struct log *log, const char *prefix, const char *format, va_list arguments)
    __attribute__((format(printf, 3, 0)));

static void print(struct log *log, const char *prefix, const char *format, va_list arguments)
{
    char line[LINE_SIZE];

    (void)vsnprintf(line, sizeof line, format, arguments);
    replace_controls(line);
    /* Nothing can be done about a standard error that cannot be written. */
    (void)fprintf(log->stream, "%s%s\n", prefix, line);
    (void)fflush(log->stream);
}

void log_warning(struct log *log, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    print(log, "timele-load: warning: ", format, arguments);
    va_end(arguments);
}

void log_note(struct log *log, const char *format, ...)
{
    va_list arguments;

    if (log->level < LOG_NORMAL)
        return;
    va_start(arguments, format);
    print(log, "timele-load: ", format, arguments);
    va_end(arguments);
}

void log_verbose(struct log *log, const char *format, ...)
{
    va_list arguments;

    if (log->level < LOG_VERBOSE)
        return;
    va_start(arguments, format);
    print(log, "timele-load: ", format, arguments);
    va_end(arguments);
}

void log_line(struct log *log, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    print(log, "", format, arguments);
    va_end(arguments);
}

void log_error(struct log *log, const struct error *error)
{
    log_line(log, "timele-load: error: %s", error->message);
    if (error->detail[0] != '\0')
        log_line(log, "timele-load: detail: %s", error->detail);
    if (error->hint[0] != '\0')
        log_line(log, "timele-load: hint: %s", error->hint);
}
