#include "cli/summary_database.h"

#include "base/display.h"
#include "cli/number.h"
#include "cli/text_table.h"
#include "target/sequences.h"

static const struct text_column columns_of_foreign_keys[] = {
    {.title = "foreign key"}, {.title = "rows", .is_number = true}, {.title = ""}};
static const struct text_column columns_of_sequences[] = {
    {.title = "sequence"}, {.title = "next value", .is_number = true}};

static const char *foreign_key_state(const struct run *run, const struct catalog_foreign_key *found)
{
    if (run->checked_only)
        return "known";
    if (!found->present)
        return found->unenforced ? "not enforced" : "not there";
    return "valid";
}

/* Rows that are in the database, or would be, because of the run, and have the column from it.
 * Those that are rejected, skipped or kept are not. */
static uint64_t rows_referring(const struct dataset *dataset, size_t column)
{
    uint64_t rows = dataset->done.inferred_loaded;

    for (size_t i = 0; i < dataset->source_count; i++) {
        const struct source *source = dataset->sources[i];

        if (source->field_of_column[column] >= 0)
            rows += source->rows_read - source->rows_bad - source->rows_skipped - source->rows_kept;
    }
    return rows;
}

static bool add_foreign_key(struct text_table *table, const struct run *run,
                            const struct dataset *dataset, size_t index)
{
    const struct column *column = &dataset->table->columns[index];
    const struct table *parent = table_get(column->references);
    uint64_t referring = rows_referring(dataset, index);
    char label[128], rows[NUMBER_SIZE];
    const char *const cells[] = {label, number_format((int64_t)referring, rows),
                                 foreign_key_state(run, &dataset->database.foreign_keys[index])};

    /* Where the parents are not known, nothing was judged. */
    if (referring == 0 || (run->checked_only && dataset->files.references_checked[index] == 0))
        return true;
    (void)snprintf(label, sizeof label, "%s.%s -> %s.%s", dataset->table->name, column->name,
                   parent->schema, parent->name);
    return text_table_add(table, cells, NULL);
}

/* An empty line stands above the table. */
static bool print_table(const struct text_table *table, int columns, FILE *stream)
{
    if (table->rows.count == 0)
        return true;
    display_end(stream);
    return text_table_print(table, columns, stream);
}

bool summary_foreign_keys_print(const struct run *run, int columns, FILE *stream)
{
    struct text_table table = {
        .columns = columns_of_foreign_keys, .column_count = 3, .label_indent = 2};
    bool printed = true;

    for (int id = 0; id < TABLE_COUNT; id++) {
        const struct dataset *dataset = &run->plan.datasets[id];

        for (size_t i = 0; printed && i < dataset->reference_count; i++)
            printed = add_foreign_key(&table, run, dataset, dataset->references[i]);
    }
    printed = printed && print_table(&table, columns, stream);
    text_table_free(&table);
    return printed;
}

bool summary_sequences_print(const struct run *run, bool all, int columns, FILE *stream)
{
    struct text_table table = {
        .columns = columns_of_sequences, .column_count = 2, .label_indent = 2};
    bool printed = true;

    for (int id = 0; printed && id < TABLE_COUNT; id++) {
        const struct dataset *dataset = &run->plan.datasets[id];
        const struct sequence *sequence = &dataset->database.sequence;
        char label[2 * CATALOG_NAME_SIZE], next[NUMBER_SIZE];
        const char *const cells[] = {label, number_format(sequence->next, next)};

        if (sequence->next == 0 || (!all && !sequences_has_moved(dataset)))
            continue;
        (void)snprintf(label, sizeof label, "%s.%s", sequence->schema, sequence->name);
        printed = text_table_add(&table, cells, NULL);
    }
    printed = printed && print_table(&table, columns, stream);
    text_table_free(&table);
    return printed;
}
