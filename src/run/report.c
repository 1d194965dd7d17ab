#include "run/report.h"

#include "base/clock.h"
#include "base/json_text.h"
#include "run/process.h"

#include <stdio.h>

static json_t *text_or_null(const char *bytes)
{
    return bytes == NULL || bytes[0] == '\0' ? json_null() : json_text(bytes);
}

/* Adds an entry to a list, or a member to an object. When memory runs out, that becomes NULL and
 * stays so. */
static void append(json_t **list, json_t *entry)
{
    if (json_array_append_new(*list, entry) == 0)
        return;
    json_decref(*list);
    *list = NULL;
}

static void put(json_t **object, const char *key, json_t *value)
{
    if (json_object_set_new(*object, key, value) == 0)
        return;
    json_decref(*object);
    *object = NULL;
}

static json_t *number(uint64_t value)
{
    return json_integer((json_int_t)value);
}

/* Rounded to thousandths of a second. */
static json_t *seconds(double value)
{
    return json_real((double)(int64_t)(value * 1000 + 0.5) / 1000);
}

static json_t *qualified(const char *schema, const char *name)
{
    char both[2 * CATALOG_NAME_SIZE];

    (void)snprintf(both, sizeof both, "%s.%s", schema, name);
    return json_text(both);
}

static json_t *table_name(const struct table *table)
{
    return qualified(table->schema, table->name);
}

static json_t *list_options(const struct run_options *options)
{
    json_t *list = json_array();

    for (size_t i = 0; i < options->given_count; i++)
        append(&list, json_text(options->given[i]));
    return list;
}

static json_t *describe_client(void)
{
    struct process process;

    process_describe(&process);
    return json_pack("{s:o, s:o, s:I}", "user", json_text(process.user), "host",
                     text_or_null(process.host), "process", (json_int_t)process.id);
}

static json_t *describe_database(const struct connection_place *place)
{
    if (place->database[0] == '\0')
        return json_null();
    return json_pack("{s:o, s:o, s:o, s:o}", "name", json_text(place->database), "host",
                     text_or_null(place->host), "port", text_or_null(place->port), "user",
                     text_or_null(place->user));
}

static json_t *hash_of(const struct source *source)
{
    char hash[FINGERPRINT_TEXT_SIZE];

    return input_fingerprint(source->input, hash) ? json_string(hash) : json_null();
}

/* After a failure nothing is loaded, whatever was sent before it. */
static uint64_t unless(bool failed, uint64_t rows)
{
    return failed ? 0 : rows;
}

static json_t *count_rows(const struct source *source, bool failed)
{
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "read", number(source->rows_read),
                     "loaded", number(unless(failed, source->rows_loaded)), "updated",
                     number(unless(failed, source->rows_updated)), "unchanged",
                     number(unless(failed, source->rows_unchanged)), "kept",
                     number(source->rows_kept), "skipped", number(source->rows_skipped), "rejected",
                     number(source->rows_bad));
}

static json_t *describe_earlier(const struct source *source)
{
    if (source->loaded_before == 0)
        return json_null();
    return json_pack("{s:I, s:o}", "run", (json_int_t)source->loaded_before, "finished",
                     json_text(source->loaded_at));
}

/* Of a file that could not be opened only the name is known. */
static json_t *describe_file(const char *path, const struct source *source, bool failed)
{
    struct source none = {0};

    if (source == NULL)
        return json_pack("{s:o, s:n, s:n, s:n, s:n, s:n, s:o}", "path", json_text(path), "dataset",
                         "table", "size", "sha256", "loaded_before", "rows",
                         count_rows(&none, failed));
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "path", json_text(path), "dataset",
                     json_text(source->table->dataset), "table", table_name(source->table), "size",
                     number(input_size(source->input)), "sha256", hash_of(source), "loaded_before",
                     describe_earlier(source), "rows", count_rows(source, failed));
}

