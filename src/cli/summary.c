#include "cli/summary.h"

#include "base/display.h"
#include "check/reject_file.h"
#include "cli/invariant_list.h"
#include "cli/number.h"
#include "cli/text_fit.h"

#include <inttypes.h>

/* Column widths that make a line of 80 characters at most; "order_status_history" is the longest
 * table. */
enum { FILE_WIDTH = 25, TABLE_WIDTH = 20, ROWS_WIDTH = 10, RATE_WIDTH = 10, LABEL_WIDTH = 48 };
enum { DATABASE_WIDTH = 60, DRY_DATABASE_WIDTH = 49 };

/* A line of the table of files. */
struct file_line {
    const char *file;
    const struct table *table;
    uint64_t read, loaded;
    double seconds;
};

static void print_file(FILE *stream, const struct file_line *line)
{
    char shown[TEXT_FIT_SIZE], reads[NUMBER_SIZE], loads[NUMBER_SIZE], rate[NUMBER_SIZE];

    (void)text_fit(line->file, FILE_WIDTH, shown);
    display_print(stream, "%s%*s %-*s %*s %*s", shown, FILE_WIDTH - text_columns(shown), "",
                  TABLE_WIDTH, line->table->name, ROWS_WIDTH,
                  number_format((int64_t)line->read, reads), ROWS_WIDTH,
                  number_format((int64_t)line->loaded, loads));
    if (number_format_rate(line->read, line->seconds, rate)[0] != '\0')
        display_print(stream, " %*s", RATE_WIDTH, rate);
    display_end(stream);
}

static void print_files(const struct run *run, FILE *stream)
{
    display_line(stream, "%-*s %-*s %*s %*s %*s", FILE_WIDTH, "file", TABLE_WIDTH, "table",
                 ROWS_WIDTH, "rows read", ROWS_WIDTH, "loaded", RATE_WIDTH, "rows/s");
    for (int id = 0; id < TABLE_COUNT; id++) {
        const struct dataset *dataset = &run->plan.datasets[id];

        for (size_t i = 0; i < dataset->source_count; i++) {
            const struct source *source = dataset->sources[i];

            print_file(stream, &(struct file_line){.file = source->path,
                                                   .table = dataset->table,
                                                   .read = source->rows_read,
                                                   .loaded = source->rows_loaded,
                                                   .seconds = source->seconds});
        }
        if (dataset->done.inferred_loaded > 0)
            print_file(stream, &(struct file_line){.file = "(inferred)",
                                                   .table = dataset->table,
                                                   .loaded = dataset->done.inferred_loaded});
    }
}

static void print_skipped(const struct run *run, FILE *stream)
{
    for (size_t i = 0; i < run->plan.source_count; i++) {
        const struct source *source = run->plan.sources[i];
        char shown[TEXT_FIT_SIZE], rows[NUMBER_SIZE];

        if (source->loaded_before != 0)
            display_line(stream, "%s: skipped, run %" PRId64 " has loaded it on %s",
                         text_fit(source->path, FILE_WIDTH, shown), source->loaded_before,
                         source->loaded_at);
        if (source->rows_skipped > 0)
            display_line(stream, "%s: %s row%s skipped as duplicate%s of another",
                         text_fit(source->path, FILE_WIDTH, shown),
                         number_format((int64_t)source->rows_skipped, rows),
                         source->rows_skipped == 1 ? "" : "s",
                         source->rows_skipped == 1 ? "" : "s");
    }
}

static void print_rejected(const struct run *run, FILE *stream)
{
    for (size_t i = 0; run->rejects != NULL && i < run->plan.source_count; i++) {
        const struct source *source = run->plan.sources[i];
        char shown[TEXT_FIT_SIZE], rows[NUMBER_SIZE], where[TEXT_FIT_SIZE];

        if (source->rows_bad > 0)
            display_line(
                stream, "%s: %s row%s rejected, see %s", text_fit(source->path, FILE_WIDTH, shown),
                number_format((int64_t)source->rows_bad, rows), source->rows_bad == 1 ? "" : "s",
                text_fit(reject_file_path(source->reject_file), FILE_WIDTH, where));
    }
}

