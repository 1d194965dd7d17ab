#include "load/scan.h"

#include "base/clock.h"
#include "load/existing_pair.h"
#include "load/scattered.h"

#include <inttypes.h>

struct scan {
    struct plan *plan;
    enum duplicates duplicates;
    struct csv_reader *reader;
    struct error *error;

    struct dataset *dataset;
    struct source *source;
    struct row row;
    struct existing_pair_list existing_pairs; /* of the dataset: pairs the database may hold */
    bool header_seen;
};

/* One reference of a row: known, to be inferred, or wrong. */
static bool check_reference(struct scan *scan, const struct csv_record *record, size_t column)
{
    struct dataset *parent =
        &scan->plan->datasets[scan->dataset->table->columns[column].references];
    int64_t id = scan->row.values[column].integer;

    scan->dataset->references_checked[column]++;
    if (dataset_has(parent, id) || parent->incomplete)
        return true;
    if (parent->infer) {
        if (!id_set_add(&parent->inferred, id))
            (void)error_memory(scan->error);
        return true;
    }
    row_problem(scan->source, record, column, "no such %s in the files or the database",
                parent->table->row_name);
    return false;
}

static bool check_references(struct scan *scan, const struct csv_record *record)
{
    const struct table *table = scan->dataset->table;
    bool right = true;

    for (size_t i = 0; i < table->column_count; i++)
        if (table->columns[i].has_reference && scan->row.values[i].present &&
            !check_reference(scan, record, i))
            right = false;
    return right;
}

/* Where the application's range starts for the first key column: the table's own floor, or that
 * of the table whose ids the column holds. */
static int64_t key_floor(const struct scan *scan)
{
    const struct column *column = &scan->dataset->table->columns[scan->dataset->table->key[0]];

    return column->has_reference ? scan->plan->datasets[column->references].floor
                                 : scan->dataset->floor;
}

/* A pair whose parent was in the database before the run may be there as well. */
static bool note_existing_pair(struct scan *scan, uint32_t line)
{
    const struct table *table = scan->dataset->table;
    int64_t parent, child;

    if (table->key_count != 2 || scan->dataset->catalog.empty)
        return true;
    parent = scan->row.values[table->key[0]].integer;
    child = scan->row.values[table->key[1]].integer;
    if (!id_set_contains(&scan->plan->datasets[table->columns[table->key[0]].references].existing,
                         parent))
        return true;
    return existing_pair_add(&scan->existing_pairs, parent, child, line);
}

static bool count_bad(struct scan *scan, uint32_t line)
{
    scan->source->rows_bad++;
    return id_set_add(&scan->dataset->left_out, line) &&
           key_note_bad(scan->dataset, &scan->row, line);
}

static bool check_row(struct scan *scan, const struct csv_record *record, uint32_t line)
{
    enum key_verdict verdict;

    if (!row_read(scan->source, scan->dataset, record, false, &scan->row))
        return count_bad(scan, line);
    verdict = key_take(scan->dataset, scan->source, record, &scan->row, line, key_floor(scan),
                       scan->duplicates);
    if (verdict == KEY_NO_MEMORY)
        return false;
    if (verdict == KEY_SKIPPED)
        return true;
    if (!check_references(scan, record) || verdict == KEY_REFUSED)
        return count_bad(scan, line);
    return note_existing_pair(scan, line);
}

/* Lines are numbered through a table's files in 32 bits. */
static bool number_line(struct scan *scan, uint64_t line_in_file, uint32_t *line)
{
    if (line_in_file >= UINT32_MAX - scan->source->line_base)
        return error_set(scan->error, ERROR_DATA,
                         "%s:%" PRIu64 ": the files of %s.%s have too many lines, at most 2^32 can "
                         "be loaded in one run",
                         scan->source->path, line_in_file, scan->dataset->table->schema,
                         scan->dataset->table->name);
    *line = scan->source->line_base + (uint32_t)line_in_file;
    return true;
}

