/*
 * Rows that no file brought: values set one by one, by the names of their columns.
 */
#ifndef TESTS_UNIT_HAND_MADE_ROW_H
#define TESTS_UNIT_HAND_MADE_ROW_H

#include "row/row.h"
#include "table/table.h"

#include <check.h>
#include <string.h>

static inline struct value *hand_made_value(struct row *row, enum table_id table, const char *name)
{
    int column = table_column_named(table_get(table), name);

    ck_assert_msg(column >= 0, "%s", name);
    row->values[column].present = true;
    return &row->values[column];
}

static inline void set_integer(struct row *row, enum table_id table, const char *name,
                               int64_t integer)
{
    hand_made_value(row, table, name)->integer = integer;
}

/* The text is borrowed. */
static inline void set_text(struct row *row, enum table_id table, const char *name,
                            const char *text)
{
    struct value *value = hand_made_value(row, table, name);

    value->text = text;
    value->length = strlen(text);
}

#endif