/* Prints a count of rows, "5 updated"; nothing for 0. Returns what separates it from the next
 * count. */
static const char *print_count(FILE *stream, const char *separator, uint64_t rows, const char *what)
{
    char number[NUMBER_SIZE];

    if (rows == 0)
        return separator;
    display_print(stream, "%s%s %s", separator, number_format((int64_t)rows, number), what);
    return ", ";
}

/* Rows that the database had already. */
static void print_existing(const struct run *run, FILE *stream)
{
    for (size_t i = 0; i < run->plan.source_count; i++) {
        const struct source *source = run->plan.sources[i];
        const char *separator = ": ";
        char shown[TEXT_FIT_SIZE];

        if (source->rows_updated + source->rows_unchanged + source->rows_kept == 0)
            continue;
        display_print(stream, "%s", text_fit(source->path, FILE_WIDTH, shown));
        separator = print_count(stream, separator, source->rows_updated, "updated");
        separator = print_count(stream, separator, source->rows_unchanged, "unchanged");
        (void)print_count(stream, separator, source->rows_kept, "kept as the database has them");
        display_end(stream);
    }
    for (int id = 0; id < TABLE_COUNT; id++) {
        const struct dataset *dataset = &run->plan.datasets[id];
        char rows[NUMBER_SIZE];

        if (dataset->done.rows_deleted > 0)
            display_line(stream, "%s.%s: %s deleted, in no file", dataset->table->schema,
                         dataset->table->name,
                         number_format((int64_t)dataset->done.rows_deleted, rows));
    }
}

static const char *foreign_key_state(const struct run *run, const struct catalog_foreign_key *found)
{
    if (run->checked_only)
        return "known";
    if (!found->present)
        return found->unenforced ? "not enforced" : "not there";
    return "valid";
}

static void print_title(FILE *stream, const char *label, const char *number)
{
    display_end(stream);
    display_line(stream, "%-*s %*s", LABEL_WIDTH, label, ROWS_WIDTH + 1, number);
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
                (run->checked_only && dataset->files.references_checked[i] == 0))
                continue;
            if (!titled)
                print_title(stream, "foreign key", "checked");
            titled = true;
            (void)snprintf(label, sizeof label, "%s.%s -> %s.%s", dataset->table->name,
                           column->name, table_get(column->references)->schema,
                           table_get(column->references)->name);
            display_line(stream, "%-*s %*s  %s", LABEL_WIDTH, label, ROWS_WIDTH + 1,
                         number_format((int64_t)(dataset->files.references_checked[i] +
                                                 dataset->done.inferred_loaded),
                                       rows),
                         foreign_key_state(run, &dataset->database.foreign_keys[i]));
        }
    }
}

static void print_sequences(const struct run *run, FILE *stream)
{
    bool titled = false;

    for (int id = 0; id < TABLE_COUNT; id++) {
        const struct sequence *sequence = &run->plan.datasets[id].database.sequence;
        char label[2 * CATALOG_NAME_SIZE], shown[TEXT_FIT_SIZE], next[NUMBER_SIZE];

        if (sequence->next == 0)
            continue;
        if (!titled)
            print_title(stream, "sequence", "next value");
        titled = true;
        (void)snprintf(label, sizeof label, "%s.%s", sequence->schema, sequence->name);
        display_line(stream, "%-*s %*s", LABEL_WIDTH, text_fit(label, LABEL_WIDTH, shown),
                     ROWS_WIDTH + 1, number_format(sequence->next, next));
    }
}

static void print_total(const struct run *run, FILE *stream)
{
    char rows[NUMBER_SIZE], time[NUMBER_SIZE], rate[NUMBER_SIZE], database[TEXT_FIT_SIZE];
    uint64_t loaded = 0, updated = 0, deleted = 0;

    for (int id = 0; id < TABLE_COUNT; id++) {
        loaded += dataset_rows_loaded(&run->plan.datasets[id]);
        deleted += run->plan.datasets[id].done.rows_deleted;
    }
    for (size_t i = 0; i < run->plan.source_count; i++)
        updated += run->plan.sources[i]->rows_updated;
    display_end(stream);
    display_print(stream, "%s row%s loaded", number_format((int64_t)loaded, rows),
                  loaded == 1 ? "" : "s");
    (void)print_count(stream, ", ", updated, "updated");
    (void)print_count(stream, ", ", deleted, "deleted");
    display_print(stream, " in %s", number_format_seconds(run->seconds, time));
    if (loaded > 0 && number_format_rate(loaded + updated, run->seconds, rate)[0] != '\0')
        display_print(stream, " (%s rows/s)", rate);
    display_end(stream);
    if (!run->dry)
        display_line(stream, "committed to %s", text_fit(run->database, DATABASE_WIDTH, database));
}

