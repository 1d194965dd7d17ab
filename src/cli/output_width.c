#include "cli/output_width.h"

#include "value/integer.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* A terminal that does not know its size has the usual one. */
enum { WIDTH_USUAL = 80 };

/* 0: the user has not set it, or to no number. */
static int wanted_width(void)
{
    const char *columns = getenv("COLUMNS");
    int64_t width = 0;

    if (columns == NULL || integer_parse(columns, strlen(columns), &width) != NULL || width <= 0)
        return 0;
    return width < INT_MAX ? (int)width : INT_MAX;
}

static int terminal_width(int descriptor)
{
    struct winsize size = {0};

    if (!isatty(descriptor))
        return 0;
    return ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : WIDTH_USUAL;
}

int output_width(int descriptor)
{
    int width = wanted_width();

    if (width == 0)
        width = terminal_width(descriptor);
    return width != 0 && width < OUTPUT_WIDTH_MIN ? OUTPUT_WIDTH_MIN : width;
}
