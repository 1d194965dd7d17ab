#include "cli/summary.h"

#include "base/display.h"
#include "cli/number.h"
#include "load/reject_file.h"

#include <string.h>
#include <unistr.h>
#include <uniwidth.h>

/* Column widths that make a line of 80 characters at most; "order_status_history" is the longest
 * table. */
enum { FILE_WIDTH = 25, TABLE_WIDTH = 20, ROWS_WIDTH = 10, RATE_WIDTH = 10, LABEL_WIDTH = 48 };
enum { DATABASE_WIDTH = 60, DRY_DATABASE_WIDTH = 49, SHOWN_SIZE = DISPLAY_SIZE + 3 };

static int columns(const char *text)
{
    return u8_strwidth((const uint8_t *)text, "UTF-8");
}

/* Where the last `count` characters of a UTF-8 text begin. */
static const char *last_characters(const char *text, int count)
{
    const char *start = text + strlen(text);

    for (; start > text && count > 0; count--) {
        do {
            start--;
        } while (start > text && ((unsigned char)*start & 0xC0) == 0x80);
    }
    return start;
}

/* The text made fit to be shown in `width` columns; of a longer one the end, which is what tells
 * paths apart. */
static const char *shorten(const char *text, int width, char shown[SHOWN_SIZE])
{
    const char *tail = last_characters(text, width);
    char safe[DISPLAY_SIZE];
    const char *end = display_text(tail, strlen(tail), safe);
    bool cut = tail > text || columns(end) > width;

    while (cut && columns(end) > width - 3)
        end += u8_strmblen((const uint8_t *)end);
    (void)snprintf(shown, SHOWN_SIZE, "%s%s", cut ? "..." : "", end);
    return shown;
}

static void print_row(FILE *stream, const char *file, const struct table *table, uint64_t read,
                      uint64_t loaded, double seconds)
{
    char shown[SHOWN_SIZE], reads[NUMBER_SIZE], loads[NUMBER_SIZE], rate[NUMBER_SIZE];

    (void)shorten(file, FILE_WIDTH, shown);
    fprintf(stream, "%s%*s %-*s %*s %*s", shown, FILE_WIDTH - columns(shown), "", TABLE_WIDTH,
            table->name, ROWS_WIDTH, number_format((int64_t)read, reads), ROWS_WIDTH,
            number_format((int64_t)loaded, loads));
    if (number_format_rate(loaded > 0 ? loaded : read, seconds, rate)[0] != '\0')
        fprintf(stream, " %*s", RATE_WIDTH, rate);
    fprintf(stream, "\n");
}

static void print_files(const struct run *run, FILE *stream)
{
    fprintf(stream, "%-*s %-*s %*s %*s %*s\n", FILE_WIDTH, "file", TABLE_WIDTH, "table", ROWS_WIDTH,
            "rows read", ROWS_WIDTH, "loaded", RATE_WIDTH, "rows/s");
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
        char shown[SHOWN_SIZE], rows[NUMBER_SIZE];

        if (source->rows_skipped > 0)
            fprintf(stream, "%s: %s row%s skipped as duplicate%s of another\n",
                    shorten(source->path, FILE_WIDTH, shown),
                    number_format((int64_t)source->rows_skipped, rows),
                    source->rows_skipped == 1 ? "" : "s", source->rows_skipped == 1 ? "" : "s");
    }
}

static void print_rejected(const struct run *run, FILE *stream)
{
    for (size_t i = 0; run->rejects != NULL && i < run->plan.source_count; i++) {
        const struct source *source = run->plan.sources[i];
        char shown[SHOWN_SIZE], rows[NUMBER_SIZE], where[SHOWN_SIZE];

        if (source->rows_bad > 0)
            fprintf(
                stream, "%s: %s row%s rejected, see %s\n", shorten(source->path, FILE_WIDTH, shown),
                number_format((int64_t)source->rows_bad, rows), source->rows_bad == 1 ? "" : "s",
                shorten(reject_file_path(source->reject_file), FILE_WIDTH, where));
    }
}

