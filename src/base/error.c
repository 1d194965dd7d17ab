#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

bool error_set(struct error *error, enum error_kind kind, const char *format, ...)
{
    va_list arguments;

    error->ignores = error->kind != ERROR_NONE;
    if (error->ignores)
        return false;
    error->kind = kind;
    error->state[0] = '\0';
    error->detail[0] = '\0';
    error->hint[0] = '\0';
    error->file[0] = '\0';
    error->line = 0;
    va_start(arguments, format);
    (void)vsnprintf(error->message, sizeof error->message, format, arguments);
    va_end(arguments);
    return false;
}

bool error_detail(struct error *error, const char *format, ...)
{
    va_list arguments;

    if (error->ignores)
        return false;
    va_start(arguments, format);
    (void)vsnprintf(error->detail, sizeof error->detail, format, arguments);
    va_end(arguments);
    return false;
}

bool error_hint(struct error *error, const char *format, ...)
{
    va_list arguments;

    if (error->ignores)
        return false;
    va_start(arguments, format);
    (void)vsnprintf(error->hint, sizeof error->hint, format, arguments);
    va_end(arguments);
    return false;
}

bool error_in_file(struct error *error, const char *file)
{
    size_t length = strlen(file);

    if (error->ignores || length >= sizeof error->file)
        return false;
    memcpy(error->file, file, length + 1);
    if (strncmp(error->message, file, length) == 0 && error->message[length] == ':')
        error->line = strtoull(error->message + length + 1, NULL, 10);
    return false;
}

bool error_memory(struct error *error)
{
    return error_set(error, ERROR_INTERNAL, "out of memory");
}

enum error_kind error_kind_of_file(int reason)
{
    return reason == ENOMEM ? ERROR_INTERNAL : ERROR_FILE;
}

bool error_copy(struct error *error, const struct error *other)
{
    bool ignores = error->kind != ERROR_NONE;

    if (!ignores)
        *error = *other;
    error->ignores = ignores;
    return false;
}

int error_exit_status(enum error_kind kind)
{
    switch (kind) {
#define ERROR_KIND(symbol, status, name, meaning)                                                  \
    case ERROR_##symbol:                                                                           \
        return status;
#include "base/error_kind.def"
#undef ERROR_KIND
    case ERROR_STOPPED:
        break;
    }
    return 70;
}

const char *error_kind_name(enum error_kind kind)
{
    switch (kind) {
#define ERROR_KIND(symbol, status, name, meaning)                                                  \
    case ERROR_##symbol:                                                                           \
        return name;
#include "base/error_kind.def"
#undef ERROR_KIND
    case ERROR_STOPPED:
        break;
    }
    return "internal error";
}