/* Before any file was opened, the arguments are all that is known. */
static json_t *list_files(const struct run_options *options, const struct file_list *files,
                          bool failed)
{
    const struct listed_file *file = files->files.items;
    bool known = files->files.count > 0 || files->empty_directory != NULL;
    json_t *list = json_array();

    for (size_t i = 0; i < files->files.count; i++)
        append(&list, describe_file(file[i].name, file[i].source, failed));
    for (size_t i = 0; !known && i < options->path_count; i++)
        append(&list, describe_file(options->paths[i], NULL, failed));
    return list;
}

static json_t *describe_table(const struct dataset *dataset, bool failed)
{
    uint64_t inserted = dataset_rows_loaded(dataset) - dataset->done.inferred_loaded, updated = 0;

    for (size_t i = 0; i < dataset->source_count; i++)
        updated += dataset->sources[i]->rows_updated;
    return json_pack("{s:o, s:o, s:o, s:o, s:o}", "table", table_name(dataset->table), "inserted",
                     number(unless(failed, inserted)), "updated", number(unless(failed, updated)),
                     "deleted", number(unless(failed, dataset->done.rows_deleted)), "inferred",
                     number(unless(failed, dataset->done.inferred_loaded)));
}

static json_t *list_tables(const struct plan *plan, bool failed)
{
    json_t *list = json_array();

    for (int id = 0; id < TABLE_COUNT; id++)
        if (dataset_is_loaded(&plan->datasets[id]))
            append(&list, describe_table(&plan->datasets[id], failed));
    return list;
}

/* What the server says of the constraint; null without a database, or before it was asked. */
static json_t *constraint_of(const struct catalog_foreign_key *found)
{
    return found->present ? json_text(found->name) : json_null();
}

static void add_foreign_keys(json_t **list, const struct dataset *dataset)
{
    for (size_t i = 0; i < dataset->reference_count; i++) {
        size_t index = dataset->references[i];
        const struct column *column = &dataset->table->columns[index];

        append(list,
               json_pack(
                   "{s:o, s:o, s:o, s:o, s:o, s:o}", "table", table_name(dataset->table), "column",
                   json_text(column->name), "references", table_name(table_get(column->references)),
                   "constraint", constraint_of(&dataset->database.foreign_keys[index]), "checked",
                   number(dataset->files.references_checked[index] + dataset->done.inferred_loaded),
                   "violations", number(dataset->files.references_violated[index])));
    }
}

static json_t *list_foreign_keys(const struct plan *plan)
{
    json_t *list = json_array();

    for (int id = 0; id < TABLE_COUNT; id++)
        if (dataset_is_loaded(&plan->datasets[id]))
            add_foreign_keys(&list, &plan->datasets[id]);
    return list;
}

static json_t *list_sequences(const struct plan *plan)
{
    json_t *list = json_array();

    for (int id = 0; id < TABLE_COUNT; id++) {
        const struct dataset *dataset = &plan->datasets[id];
        const struct sequence *sequence = &dataset->database.sequence;

        if (sequence->next == 0)
            continue;
        append(&list,
               json_pack("{s:o, s:o, s:I}", "sequence", qualified(sequence->schema, sequence->name),
                         "table", table_name(dataset->table), "next", (json_int_t)sequence->next));
    }
    return list;
}

static json_t *describe_invariant(const struct verify_result *result)
{
    json_t *examples = json_array();

    for (size_t i = 0; i < result->example_count; i++)
        append(&examples, json_text(result->examples[i]));
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "invariant", json_text(result->name),
                     "constraint", text_or_null(result->constraint), "proven_by",
                     text_or_null(result->proven_by), "not_checked",
                     text_or_null(result->not_checked), "checked", number(result->checked),
                     "broken", number(result->broken), "examples", examples);
}

static json_t *list_invariants(const struct verify_results *invariants)
{
    json_t *list = json_array();

    for (size_t i = 0; i < invariants->list.count; i++)
        append(&list, describe_invariant((const struct verify_result *)invariants->list.items + i));
    return list;
}

/* The last phase may not have ended: its seconds are those so far. */
static json_t *list_phases(const struct phase_list *phases)
{
    json_t *list = json_array();

    for (size_t i = 0; i < phases->list.count; i++) {
        const struct phase *phase = (const struct phase *)phases->list.items + i;

        append(&list, json_pack("{s:s, s:o, s:o}", "phase", phase->what, "subject",
                                json_text(phase->subject), "seconds", seconds(phase->seconds)));
    }
    return list;
}

