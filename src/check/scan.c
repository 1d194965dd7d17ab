#include "check/scan.h"

#include "base/clock.h"
#include "check/existing_key.h"
#include "check/infer.h"
#include "check/reject_file.h"
#include "check/scattered.h"
#include "row/key_text.h"

#include <inttypes.h>
#include <string.h>

struct scan {
    struct plan *plan;
    enum duplicates duplicates;
    struct csv_reader *reader;
    struct log *log;
    struct phase_list *phases;
    struct error *error;

    struct dataset *dataset;
    struct source *source;
    struct row row;
    struct existing_key_list existing_keys; /* of the dataset: keys the database may hold */
    struct connection *connection;          /* NULL: there is no database */
    const struct scan_stream *stream;       /* open, for the dataset; NULL: none is */
    int64_t key_floor;                      /* of the dataset, as plan_key_floor gives it */
    bool header_seen;
    bool infers; /* the row refers to an id for which a placeholder has to be made */
};

/* So many keys are asked for in one query; they take 24 bytes each until then. */
enum { EXISTING_KEYS_AT_ONCE = 1000 * 1000 };

/* A row whose parent was rejected cannot be loaded either, and is not to blame. */
static bool refuse_orphan(struct scan *scan, const struct csv_record *record, size_t column,
                          const struct dataset *parent, uint32_t parent_line)
{
    int64_t id = scan->row.values[column].integer;
    uint64_t line;
    const struct source *source = dataset_source_of_line(parent, parent_line, &line);

    row_problem(scan->source, scan->dataset, record, column, PROBLEM_PARENT_REJECTED,
                "%s %" PRId64 " was rejected: %s:%" PRIu64, parent->table->row_name, id,
                source->path, line);
    return false;
}

/* One reference of a row to an id that is nowhere: to be inferred, or wrong. */
static bool judge_unknown(struct scan *scan, const struct csv_record *record, size_t column,
                          const struct dataset *parent)
{
    int64_t id = scan->row.values[column].integer;

    if (dataset_replaces(parent) && id_set_contains(&parent->existing, id)) {
        row_problem(scan->source, scan->dataset, record, column, PROBLEM_FOREIGN_KEY,
                    "no such %s in the files, and --mode=replace deletes the one in the database",
                    parent->table->row_name);
        return false;
    }
    if (line_index_get(&parent->rejected_rows, id) != 0)
        return refuse_orphan(scan, record, column, parent,
                             line_index_get(&parent->rejected_rows, id));
    if (parent->infer && parent->floor > 0 && id >= parent->floor) {
        scan->dataset->references_violated[column]++;
        row_problem(scan->source, scan->dataset, record, column, PROBLEM_FOREIGN_KEY,
                    "no such %s in the database, and from the floor %" PRId64
                    " on none can be inferred",
                    parent->table->row_name, parent->floor);
        return false;
    }
    if (parent->infer) {
        scan->infers = true;
        return true;
    }
    scan->dataset->references_violated[column]++;
    row_problem(scan->source, scan->dataset, record, column, PROBLEM_FOREIGN_KEY,
                "no such %s in the files or the database", parent->table->row_name);
    return false;
}

static bool check_references(struct scan *scan, const struct csv_record *record)
{
    struct dataset *dataset = scan->dataset;
    bool right = true;

    for (size_t i = 0; i < dataset->reference_count; i++) {
        size_t column = dataset->references[i];
        const struct dataset *parent =
            &scan->plan->datasets[dataset->table->columns[column].references];

        if (parent->incomplete || !scan->row.values[column].present)
            continue;
        dataset->references_checked[column]++;
        if (!dataset_has(parent, scan->row.values[column].integer) &&
            !judge_unknown(scan, record, column, parent))
            right = false;
    }
    return right;
}

/* Placeholders are made for good rows only. */
static bool infer_references(struct scan *scan)
{
    const struct dataset *dataset = scan->dataset;

    for (size_t i = 0; scan->infers && i < dataset->reference_count; i++) {
        const struct column *column = &dataset->table->columns[dataset->references[i]];
        const struct value *value = &scan->row.values[dataset->references[i]];
        struct dataset *parent = &scan->plan->datasets[column->references];

        if (value->present && !parent->incomplete && !dataset_has(parent, value->integer) &&
            !id_set_add(&parent->inferred, value->integer))
            return false;
    }
    return true;
}

