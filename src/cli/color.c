#include "cli/color.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool is_set(const char *variable)
{
    const char *value = getenv(variable);

    return value != NULL && value[0] != '\0';
}

bool color_is_wanted(enum color_when when, int descriptor)
{
    if (when != COLOR_AUTO)
        return when == COLOR_ALWAYS;
    return !is_set("NO_COLOR") && is_set("TERM") && strcmp(getenv("TERM"), "dumb") != 0 &&
           isatty(descriptor);
}
