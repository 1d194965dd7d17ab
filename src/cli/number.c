#include "cli/number.h"

#include <inttypes.h>
#include <stdio.h>

const char *number_format(int64_t number, char text[NUMBER_SIZE])
{
    char digits[NUMBER_SIZE];
    int length = snprintf(digits, sizeof digits, "%" PRId64, number);
    size_t used = 0;

    for (int i = 0; i < length; i++) {
        int left = length - i;

        if (i > 0 && left % 3 == 0 && digits[i - 1] != '-')
            text[used++] = ',';
        text[used++] = digits[i];
    }
    text[used] = '\0';
    return text;
}

const char *number_format_seconds(double seconds, char text[NUMBER_SIZE])
{
    int minutes = (int)(seconds / 60);

    if (minutes == 0)
        (void)snprintf(text, NUMBER_SIZE, "%.2f s", seconds);
    else
        (void)snprintf(text, NUMBER_SIZE, "%d min %02d s", minutes, (int)seconds - minutes * 60);
    return text;
}

const char *number_format_rate(uint64_t rows, double seconds, char text[NUMBER_SIZE])
{
    text[0] = '\0';
    if (seconds >= 0.01)
        (void)number_format((int64_t)((double)rows / seconds), text);
    return text;
}