/* Parents in the database whose derived values the database has to work out. */
static struct id_set *changed_parents(struct scan *scan)
{
    struct derived *derived = &scan->plan->derived;

    return scan->dataset->table->key_kind == KEY_PAIR ? &derived->item_orders
                                                      : &derived->event_orders;
}

static bool judge_existing_keys(struct scan *scan)
{
    return existing_key_judge(&scan->existing_keys, scan->dataset, changed_parents(scan),
                              scan->connection, scan->error);
}

/* A row whose parent was in the database before the run: its own key may be there as well, and
 * what follows from it for the parent is for the database to work out. */
static bool note_existing_parent(struct scan *scan, uint32_t line)
{
    const struct table *table = scan->dataset->table;
    int64_t parent = scan->row.values[table->key[0]].integer;

    if (table->key_kind == KEY_ID ||
        !id_set_contains(&scan->plan->datasets[table->columns[table->key[0]].references].existing,
                         parent))
        return true;
    if (scan->dataset->catalog.empty)
        return id_set_add(changed_parents(scan), parent);
    return existing_key_add(&scan->existing_keys, parent, key_child(table, &scan->row), line) &&
           (scan->existing_keys.count < EXISTING_KEYS_AT_ONCE || judge_existing_keys(scan));
}

static bool count_bad(struct scan *scan, uint32_t line)
{
    return dataset_reject_line(scan->dataset, line) &&
           key_note_bad(scan->dataset, &scan->row, line);
}

/* A row that has taken its key. */
static bool count_bad_late(struct scan *scan, uint32_t line)
{
    return key_give_back(scan->dataset, &scan->row) && count_bad(scan, line);
}

static bool note_derived(struct scan *scan, const struct csv_record *record, uint32_t line)
{
    const struct table *table = scan->dataset->table;
    bool exists = id_set_contains(&scan->dataset->updates, line);
    bool overflow;

    if (derived_note_row(&scan->plan->derived, scan->dataset->id, &scan->row, exists, &overflow))
        return true;
    if (!overflow)
        return false;
    row_problem(scan->source, scan->dataset, record,
                (size_t)table_column_with_role(table, ROLE_PRICE), PROBLEM_RANGE,
                "the order's total is out of range");
    return count_bad_late(scan, line);
}

static bool check_row(struct scan *scan, const struct csv_record *record, uint32_t line)
{
    bool takes_places = scan->duplicates == DUPLICATES_LAST;
    enum key_verdict verdict;

    scan->infers = false;
    if (!row_read(scan->source, scan->dataset, record, false, &scan->row))
        return count_bad(scan, line);
    /* The row whose place it takes is lost: it must be good itself. */
    if (takes_places && !check_references(scan, record))
        return count_bad(scan, line);
    verdict = key_take(scan->dataset, scan->source, record, &scan->row, line, scan->key_floor,
                       scan->duplicates, &scan->plan->derived);
    if (verdict == KEY_NO_MEMORY)
        return false;
    if (verdict == KEY_SKIPPED)
        return true;
    if (!takes_places && !check_references(scan, record))
        return verdict == KEY_REFUSED ? count_bad(scan, line) : count_bad_late(scan, line);
    if (verdict == KEY_REFUSED)
        return count_bad(scan, line);
    return infer_references(scan) && note_derived(scan, record, line) &&
           note_existing_parent(scan, line);
}

/* A reject file gets all the lines of a record. */
static bool note_continued(struct scan *scan, uint64_t line, uint64_t end_line)
{
    while (++line < end_line)
        if (!id_set_add(&scan->dataset->continued,
                        (int64_t)scan->source->line_base + (int64_t)line))
            return error_memory(scan->error);
    return true;
}

static bool close_stream(struct scan *scan, bool complete)
{
    const struct scan_stream *stream = scan->stream;

    scan->stream = NULL;
    return stream == NULL || stream->close(stream->context, complete);
}

/* A good row goes on its way. After the first bad one the rest is only checked. */
static bool pass_on(struct scan *scan)
{
    if (scan->stream == NULL)
        return true;
    if (scan->source->rows_bad > 0)
        return close_stream(scan, false);
    return scan->stream->take(scan->stream->context, scan->source, &scan->row);
}

