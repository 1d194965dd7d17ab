/*
 * Two tables that are not TimeL-E's: one with placeholders, and one whose key has two columns.
 */
#ifndef TESTS_UNIT_STOCK_TABLES_H
#define TESTS_UNIT_STOCK_TABLES_H

#include "table/table.h"

static const struct column thing_columns[] = {
    {.name = "id", .type = COLUMN_BIGINT},
    {.name = "inferred", .type = COLUMN_BOOLEAN, .absent = ABSENT_INFERRED},
};

static const struct table things = {.schema = "stock",
                                    .name = "things",
                                    .columns = thing_columns,
                                    .column_count = 2,
                                    .key = {0},
                                    .key_count = 1};

static const struct column part_columns[] = {
    {.name = "thing_id", .type = COLUMN_BIGINT},
    {.name = "number", .type = COLUMN_INTEGER},
};

static const struct table parts = {.schema = "stock",
                                   .name = "parts",
                                   .columns = part_columns,
                                   .column_count = 2,
                                   .key = {0, 1},
                                   .key_count = 2};

#endif
