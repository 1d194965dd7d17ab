#include "row/row.h"

void row_clear(struct row *row)
{
    for (size_t i = 0; i < TABLE_COLUMNS_MAX; i++)
        row->values[i].present = false;
}
