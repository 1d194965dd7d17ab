#include "cli/summary_files.h"

#include "check/reject_file.h"
#include "cli/number.h"
#include "cli/text_fit.h"
#include "cli/text_fold.h"
#include "cli/text_table.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { CELL_FILE, CELL_TABLE, CELL_READ, CELL_LOADED, CELL_RATE, CELL_COUNT };

static const struct text_column columns_of_files[CELL_COUNT] = {
    [CELL_FILE] = {.title = "file"},
    [CELL_TABLE] = {.title = "table", .rank = 2},
    [CELL_READ] = {.title = "rows read", .is_number = true},
    [CELL_LOADED] = {.title = "loaded", .is_number = true},
    [CELL_RATE] = {.title = "rows/s", .is_number = true, .rank = 1},
};

/* Without a database nothing is loaded. */
static bool add_file(struct text_table *table, const struct run *run, const struct source *source)
{
    char reads[NUMBER_SIZE], loads[NUMBER_SIZE], rate[NUMBER_SIZE];
    const char *const cells[CELL_COUNT] = {
        source->path,
        source->table->name,
        number_format((int64_t)source->rows_read, reads),
        run->checked_only ? NULL : number_format((int64_t)source->rows_loaded, loads),
        number_format_rate(source->rows_read, source->seconds, rate),
    };

    return text_table_add(table, cells, NULL);
}

/* No file has these rows. */
static bool add_inferred(struct text_table *table, const struct dataset *dataset)
{
    char loads[NUMBER_SIZE], alone[64];
    const char *const cells[CELL_COUNT] = {
        "(inferred)", dataset->table->name, "0",
        number_format((int64_t)dataset->done.inferred_loaded, loads), NULL};

    (void)snprintf(alone, sizeof alone, "%s, inferred", dataset->table->name);
    return text_table_add(table, cells, alone);
}

static bool print_files(const struct run *run, int columns, FILE *stream)
{
    struct text_table table = {
        .columns = columns_of_files, .column_count = CELL_COUNT, .has_paths = true};
    bool printed = true;

    for (int id = 0; printed && id < TABLE_COUNT; id++) {
        const struct dataset *dataset = &run->plan.datasets[id];

        for (size_t i = 0; printed && i < dataset->source_count; i++)
            printed = add_file(&table, run, dataset->sources[i]);
        if (printed && dataset->done.inferred_loaded > 0)
            printed = add_inferred(&table, dataset);
    }
    printed = printed && (table.rows.count == 0 || text_table_print(&table, columns, stream));
    text_table_free(&table);
    return printed;
}

static bool print_loaded_before(const struct source *source, int columns, FILE *stream)
{
    char text[128];

    if (source->loaded_before == 0)
        return true;
    (void)snprintf(text, sizeof text, "skipped, run %" PRId64 " has loaded it on %s",
                   source->loaded_before, source->loaded_at);
    return text_fold_print_about(stream, columns, source->path, text);
}

static bool print_duplicates(const struct source *source, int columns, FILE *stream)
{
    const char *plural = source->rows_skipped == 1 ? "" : "s";
    char text[128], rows[NUMBER_SIZE];

    if (source->rows_skipped == 0)
        return true;
    (void)snprintf(text, sizeof text, "%s row%s skipped as duplicate%s of another",
                   number_format((int64_t)source->rows_skipped, rows), plural, plural);
    return text_fold_print_about(stream, columns, source->path, text);
}

static bool print_rejected(const struct source *source, int columns, FILE *stream)
{
    char *text = NULL, rows[NUMBER_SIZE];
    bool printed;

    if (source->rows_bad == 0 || source->reject_file == NULL)
        return true;
    if (asprintf(&text, "%s row%s rejected, see %s", number_format((int64_t)source->rows_bad, rows),
                 source->rows_bad == 1 ? "" : "s", reject_file_path(source->reject_file)) < 0)
        return false;
    printed = text_fold_print_about(stream, columns, source->path, text);
    free(text);
    return printed;
}

/* Adds "5 updated" to a list; nothing for 0. */
static void add_count(char list[128], uint64_t rows, const char *what)
{
    size_t used = strlen(list);
    char number[NUMBER_SIZE];

    if (rows > 0)
        (void)snprintf(list + used, 128 - used, "%s%s %s", used > 0 ? ", " : "",
                       number_format((int64_t)rows, number), what);
}

/* Rows that the database had already. */
static bool print_existing(const struct source *source, int columns, FILE *stream)
{
    char list[128] = "";

    add_count(list, source->rows_updated, "updated");
    add_count(list, source->rows_unchanged, "unchanged");
    add_count(list, source->rows_kept, "kept as the database has them");
    return list[0] == '\0' || text_fold_print_about(stream, columns, source->path, list);
}

static bool print_deleted(const struct dataset *dataset, int columns, FILE *stream)
{
    char text[256], rows[NUMBER_SIZE];

    if (dataset->done.rows_deleted == 0)
        return true;
    (void)snprintf(text, sizeof text, "%s.%s: %s deleted, in no file", dataset->table->schema,
                   dataset->table->name, number_format((int64_t)dataset->done.rows_deleted, rows));
    return text_fold_print(stream, columns, 2, text);
}

bool summary_files_print(const struct run *run, int columns, FILE *stream)
{
    static bool (*const prints[])(const struct source *, int, FILE *) = {
        print_loaded_before, print_duplicates, print_rejected, print_existing};
    bool printed = print_files(run, columns, stream);

    for (size_t k = 0; k < sizeof prints / sizeof prints[0]; k++)
        for (size_t i = 0; printed && i < run->plan.source_count; i++)
            printed = prints[k](run->plan.sources[i], columns, stream);
    for (int id = 0; printed && id < TABLE_COUNT; id++)
        printed = print_deleted(&run->plan.datasets[id], columns, stream);
    return printed;
}
