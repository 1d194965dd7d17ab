#include "base/log.h"

#include <stdarg.h>

static void print(struct log *log, const char *prefix, const char *format, va_list arguments)
{
    /* Nothing can be done about a standard error that cannot be written. */
    (void)fputs(prefix, log->stream);
    (void)vfprintf(log->stream, format, arguments);
    (void)fputc('\n', log->stream);
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