/* Lines are numbered through a table's files in 32 bits. */
static bool number_line(struct scan *scan, uint64_t line_in_file, uint32_t *line)
{
    *line = 0;
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
        scan->source->header_end = record->end_line;
        csv_reader_keep(scan->reader, scan->source->keep_mask);
        return true;
    }
    scan->source->rows_read++;
    if (record->end_line > record->line + 1 && scan->dataset->sets_aside &&
        !note_continued(scan, record->line, record->end_line))
        return false;
    line = scan->source->line_base + (uint32_t)record->line;
    if (!check_row(scan, record, line))
        return error_memory(scan->error);
    return pass_on(scan) && scan->error->kind == ERROR_NONE;
}

static bool scan_fault(void *context, const struct csv_fault *fault)
{
    struct scan *scan = context;
    const struct csv_record record = {.line = fault->line,
                                      .end_line = fault->end_line,
                                      .field_count = fault->fields != NULL ? fault->field : 0,
                                      .fields = fault->fields};
    char name[PROBLEM_COLUMN_SIZE], key[PROBLEM_KEY_SIZE];
    uint32_t line;

    if (!number_line(scan, fault->end_line, &line))
        return false;
    scan->source->line_count = line - scan->source->line_base;
    scan->source->rows_read++;
    if (fault->fatal) {
        scan->dataset->incomplete = true;
        scan->source->unreadable_from = fault->line;
    } else if (scan->dataset->sets_aside && !note_continued(scan, fault->line, fault->end_line)) {
        return false;
    }
    row_read_key(scan->source, scan->dataset, &record, &scan->row);
    problem_add(&scan->source->problems, PROBLEM_FORMAT, fault->line,
                source_field_name(scan->source, fault->field, name),
                key_text(scan->dataset->table, &scan->row, key),
                (struct problem_value){.text = NULL}, "%s%s", fault->message,
                source_withholding(scan->source));
    return count_bad(scan, scan->source->line_base + (uint32_t)fault->line) ||
           error_memory(scan->error);
}

/* TimeL-E's service has NOT NULL on columns that a file may otherwise lack. */
static bool require_columns(const struct scan *scan, const struct source *source)
{
    const struct table *table = scan->dataset->table;

    for (size_t i = 0; i < table->column_count; i++)
        if (table->columns[i].header != NULL && table->columns[i].absent == ABSENT_NULL &&
            source->field_of_column[i] < 0 && scan->dataset->catalog.columns[i].not_null)
            return error_set(scan->error, ERROR_DATA,
                             "%s: the header has no column %s, which %s.%s needs in this database",
                             source->path, table->columns[i].header, table->schema, table->name);
    return true;
}

static void scan_block(void *context)
{
    struct scan *scan = context;

    phase_advance(scan->phases, input_position(scan->source->input), scan->source->rows_read);
}

static bool scan_source(struct scan *scan, struct source *source)
{
    const struct csv_handler handler = {
        .record = scan_record, .fault = scan_fault, .block = scan_block, .context = scan};
    double start = clock_seconds();
    bool read;

    phase_begin(scan->phases, scan->stream != NULL ? "load" : "check", "%s", source->path);
    phase_expect_bytes(scan->phases, input_size(source->input));
    scan->source = source;
    scan->header_seen = false;
    row_clear(&scan->row);
    source->line_base = scan->dataset->line_count;
    read = require_columns(scan, source) && input_rewind(source->input, scan->error) &&
           csv_reader_read(scan->reader, source->input, &handler, scan->error);
    log_verbose(scan->log, "checked %s: %" PRIu64 " rows, %" PRIu64 " bad", source->path,
                source->rows_read, source->rows_bad);
    scan->dataset->line_count += source->line_count;
    source->seconds += clock_seconds() - start;
    return read && scan->error->kind == ERROR_NONE &&
           (source->reject_file == NULL || reject_file_check(source->reject_file, scan->error));
}

static bool judge_scattered(struct scan *scan)
{
    struct derived *derived = &scan->plan->derived;

    switch (scan->dataset->table->key_kind) {
    case KEY_PAIR:
        return scattered_judge(scan->dataset, &scan->dataset->pairs.scattered, scan->reader,
                               scan->duplicates, &derived->item_orders, NULL, scan->phases,
                               scan->error);
    case KEY_EVENT:
        return scattered_judge(scan->dataset, &derived->events.scattered, scan->reader,
                               scan->duplicates, &derived->event_orders, &derived->previous,
                               scan->phases, scan->error);
    case KEY_ID:
        break;
    }
    return true;
}

