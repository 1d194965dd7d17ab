/*
 * The tables as they are described, for what looks at their columns.
 */
#ifndef TESTS_UNIT_DESCRIBED_TABLE_H
#define TESTS_UNIT_DESCRIBED_TABLE_H

#include "table/table.h"

#include <stddef.h>
#include <string.h>

/* NULL: the table has no such column. */
static inline const struct column *column_of_header(const struct table *table, const char *header)
{
    int column = table_column_of_header(table, header, strlen(header));

    return column < 0 ? NULL : &table->columns[column];
}

#endif