static json_t *describe_problem(const struct source *source, const struct problem *problem)
{
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:s, s:o, s:o}", "file", json_text(source->path),
                     "line", number(problem->line), "column", json_text(problem->column), "value",
                     problem->has_value ? json_text(problem->value) : json_null(), "reason",
                     json_text(problem->reason), "code", problem_code_name(problem->code), "key",
                     text_or_null(problem->key), "rows", number(problem->rows));
}

static json_t *list_problems(const struct plan *plan)
{
    json_t *list = json_array();

    for (size_t i = 0; i < plan->source_count; i++) {
        const struct problem_list *problems = &plan->sources[i]->problems;

        for (size_t k = 0; k < problems->kept; k++)
            append(&list, describe_problem(plan->sources[i], &problems->first[k]));
    }
    return list;
}

/* NULL, as after any lack of memory, when one of them is missing. */
static json_t *list_warnings(const struct warning_list *warnings)
{
    json_t *list = warnings->incomplete ? NULL : json_array();
    char *const *texts = warnings->texts.items;

    for (size_t i = 0; i < warnings->texts.count; i++)
        append(&list, json_text(texts[i]));
    return list;
}

static json_t *describe_error(const struct error *error)
{
    if (error->kind == ERROR_NONE)
        return json_null();
    return json_pack("{s:o, s:o, s:o, s:o}", "kind", json_text(error_kind_name(error->kind)),
                     "message", json_text(error->message), "detail", text_or_null(error->detail),
                     "hint", text_or_null(error->hint));
}

/* Also where a directory had no file. */
static bool all_loaded_before(const struct plan *plan)
{
    for (size_t i = 0; i < plan->source_count; i++)
        if (plan->sources[i]->loaded_before == 0)
            return false;
    return plan->source_count > 0 || plan->files.empty_directory != NULL;
}

static const char *name_result(const struct run *run, const struct error *error)
{
    if (run->transaction == TRANSACTION_UNKNOWN)
        return "unknown";
    if (error->kind != ERROR_NONE)
        return "failed";
    if (run->checked_only)
        return "checked";
    if (run->verified_only)
        return "verified";
    if (run->dry)
        return "rolled back";
    if (run_outcome(run, error) == ERROR_REJECTS)
        return "loaded with rejects";
    return all_loaded_before(&run->plan) ? "nothing new" : "loaded";
}

static json_t *describe_outcome(const struct run *run, const struct error *error)
{
    char now[CLOCK_TEXT_SIZE];

    return json_pack("{s:i, s:s, s:s, s:s, s:s, s:o, s:i, s:s, s:o}", "format", REPORT_FORMAT,
                     "program", "timele-load", "version", TIMELE_LOAD_VERSION, "started",
                     run->started, "finished", clock_utc(now), "seconds",
                     seconds(clock_seconds() - run->start), "exit_status",
                     error_exit_status(run_outcome(run, error)), "result", name_result(run, error),
                     "error", describe_error(error));
}

json_t *report_new(const struct run_options *options, const struct run *run,
                   const struct error *error)
{
    bool failed = error->kind != ERROR_NONE && run->transaction != TRANSACTION_UNKNOWN;
    json_t *report = describe_outcome(run, error);

    put(&report, "mode", json_text(mode_name(options->mode)));
    put(&report, "options", list_options(options));
    put(&report, "client", describe_client());
    put(&report, "database", describe_database(&run->place));
    put(&report, "ledger_run", run->ledger_run != 0 ? json_integer(run->ledger_run) : json_null());
    put(&report, "files", list_files(options, &run->plan.files, failed));
    put(&report, "tables", list_tables(&run->plan, failed));
    put(&report, "foreign_keys", list_foreign_keys(&run->plan));
    put(&report, "sequences", list_sequences(&run->plan));
    put(&report, "phases", list_phases(&run->phases));
    put(&report, "invariants", list_invariants(&run->invariants));
    put(&report, "problems", list_problems(&run->plan));
    put(&report, "warnings", list_warnings(&run->warnings));
    return report;
}
