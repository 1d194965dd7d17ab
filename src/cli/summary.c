#include "cli/summary.h"

#include "cli/number.h"

#include <string.h>

/* Column widths that make a line of 80 characters at most. */
enum { FILE_WIDTH = 26, TABLE_WIDTH = 18, ROWS_WIDTH = 10, RATE_WIDTH = 10, LABEL_WIDTH = 47 };

/* A long path is shown by its end, which is what tells files apart. */
static const char *shorten(const char *path, char text[FILE_WIDTH + 1])
{
    size_t length = strlen(path);

    if (length <= FILE_WIDTH)
        return path;
    (void)snprintf(text, FILE_WIDTH + 1, "...%s", path + length - (FILE_WIDTH - 3));
    return text;
}

static void print_row(FILE *stream, const char *file, const struct table *table, uint64_t read,
                      uint64_t loaded, double seconds)
{
    char shown[FILE_WIDTH + 1], name[64], reads[NUMBER_SIZE], loads[NUMBER_SIZE], rate[NUMBER_SIZE];

    (void)snprintf(name, sizeof name, "%s.%s", table->schema, table->name);
    fprintf(stream, "%-*s  %-*s %*s %*s %*s\n", FILE_WIDTH, shorten(file, shown), TABLE_WIDTH, name,
            ROWS_WIDTH, number_format((int64_t)read, reads), ROWS_WIDTH,
            number_format((int64_t)loaded, loads), RATE_WIDTH,
            number_format_rate(loaded, seconds, rate));
}

static void print_files(const struct run *run, FILE *stream)
{
    fprintf(stream, "%-*s  %-*s %*s %*s %*s\n", FILE_WIDTH, "file", TABLE_WIDTH, "table",
            ROWS_WIDTH, "rows read", ROWS_WIDTH, "loaded", RATE_WIDTH, "rows/s");
    for (int id = 0; id < TABLE_COUNT; id++) {
        const struct dataset *dataset = &run->plan.datasets[id];

        for (size_t i = 0; i < dataset->source_count; i++)
            print_row(stream, dataset->sources[i]->path, dataset->table,
                      dataset->sources[i]->rows_read, dataset->sources[i]->rows_loaded,
                      dataset->sources[i]->seconds);
        if (dataset->inferred_loaded > 0)
            print_row(stream, "(inferred)", dataset->table, 0, dataset->inferred_loaded, 0);
    }
}

static void print_skipped(const struct run *run, FILE *stream)
{
    for (size_t i = 0; i < run->plan.source_count; i++) {
        const struct source *source = run->plan.sources[i];
        char rows[NUMBER_SIZE];

        if (source->rows_skipped > 0)
            fprintf(stream, "%s: %s row%s skipped as duplicate%s of another\n", source->path,
                    number_format((int64_t)source->rows_skipped, rows),
                    source->rows_skipped == 1 ? "" : "s", source->rows_skipped == 1 ? "" : "s");
    }
}

static void print_foreign_keys(const struct run *run, FILE *stream)
{
    bool titled = false;

    for (int id = 0; id < TABLE_COUNT; id++) {
        const struct dataset *dataset = &run->plan.datasets[id];

        for (size_t i = 0; i < dataset->table->column_count; i++) {
            const struct column *column = &dataset->table->columns[i];
            char label[128], rows[NUMBER_SIZE];

            if (!column->has_reference || !dataset_is_loaded(dataset))
                continue;
            if (!titled)
                fprintf(stream, "\n%-*s %*s\n", LABEL_WIDTH, "foreign key", ROWS_WIDTH + 1,
                        "checked");
            titled = true;
            (void)snprintf(label, sizeof label, "%s.%s -> %s.%s", dataset->table->name,
                           column->name, table_get(column->references)->schema,
                           table_get(column->references)->name);
            fprintf(stream, "%-*s %*s  %s\n", LABEL_WIDTH, label, ROWS_WIDTH + 1,
                    number_format(
                        (int64_t)(dataset->references_checked[i] + dataset->inferred_loaded), rows),
                    dataset->foreign_keys[i].present ? "valid" : "not in the database");
        }
    }
}

static void print_sequences(const struct run *run, FILE *stream)
{
    bool titled = false;

    for (int id = 0; id < TABLE_COUNT; id++) {
        const struct sequence *sequence = &run->plan.datasets[id].sequence;
        char label[160], next[NUMBER_SIZE];

        if (sequence->next == 0)
            continue;
        if (!titled)
            fprintf(stream, "\n%-*s %*s\n", LABEL_WIDTH, "sequence", ROWS_WIDTH + 1, "next value");
        titled = true;
        (void)snprintf(label, sizeof label, "%s.%s", sequence->schema, sequence->name);
        fprintf(stream, "%-*s %*s\n", LABEL_WIDTH, label, ROWS_WIDTH + 1,
                number_format(sequence->next, next));
    }
}

static void print_total(const struct run *run, FILE *stream)
{
    char rows[NUMBER_SIZE], time[NUMBER_SIZE], rate[NUMBER_SIZE];
    uint64_t loaded = 0;

    for (int id = 0; id < TABLE_COUNT; id++)
        loaded += dataset_rows_loaded(&run->plan.datasets[id]);
    fprintf(stream, "\n%s row%s loaded into %s in %s", number_format((int64_t)loaded, rows),
            loaded == 1 ? "" : "s", run->database, number_format_seconds(run->seconds, time));
    if (number_format_rate(loaded, run->seconds, rate)[0] != '\0')
        fprintf(stream, " (%s rows/s)", rate);
    fputs(", committed\n", stream);
}

bool summary_print(const struct run *run, FILE *stream)
{
    if (run->schema_reset)
        fprintf(stream, "schema: dropped\n");
    if (run->schema_created)
        fprintf(stream, "schema: created what was missing\n");
    if (run->plan.source_count > 0) {
        print_files(run, stream);
        print_skipped(run, stream);
        print_foreign_keys(run, stream);
        print_sequences(run, stream);
        print_total(run, stream);
    }
    return fflush(stream) == 0 && ferror(stream) == 0;
}
