#include "base/short_text.h"

#include <stdarg.h>
#include <stdio.h>

void short_text_append(struct short_text *text, const char *format, ...)
{
    size_t room = sizeof text->bytes - text->length;
    va_list arguments;
    int written;

    va_start(arguments, format);
    written = vsnprintf(text->bytes + text->length, room, format, arguments);
    va_end(arguments);
    text->is_cut = text->is_cut || written < 0 || (size_t)written >= room;
    if (written > 0)
        text->length += (size_t)written < room ? (size_t)written : room - 1;
}