static const char *foreign_key_state(const struct run *run, const struct catalog_foreign_key *found)
{
    if (run->checked_only)
        return "known";
    return found->present ? "valid" : "not there";
}

static void print_foreign_keys(const struct run *run, FILE *stream)
{
    bool titled = false;

    for (int id = 0; id < TABLE_COUNT; id++) {
        const struct dataset *dataset = &run->plan.datasets[id];

        for (size_t i = 0; i < dataset->table->column_count; i++) {
            const struct column *column = &dataset->table->columns[i];
            char label[128], rows[NUMBER_SIZE];

            if (!column->has_reference || !dataset_is_loaded(dataset) ||
                (run->checked_only && dataset->references_checked[i] == 0))
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
                    foreign_key_state(run, &dataset->foreign_keys[i]));
        }
    }
}

static void print_sequences(const struct run *run, FILE *stream)
{
    bool titled = false;

    for (int id = 0; id < TABLE_COUNT; id++) {
        const struct sequence *sequence = &run->plan.datasets[id].sequence;
        char label[2 * CATALOG_NAME_SIZE], shown[SHOWN_SIZE], next[NUMBER_SIZE];

        if (sequence->next == 0)
            continue;
        if (!titled)
            fprintf(stream, "\n%-*s %*s\n", LABEL_WIDTH, "sequence", ROWS_WIDTH + 1, "next value");
        titled = true;
        (void)snprintf(label, sizeof label, "%s.%s", sequence->schema, sequence->name);
        fprintf(stream, "%-*s %*s\n", LABEL_WIDTH, shorten(label, LABEL_WIDTH, shown),
                ROWS_WIDTH + 1, number_format(sequence->next, next));
    }
}

static void print_total(const struct run *run, FILE *stream)
{
    char rows[NUMBER_SIZE], time[NUMBER_SIZE], rate[NUMBER_SIZE], database[SHOWN_SIZE];
    uint64_t loaded = 0;

    for (int id = 0; id < TABLE_COUNT; id++)
        loaded += dataset_rows_loaded(&run->plan.datasets[id]);
    fprintf(stream, "\n%s row%s loaded in %s", number_format((int64_t)loaded, rows),
            loaded == 1 ? "" : "s", number_format_seconds(run->seconds, time));
    if (number_format_rate(loaded, run->seconds, rate)[0] != '\0')
        fprintf(stream, " (%s rows/s)", rate);
    fprintf(stream, "\n");
    if (!run->dry)
        fprintf(stream, "committed to %s\n", shorten(run->database, DATABASE_WIDTH, database));
}

static void print_dry_run(const struct run *run, FILE *stream)
{
    char database[SHOWN_SIZE];

    fprintf(stream, "dry run: nothing committed to %s\n",
            shorten(run->database, DRY_DATABASE_WIDTH, database));
}

static void print_checked(const struct run *run, FILE *stream)
{
    char rows[NUMBER_SIZE], time[NUMBER_SIZE], rate[NUMBER_SIZE];
    uint64_t read = 0;

    for (size_t i = 0; i < run->plan.source_count; i++)
        read += run->plan.sources[i]->rows_read;
    fprintf(stream, "\n%s row%s checked in %s", number_format((int64_t)read, rows),
            read == 1 ? "" : "s", number_format_seconds(run->seconds, time));
    if (number_format_rate(read, run->seconds, rate)[0] != '\0')
        fprintf(stream, " (%s rows/s)", rate);
    fprintf(stream, "\n%s, nothing loaded\n",
            run_rows_rejected(run) > 0 ? "some rows are bad" : "nothing wrong");
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
        print_rejected(run, stream);
        print_foreign_keys(run, stream);
        print_sequences(run, stream);
        if (run->checked_only)
            print_checked(run, stream);
        else
            print_total(run, stream);
    }
    if (run->dry)
        print_dry_run(run, stream);
    return fflush(stream) == 0 && ferror(stream) == 0;
}