static bool forget_price(int64_t product, void *context)
{
    struct scan *scan = context;

    return line_index_get(&scan->dataset->lines, product) != 0 ||
           derived_forget_price(&scan->plan->derived, product);
}

/* What an enriched product cost that is deleted, no new item costs. */
static bool forget_deleted_prices(struct scan *scan)
{
    return scan->dataset->id != TABLE_PRODUCT_ENRICHED || !dataset_replaces(scan->dataset) ||
           id_set_each(&scan->dataset->existing, forget_price, scan) || error_memory(scan->error);
}

static bool scan_dataset(struct scan *scan, struct dataset *dataset)
{
    bool scanned = true;

    scan->dataset = dataset;
    scan->key_floor = plan_key_floor(scan->plan, dataset);
    for (size_t i = 0; scanned && i < dataset->source_count; i++)
        scanned = scan_source(scan, dataset->sources[i]);
    scanned = scanned && judge_scattered(scan) && judge_existing_keys(scan) &&
              (contest_settle(dataset) || error_memory(scan->error)) && forget_deleted_prices(scan);
    existing_key_list_free(&scan->existing_keys);
    return scanned;
}

static bool has_problems(const struct plan *plan)
{
    for (size_t i = 0; i < plan->source_count; i++)
        if (plan->sources[i]->rows_bad > 0)
            return true;
    return false;
}

static bool scan_streamed(struct scan *scan, const struct scan_stream *stream)
{
    bool opened = false, scanned;

    if (!has_problems(scan->plan) && !stream->open(stream->context, &opened))
        return false;
    scan->stream = opened ? stream : NULL;
    scanned = scan_dataset(scan, stream->dataset);
    return close_stream(scan, scanned && !has_problems(scan->plan)) && scanned;
}

/* Whether a row is wrong only because it was loaded before, which the mode could allow. */
static bool is_loaded_already(const struct source *source, const struct dataset *dataset)
{
    const struct table *table = source->table;
    const char *key = table->columns[table->key[table->key_count - 1]].header;
    const struct problem_list *problems = &source->problems;
    uint64_t kept = problems->count < PROBLEMS_SHOWN ? problems->count : PROBLEMS_SHOWN;

    for (uint64_t i = 0; dataset->mode == MODE_INSERT && problems->first != NULL && i < kept; i++)
        if (problems->first[i].code == PROBLEM_EXISTS &&
            strcmp(problems->first[i].column, key) == 0)
            return true;
    return false;
}

static bool report_problems(const struct plan *plan, struct log *log, struct error *error)
{
    uint64_t rows = 0, files = 0;
    bool loaded_already = false;

    for (size_t i = 0; i < plan->source_count; i++) {
        struct source *source = plan->sources[i];

        problem_list_print(&source->problems, source->path, log);
        if (plan->datasets[source->table_id].sets_aside)
            continue;
        rows += source->rows_bad;
        files += source->rows_bad > 0;
        loaded_already =
            loaded_already || is_loaded_already(source, &plan->datasets[source->table_id]);
    }
    if (rows == 0)
        return true;
    (void)error_set(error, ERROR_DATA,
                    "%" PRIu64 " bad row%s in %" PRIu64 " file%s; nothing was loaded", rows,
                    rows == 1 ? "" : "s", files, files == 1 ? "" : "s");
    if (loaded_already)
        (void)error_hint(error, "Rows that were loaded before are left alone by --mode=skip, and "
                                "brought up to date by --mode=upsert.");
    return false;
}

bool scan_files(struct plan *plan, enum duplicates duplicates, const struct scan_stream *stream,
                struct connection *connection, struct log *log, struct phase_list *phases,
                struct error *error)
{
    struct scan scan = {.plan = plan,
                        .duplicates = duplicates,
                        .log = log,
                        .phases = phases,
                        .connection = connection,
                        .error = error};
    bool scanned = csv_reader_new(&scan.reader, error);

    for (int id = 0; scanned && id < TABLE_COUNT; id++)
        if (stream == NULL || stream->dataset != &plan->datasets[id])
            scanned = scan_dataset(&scan, &plan->datasets[id]);
    if (scanned && stream != NULL)
        scanned = scan_streamed(&scan, stream);
    csv_reader_free(scan.reader);
    phase_end(phases);
    /* What was found up to a failure is still worth telling. */
    if (!report_problems(plan, log, error))
        return false;
    return scanned && infer_parents(plan, error);
}