static void print_dry_run(const struct run *run, FILE *stream)
{
    char database[TEXT_FIT_SIZE];

    display_line(stream, "dry run: nothing committed to %s",
                 text_fit(run->database, DRY_DATABASE_WIDTH, database));
}

/* References of the files to rows that only a database could have: no file has their table. A file
 * that was not read to its end has ended the run. */
static void print_unjudged(const struct run *run, FILE *stream)
{
    bool titled = false;

    for (int id = 0; id < TABLE_COUNT; id++) {
        const struct dataset *dataset = &run->plan.datasets[id];

        for (size_t i = 0; i < dataset->reference_count; i++) {
            const struct column *column = &dataset->table->columns[dataset->references[i]];
            const struct dataset *parent = &run->plan.datasets[column->references];

            if (!parent->files.incomplete || !dataset_has_column(dataset, dataset->references[i]))
                continue;
            if (!titled)
                display_line(stream, "not judged without a database:");
            titled = true;
            display_line(stream, "  %s.%s (no file has %s)", dataset->table->name, column->name,
                         parent->table->dataset);
        }
    }
}

static void print_checked(const struct run *run, FILE *stream)
{
    char rows[NUMBER_SIZE], time[NUMBER_SIZE], rate[NUMBER_SIZE];
    uint64_t read = 0;

    for (size_t i = 0; i < run->plan.source_count; i++)
        read += run->plan.sources[i]->rows_read;
    display_end(stream);
    display_print(stream, "%s row%s checked in %s", number_format((int64_t)read, rows),
                  read == 1 ? "" : "s", number_format_seconds(run->seconds, time));
    if (number_format_rate(read, run->seconds, rate)[0] != '\0')
        display_print(stream, " (%s rows/s)", rate);
    display_end(stream);
    display_line(stream, "%s, nothing loaded",
                 run_rows_rejected(run) > 0 ? "some rows are bad" : "nothing wrong");
    print_unjudged(run, stream);
}

/* In the summary of a load they stand between the sequences and the total; after --verify alone
 * they are all of it. */
static void print_invariants(const struct run *run, FILE *stream)
{
    char time[NUMBER_SIZE], database[TEXT_FIT_SIZE];

    if (run->invariants.list.count == 0)
        return;
    if (!run->verified_only)
        display_end(stream);
    (void)invariant_list_print(&run->invariants, stream);
    if (!run->verified_only)
        return;
    display_end(stream);
    display_line(stream, "%zu invariants checked in %s", run->invariants.list.count,
                 number_format_seconds(run->seconds, time));
    if (run->invariants.proven_count > 0)
        display_line(stream, "%zu proven by constraints, whose rows --verify=full reads",
                     run->invariants.proven_count);
    display_line(stream, "all hold in %s", text_fit(run->database, DATABASE_WIDTH, database));
}

bool summary_print(const struct run *run, FILE *stream)
{
    if (run->schema_reset)
        display_line(stream, "schema: dropped");
    if (run->schema_created)
        display_line(stream, "schema: created what was missing");
    if (run->api_created)
        display_line(stream, "API: created or brought up to date");
    if (run->plan.source_count > 0) {
        print_files(run, stream);
        print_skipped(run, stream);
        print_rejected(run, stream);
        print_existing(run, stream);
        print_foreign_keys(run, stream);
        print_sequences(run, stream);
    }
    print_invariants(run, stream);
    if (run->plan.source_count > 0) {
        if (run->checked_only)
            print_checked(run, stream);
        else
            print_total(run, stream);
    }
    if (run->dry)
        print_dry_run(run, stream);
    return fflush(stream) == 0 && ferror(stream) == 0;
}
