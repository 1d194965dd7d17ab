#include "plan/dataset.h"

bool dataset_has(const struct dataset *dataset, int64_t id)
{
    return line_index_get(&dataset->files.lines, id) != 0 ||
           id_set_contains(&dataset->files.inferred, id) ||
           (id_set_contains(&dataset->database.existing, id) && !dataset_deletes(dataset, id));
}

int64_t dataset_last_id(const struct dataset *dataset)
{
    const struct table *table = dataset->table;
    int column =
        table->sequence_column == NULL ? -1 : table_column_named(table, table->sequence_column);

    if (column < 0 || (dataset->database.sequence_sought && !dataset->database.sequence.present))
        return INT64_MAX;
    if (dataset->database.sequence.present)
        return dataset->database.sequence.maximum - 1;
    return (table->columns[column].type == COLUMN_INTEGER ? INT32_MAX : INT64_MAX) - 1;
}

bool dataset_has_column(const struct dataset *dataset, size_t column)
{
    for (size_t i = 0; i < dataset->source_count; i++)
        if (dataset->sources[i]->field_of_column[column] >= 0)
            return true;
    return false;
}

/* It is unknown which row of the table a bad row stands for, so with one no row can be said to be
 * in no file. */
bool dataset_replaces(const struct dataset *dataset)
{
    if (dataset->mode != MODE_REPLACE)
        return false;
    for (size_t i = 0; i < dataset->source_count; i++)
        if (dataset->sources[i]->rows_bad > 0)
            return false;
    return dataset->source_count > 0;
}

bool dataset_deletes(const struct dataset *dataset, int64_t id)
{
    return dataset_replaces(dataset) && (dataset->floor == 0 || id < dataset->floor) &&
           !id_set_contains(&dataset->database.existing_inferred, id);
}

/* Files are read in their order, so those that were have growing line_bases, and the others the
 * largest. */
struct source *dataset_source_of_line(const struct dataset *dataset, uint32_t line,
                                      uint64_t *line_in_file)
{
    size_t first = 0, behind = dataset->source_count;

    while (behind - first > 1) {
        size_t middle = first + (behind - first) / 2;

        if (dataset->sources[middle]->line_base < line)
            first = middle;
        else
            behind = middle;
    }
    *line_in_file = line;
    if (dataset->sources[first]->line_base < line)
        *line_in_file -= dataset->sources[first]->line_base;
    return dataset->sources[first];
}

bool dataset_note_unchanged(struct dataset *dataset, uint32_t line)
{
    uint64_t line_in_file;

    if (id_set_contains(&dataset->files.unchanged, line))
        return true;
    dataset_source_of_line(dataset, line, &line_in_file)->rows_unchanged++;
    return id_set_add(&dataset->files.unchanged, line);
}

/* Leaves out a line of this file. */
static bool leave_out(struct dataset *dataset, struct source *source, uint32_t line)
{
    if (id_set_contains(&dataset->files.unchanged, line)) {
        if (!id_set_remove(&dataset->files.unchanged, line))
            return false;
        source->rows_unchanged--;
    }
    return id_set_add(&dataset->files.left_out, line);
}

bool dataset_skip_line(struct dataset *dataset, uint32_t line)
{
    struct source *source;
    uint64_t line_in_file;

    /* A bad row that is a duplicate too is counted once, as bad. */
    if (id_set_contains(&dataset->files.left_out, line))
        return true;
    source = dataset_source_of_line(dataset, line, &line_in_file);
    source->rows_skipped++;
    return leave_out(dataset, source, line);
}

bool dataset_reject_line(struct dataset *dataset, uint32_t line)
{
    uint64_t line_in_file;
    struct source *source = dataset_source_of_line(dataset, line, &line_in_file);

    source->rows_bad++;
    return leave_out(dataset, source, line) &&
           (!dataset->files.sets_aside || id_set_add(&dataset->files.rejected, line));
}

bool dataset_keep_existing(struct dataset *dataset, uint32_t line)
{
    struct source *source;
    uint64_t line_in_file;

    if (id_set_contains(&dataset->files.left_out, line))
        return true;
    source = dataset_source_of_line(dataset, line, &line_in_file);
    source->rows_kept++;
    return leave_out(dataset, source, line);
}

void dataset_skip_kept(struct dataset *dataset, uint32_t line)
{
    uint64_t line_in_file;
    struct source *source = dataset_source_of_line(dataset, line, &line_in_file);

    source->rows_kept--;
    source->rows_skipped++;
}

bool dataset_is_loaded(const struct dataset *dataset)
{
    return dataset->source_count > 0 || !id_set_is_empty(&dataset->files.inferred);
}

uint64_t dataset_rows_loaded(const struct dataset *dataset)
{
    uint64_t rows = dataset->done.inferred_loaded;

    for (size_t i = 0; i < dataset->source_count; i++)
        rows += dataset->sources[i]->rows_loaded;
    return rows;
}

void dataset_free(struct dataset *dataset)
{
    id_set_free(&dataset->database.existing);
    id_set_free(&dataset->database.existing_inferred);
    named_keys_free(&dataset->files.named);
    paged_array_free(&dataset->database.digests);
    line_index_free(&dataset->files.lines);
    pair_index_free(&dataset->files.pairs);
    for (size_t i = 0; i < TABLE_COLUMNS_MAX; i++)
        text_index_free(&dataset->files.unique[i]);
    id_set_free(&dataset->files.left_out);
    id_set_free(&dataset->files.updates);
    id_set_free(&dataset->files.unchanged);
    id_set_free(&dataset->files.complete_parents);
    list_free(&dataset->files.takeovers);
    id_set_free(&dataset->files.inferred);
    id_set_free(&dataset->files.rejected);
    id_set_free(&dataset->files.continued);
    line_index_free(&dataset->files.rejected_rows);
}
