#include "cli/color.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* NULL when it is not set, or empty. */
static const char *value_of(const char *variable)
{
    const char *value = getenv(variable);

    return value != NULL && value[0] != '\0' ? value : NULL;
}

bool color_is_wanted(enum color_when when, int descriptor)
{
    const char *terminal = value_of("TERM");

    if (when != COLOR_AUTO)
        return when == COLOR_ALWAYS;
    return value_of("NO_COLOR") == NULL && terminal != NULL && strcmp(terminal, "dumb") != 0 &&
           isatty(descriptor);
}
