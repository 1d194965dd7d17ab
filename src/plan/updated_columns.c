#include "plan/updated_columns.h"

bool updated_columns_have(const struct dataset *dataset, const struct source *source, size_t column)
{
    const struct column *description = &dataset->table->columns[column];

    if (!dataset->database.catalog.columns[column].present || description->stable ||
        table_is_key(dataset->table, column))
        return false;
    return source->field_of_column[column] >= 0 ||
           (description->absent == ABSENT_GIVEN &&
            source->field_of_column[dataset->copy_of[column]] >= 0);
}

static const struct source *largest_file(const struct dataset *dataset)
{
    const struct source *largest = dataset->sources[0];

    for (size_t i = 1; i < dataset->source_count; i++)
        if (input_size(dataset->sources[i]->input) > input_size(largest->input))
            largest = dataset->sources[i];
    return largest;
}

static void list_columns(const struct dataset *dataset, const struct source *source,
                         struct row_digest_columns *columns)
{
    const struct table *table = dataset->table;

    columns->table = table;
    columns->count = 0;
    for (size_t part = 1; part < table->key_count; part++)
        columns->columns[columns->count++] = table->key[part];
    for (size_t i = 0; dataset->mode != MODE_SKIP && i < table->column_count; i++)
        if (updated_columns_have(dataset, source, i))
            columns->columns[columns->count++] = i;
}

void updated_columns_compare(const struct dataset *dataset, struct row_digest_columns *compared)
{
    list_columns(dataset, largest_file(dataset), compared);
}

bool updated_columns_are_compared(const struct dataset *dataset, const struct source *source)
{
    const struct row_digest_columns *compared = &dataset->database.compared;
    struct row_digest_columns needed;
    bool same;

    if (compared->table == NULL)
        return false;
    list_columns(dataset, source, &needed);
    same = needed.count == compared->count;
    for (size_t i = 0; same && i < needed.count; i++)
        same = needed.columns[i] == compared->columns[i];
    return same;
}
