#include "csv/line_split.h"

void line_split_start(struct line_split *split)
{
    *split = (struct line_split){.line = 1};
}

size_t line_split_next(struct line_split *split, const char *bytes, size_t length)
{
    size_t used = 0;

    if (split->ended || (split->after_return && bytes[0] != '\n')) {
        split->line++;
        split->ended = false;
        split->after_return = false;
    }
    if (split->after_return) {
        split->after_return = false;
        split->ended = true;
        return 1;
    }
    while (used < length && bytes[used] != '\n' && bytes[used] != '\r')
        used++;
    if (used == length)
        return length;
    split->ended = bytes[used] == '\n';
    split->after_return = bytes[used] == '\r';
    return used + 1;
}
