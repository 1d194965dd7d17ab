#include "row/row.h"

void row_clear(struct row *row, const struct source *source)
{
    row->source = source;
    for (size_t i = 0; i < TABLE_COLUMNS_MAX; i++)
        row->values[i].present = false;
}
