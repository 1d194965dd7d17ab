#include "cli/summary.h"

#include "base/display.h"
#include "cli/invariant_list.h"
#include "cli/number.h"
#include "cli/summary_database.h"
#include "cli/summary_files.h"
#include "cli/text_fold.h"
#include "target/sequences.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* Of a folded line. */
enum { INDENT = 2 };

/* Room for numbers and what they count; no names stand there. */
enum { COUNTS_SIZE = 256 };

/* Where it is printed. */
struct page {
    FILE *stream;
    int columns;
    bool begun;
    bool failed; /* there is no memory */
};

static void say(struct page *page, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Prints a sentence, folded. */
static void say(struct page *page, const char *format, ...)
{
    char *text;
    va_list arguments;
    int length;

    va_start(arguments, format);
    length = vasprintf(&text, format, arguments);
    va_end(arguments);
    page->failed |= length < 0;
    if (length < 0)
        return;
    page->failed |=
        !text_fold_print(page->stream, page->columns, (int)strspn(text, " ") + INDENT, text);
    page->begun = true;
    free(text);
}

/* An empty line before the next part, if there was one. */
static void separate(const struct page *page)
{
    if (page->begun)
        display_end(page->stream);
}

/* What the run did, added up over files and tables. */
struct totals {
    uint64_t read, loaded, updated, deleted; /* loaded: placeholders too */
    uint64_t unchanged, kept, skipped, rejected;
    size_t files_loaded_before;
};

static struct totals add_up(const struct run *run)
{
    struct totals totals = {.rejected = run_rows_rejected(run)};

    for (int id = 0; id < TABLE_COUNT; id++) {
        totals.loaded += dataset_rows_loaded(&run->plan.datasets[id]);
        totals.deleted += run->plan.datasets[id].done.rows_deleted;
    }
    for (size_t i = 0; i < run->plan.source_count; i++) {
        const struct source *source = run->plan.sources[i];

        totals.read += source->rows_read;
        totals.updated += source->rows_updated;
        totals.unchanged += source->rows_unchanged;
        totals.kept += source->rows_kept;
        totals.skipped += source->rows_skipped;
        totals.files_loaded_before += source->loaded_before != 0;
    }
    return totals;
}

/* Adds "5 rows updated" to a list, or "5 updated" to one that has counted rows before. Nothing for
 * 0. */
static void add_count(char list[COUNTS_SIZE], uint64_t count, const char *what)
{
    const char *unit = strstr(list, "row") != NULL ? "" : count == 1 ? " row" : " rows";
    size_t used = strlen(list);
    char number[NUMBER_SIZE];

    if (count > 0)
        (void)snprintf(list + used, COUNTS_SIZE - used, "%s%s%s %s", used > 0 ? ", " : "",
                       number_format((int64_t)count, number), unit, what);
}

/* Prints a sentence and how long that took; then the rate of so many rows, where it is known and
 * the line has room. */
static void say_with_time(const struct run *run, const char *sentence, uint64_t rows,
                          struct page *page)
{
    char time[NUMBER_SIZE], rate[NUMBER_SIZE] = "";
    int width;

    (void)number_format_seconds(run->seconds, time);
    if ((double)rows >= run->seconds && rows > 0)
        (void)number_format_rate(rows, run->seconds, rate);
    width = (int)(strlen(sentence) + strlen(time) + strlen(rate) + strlen(" in  ( rows/s)"));
    if (rate[0] != '\0' && (page->columns == 0 || width <= page->columns))
        say(page, "%s in %s (%s rows/s)", sentence, time, rate);
    else
        say(page, "%s in %s", sentence, time);
}

static void print_changes(const struct run *run, const struct totals *totals, struct page *page)
{
    char list[COUNTS_SIZE] = "";

    add_count(list, totals->loaded, "loaded");
    add_count(list, totals->updated, "updated");
    add_count(list, totals->deleted, "deleted");
    if (list[0] == '\0')
        (void)snprintf(list, sizeof list, "no row loaded");
    add_count(list, totals->rejected, "rejected");
    separate(page);
    say_with_time(run, list, totals->loaded + totals->updated, page);
}

/* Whether the database has all that the files have, if there are any. */
static bool has_nothing_new(const struct run *run, const struct totals *totals)
{
    return !run->checked_only && !run->verified_only && totals->rejected == 0 &&
           totals->loaded + totals->updated + totals->deleted == 0;
}

static void print_nothing_new(const struct run *run, const struct totals *totals, struct page *page)
{
    char list[COUNTS_SIZE] = "", files[NUMBER_SIZE], time[NUMBER_SIZE];

    if (run->plan.files.empty_directory != NULL && run->plan.source_count == 0) {
        say(page, "nothing new: no file to load in the directory %s",
            run->plan.files.empty_directory);
        return;
    }
    if (totals->files_loaded_before > 0)
        (void)snprintf(list, sizeof list, "%s file%s loaded before",
                       number_format((int64_t)totals->files_loaded_before, files),
                       totals->files_loaded_before == 1 ? "" : "s");
    add_count(list, totals->unchanged, "unchanged");
    add_count(list, totals->kept, "kept as the database has them");
    add_count(list, totals->skipped, "skipped as duplicates");
    if (run->invariants.list.count > 0)
        separate(page);
    if (list[0] == '\0')
        (void)snprintf(list, sizeof list, "%s",
                       run->plan.source_count > 0 ? "the files have no rows"
                                                  : "there are no files");
    say(page, "nothing new: %s (%s)", list, number_format_seconds(run->seconds, time));
}

/* A sequence that stood wrong is set by every run. */
static bool has_moved_sequences(const struct run *run)
{
    for (int id = 0; id < TABLE_COUNT; id++)
        if (sequences_has_moved(&run->plan.datasets[id]))
            return true;
    return false;
}

static void print_moved_sequences(const struct run *run, struct page *page)
{
    page->failed |= !summary_sequences_print(run, false, page->columns, page->stream);
    separate(page);
}

/* References of the files to rows that only a database could have: no file has their table. A file
 * that was not read to its end has ended the run. */
static void print_unjudged(const struct run *run, struct page *page)
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
                say(page, "not judged without a database:");
            titled = true;
            say(page, "  %s.%s (no file has %s)", dataset->table->name, column->name,
                parent->table->dataset);
        }
    }
}