static bool scan_record(void *context, const struct csv_record *record)
{
    struct scan *scan = context;
    uint32_t line;

    if (!number_line(scan, record->end_line, &line))
        return false;
    scan->source->line_count = line - scan->source->line_base;
    if (!scan->header_seen) {
        scan->header_seen = true;
        csv_reader_keep(scan->reader, scan->source->keep_mask);
        return true;
    }
    scan->source->rows_read++;
    line = scan->source->line_base + (uint32_t)record->line;
    if (!check_row(scan, record, line))
        return error_memory(scan->error);
    return scan->error->kind == ERROR_NONE;
}

static bool scan_fault(void *context, const struct csv_fault *fault)
{
    struct scan *scan = context;
    char name[PROBLEM_COLUMN_SIZE];
    uint32_t line;

    if (!number_line(scan, fault->end_line, &line))
        return false;
    scan->source->line_count = line - scan->source->line_base;
    scan->source->rows_read++;
    scan->source->rows_bad++;
    if (fault->fatal)
        scan->dataset->incomplete = true;
    problem_add(&scan->source->problems, fault->line,
                source_field_name(scan->source, fault->field, name),
                (struct problem_value){.text = NULL}, "%s", fault->message);
    line = scan->source->line_base + (uint32_t)fault->line;
    return id_set_add(&scan->dataset->left_out, line) || error_memory(scan->error);
}

static bool scan_source(struct scan *scan, struct source *source)
{
    const struct csv_handler handler = {
        .record = scan_record, .fault = scan_fault, .context = scan};
    double start = clock_seconds();
    bool read;

    scan->source = source;
    scan->header_seen = false;
    source->line_base = scan->dataset->line_count;
    read = input_rewind(source->input, scan->error) &&
           csv_reader_read(scan->reader, source->input, &handler, scan->error);
    scan->dataset->line_count += source->line_count;
    source->seconds += clock_seconds() - start;
    return read && scan->error->kind == ERROR_NONE;
}

static bool scan_dataset(struct scan *scan, struct dataset *dataset, struct connection *connection)
{
    bool scanned = true;

    scan->dataset = dataset;
    for (size_t i = 0; scanned && i < dataset->source_count; i++)
        scanned = scan_source(scan, dataset->sources[i]);
    scanned = scanned && scattered_judge(dataset, scan->reader, scan->duplicates, scan->error) &&
              existing_pair_judge(&scan->existing_pairs, dataset, connection, scan->error);
    existing_pair_list_free(&scan->existing_pairs);
    return scanned;
}

/* A placeholder's own parents may have to be placeholders as well. */
static bool infer_parents(struct plan *plan, struct error *error)
{
    for (int id = TABLE_COUNT - 1; id >= 0; id--) {
        const struct dataset *dataset = &plan->datasets[id];

        if (id_set_is_empty(&dataset->inferred))
            continue;
        for (size_t i = 0; i < dataset->table->column_count; i++) {
            const struct column *column = &dataset->table->columns[i];

            if (!column->has_reference)
                continue;
            struct dataset *parent = &plan->datasets[column->references];
            if (!dataset_has(parent, column->inferred_integer) &&
                !id_set_add(&parent->inferred, column->inferred_integer))
                return error_memory(error);
        }
    }
    return true;
}

static bool report_problems(const struct plan *plan, struct log *log, struct error *error)
{
    uint64_t rows = 0, files = 0;

    for (size_t i = 0; i < plan->source_count; i++) {
        struct source *source = plan->sources[i];

        problem_list_print(&source->problems, source->path, log);
        rows += source->rows_bad;
        files += source->rows_bad > 0;
    }
    if (rows == 0)
        return true;
    return error_set(error, ERROR_DATA,
                     "%" PRIu64 " bad row%s in %" PRIu64 " file%s; nothing was loaded", rows,
                     rows == 1 ? "" : "s", files, files == 1 ? "" : "s");
}

bool scan_files(struct plan *plan, enum duplicates duplicates, struct connection *connection,
                struct log *log, struct error *error)
{
    struct scan scan = {.plan = plan, .duplicates = duplicates, .error = error};
    bool scanned = csv_reader_new(&scan.reader, error);

    for (int id = 0; scanned && id < TABLE_COUNT; id++)
        scanned = scan_dataset(&scan, &plan->datasets[id], connection);
    csv_reader_free(scan.reader);
    /* What was found up to a failure is still worth telling. */
    if (!report_problems(plan, log, error))
        return false;
    return scanned && infer_parents(plan, error);
}
