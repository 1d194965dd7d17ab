#include "write/copied_columns.h"

#include "write/absent.h"

static void add(struct copied_columns *copied, size_t column)
{
    copied->columns[copied->count++] = column;
}

void copied_columns_all(const struct dataset *dataset, struct copied_columns *copied)
{
    copied->count = 0;
    for (size_t i = 0; i < dataset->table->column_count; i++)
        if (dataset->database.catalog.columns[i].present)
            add(copied, i);
}

void copied_columns_needed(const struct dataset *dataset, const struct derived *derived,
                           struct copied_columns *copied)
{
    /* Placeholders are filled by rules of their own. */
    bool may_leave_out = id_set_is_empty(&dataset->files.inferred);

    copied->count = 0;
    for (size_t i = 0; i < dataset->table->column_count; i++)
        if (dataset->database.catalog.columns[i].present &&
            (!may_leave_out || dataset_has_column(dataset, i) ||
             !absent_is_default(dataset, derived, i)))
            add(copied, i);
}

void copied_columns_add(struct statement *statement, const struct table *table,
                        const struct copied_columns *copied)
{
    for (size_t i = 0; i < copied->count; i++) {
        statement_add(statement, "%s", i == 0 ? "" : ", ");
        statement_identifier(statement, table->columns[copied->columns[i]].name);
    }
}