/* What --infer would make of ids that are nowhere. */
static void print_inferred(const struct run *run, struct page *page)
{
    char rows[NUMBER_SIZE];

    for (int id = 0; id < TABLE_COUNT; id++) {
        const struct dataset *dataset = &run->plan.datasets[id];
        int64_t count = (int64_t)id_set_count(&dataset->files.inferred);

        if (count > 0)
            say(page, "%s placeholder%s would be made in %s.%s", number_format(count, rows),
                count == 1 ? "" : "s", dataset->table->schema, dataset->table->name);
    }
}

static void print_checked(const struct run *run, const struct totals *totals, struct page *page)
{
    char sentence[COUNTS_SIZE], rows[NUMBER_SIZE];

    separate(page);
    (void)snprintf(sentence, sizeof sentence, "%s row%s checked",
                   number_format((int64_t)totals->read, rows), totals->read == 1 ? "" : "s");
    say_with_time(run, sentence, totals->read, page);
    if (totals->rejected > 0)
        say(page, "%s row%s bad, nothing loaded", number_format((int64_t)totals->rejected, rows),
            totals->rejected == 1 ? " is" : "s are");
    else
        say(page, "nothing wrong, nothing loaded");
    print_inferred(run, page);
    print_unjudged(run, page);
}

/* In the summary of a load they stand between the sequences and the total; after --verify alone
 * they are all of it. */
static void print_invariants(const struct run *run, struct page *page)
{
    char time[NUMBER_SIZE];

    if (run->invariants.list.count == 0)
        return;
    separate(page);
    page->begun = true;
    page->failed |= !invariant_list_print(&run->invariants, page->columns, page->stream);
    if (!run->verified_only)
        return;
    separate(page);
    say(page, "%zu invariants checked in %s", verify_results_checked(&run->invariants),
        number_format_seconds(run->seconds, time));
    if (run->invariants.proven_count > 0)
        say(page, "%zu proven by constraints, whose rows --verify=full reads",
            run->invariants.proven_count);
    if (run->invariants.unchecked_count > 0)
        say(page, "%zu not checked", run->invariants.unchecked_count);
    say(page, "all %s in %s",
        run->invariants.unchecked_count > 0 ? "that were checked hold" : "hold", run->database);
}

static void print_schema(const struct run *run, struct page *page)
{
    if (run->schema_reset)
        say(page, "schema: dropped");
    if (run->schema_created)
        say(page, "schema: created what was missing");
    if (run->api_created)
        say(page, "API: created or brought up to date");
}

static void print_tables(const struct run *run, bool verbose, struct page *page)
{
    page->begun = true;
    page->failed |= !summary_files_print(run, page->columns, page->stream) ||
                    !summary_foreign_keys_print(run, page->columns, page->stream) ||
                    !summary_sequences_print(run, verbose, page->columns, page->stream);
}

/* Where it all is, or would have been. */
static void print_end(const struct run *run, bool changed, struct page *page)
{
    if (run->dry)
        say(page, "dry run: nothing committed to %s", run->database);
    else if (changed)
        say(page, "committed to %s", run->database);
}

bool summary_print(const struct run *run, const struct summary_style *style, FILE *stream)
{
    struct page page = {.stream = stream, .columns = style->columns};
    const struct totals totals = add_up(run);
    bool has_files = run->plan.source_count > 0;
    bool has_schema = run->schema_reset || run->schema_created || run->api_created;
    bool nothing_new = has_nothing_new(run, &totals);
    bool has_moved = has_moved_sequences(run);

    print_schema(run, &page);
    if (has_files && (!nothing_new || style->verbose))
        print_tables(run, style->verbose, &page);
    print_invariants(run, &page);
    if (run->checked_only)
        print_checked(run, &totals, &page);
    else if (nothing_new && (has_files || !has_schema))
        print_nothing_new(run, &totals, &page);
    else if (has_files)
        print_changes(run, &totals, &page);
    if (nothing_new && has_moved && !style->verbose)
        print_moved_sequences(run, &page);
    if (!run->checked_only && !run->verified_only)
        print_end(run, has_schema || has_moved || !nothing_new, &page);
    return !page.failed && fflush(stream) == 0 && ferror(stream) == 0;
}
