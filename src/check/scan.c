#include "check/scan.h"

#include "check/existing_group.h"
#include "check/infer.h"
#include "check/key.h"
#include "check/out_of_order.h"
#include "check/problem_report.h"
#include "check/reference.h"
#include "check/reject_file.h"
#include "check/takeover.h"
#include "plan/updated_columns.h"
#include "row/pass.h"
#include "row/row_key.h"

#include <inttypes.h>
#include <stdlib.h>

struct scan {
    struct plan *plan;
    enum duplicates duplicates;
    struct csv_reader *reader;
    const struct session *session;
    struct error *error; /* the session's */

    /* The table being read. */
    struct dataset *dataset;
    struct source *source;
    const struct row_taker *taker; /* NULL: nobody takes its rows, or one was bad */
    int64_t key_floor;             /* as plan_key_floor gives it */
    int64_t last_id;               /* as dataset_last_id gives it */
    bool comparable;               /* the source's rows, with those of the database */
    struct existing_group group;
    struct row row;
};

/* Parents in the database whose derived values the database has to work out. */
static struct id_set *changed_parents(struct scan *scan)
{
    struct derived *derived = &scan->plan->derived;

    return scan->dataset->table->key_kind == KEY_PAIR ? &derived->item_orders
                                                      : &derived->event_orders;
}

/* A row whose parent was in the database before the run: its own key may be there as well, and
 * what follows from it for the parent is for the database to work out. */
static bool note_existing_parent(struct scan *scan, uint32_t line)
{
    const struct table *table = scan->dataset->table;
    int64_t parent = scan->row.values[table->key[0]].integer;

    if (table->key_kind == KEY_ID ||
        !id_set_contains(
            &scan->plan->datasets[table->columns[table->key[0]].references].database.existing,
            parent))
        return true;
    if (scan->dataset->database.catalog.empty)
        return id_set_add(changed_parents(scan), parent) || error_memory(scan->error);
    return existing_group_add(&scan->group, &scan->row, line, scan->comparable);
}

/* The rest of the table is only checked. */
static bool count_bad(struct scan *scan, uint32_t line)
{
    scan->taker = NULL;
    return (dataset_reject_line(scan->dataset, line) &&
            key_note_bad(scan->dataset, &scan->row, line)) ||
           error_memory(scan->error);
}

/* Counts a bad row that has taken its key. */
static bool count_bad_late(struct scan *scan, uint32_t line)
{
    return (key_give_back(scan->dataset, &scan->row) || error_memory(scan->error)) &&
           count_bad(scan, line);
}

static void refuse_misfit(const struct row_reading *reading, const struct delivery_misfit *misfit)
{
    const struct table *orders = misfit->orders;
    const char *name = orders->columns[misfit->orders_column].name;

    if (reading->source->table == orders)
        row_problem(reading, misfit->column, PROBLEM_LENGTH,
                    "the user's %s has %zu %s, %s.%s.%s takes %zu", name, misfit->length,
                    misfit->unit, orders->schema, orders->name, name, misfit->limit);
    else
        row_problem(reading, misfit->column, PROBLEM_LENGTH,
                    "longer than %zu %s (%zu), which %s.%s.%s takes", misfit->limit, misfit->unit,
                    misfit->length, orders->schema, orders->name, name);
}

/* Whether the orders concerned have room for what they take over; false: a problem was added. */
static bool delivery_fits(const struct scan *scan, const struct row_reading *reading)
{
    const struct dataset *dataset = scan->dataset;
    bool exists = dataset->table->key_kind == KEY_ID &&
                  id_set_contains(&dataset->database.existing,
                                  scan->row.values[dataset->table->key[0]].integer);
    struct delivery_misfit misfit;

    if (derived_delivery_fits(&scan->plan->derived, dataset->id, &scan->row, exists, &misfit))
        return true;
    refuse_misfit(reading, &misfit);
    return false;
}

static bool note_derived(struct scan *scan, const struct row_reading *reading, uint32_t line)
{
    const struct table *table = scan->dataset->table;
    bool exists = id_set_contains(&scan->dataset->files.updates, line) ||
                  id_set_contains(&scan->dataset->files.unchanged, line);
    bool overflow;

    if (derived_note_row(&scan->plan->derived, scan->dataset->id, &scan->row, exists, &overflow))
        return true;
    if (!overflow)
        return error_memory(scan->error);
    row_problem(reading, (size_t)table_column_with_role(table, ROLE_PRICE), PROBLEM_RANGE,
                "the order's total is out of range");
    return count_bad_late(scan, line);
}

/* A good row goes on its way. */
static bool pass_on(struct scan *scan)
{
    return scan->taker == NULL || scan->taker->take(scan->taker->context, scan->source, &scan->row);
}

static bool check_row(struct scan *scan, const struct row_reading *reading, uint32_t line)
{
    const struct checked_row checked = {
        .plan = scan->plan,
        .dataset = scan->dataset,
        .reading = reading,
        .row = &scan->row,
        .line = line,
        .key_floor = scan->key_floor,
        .last_id = scan->last_id,
        .comparable = scan->comparable,
        .duplicates = scan->duplicates,
        .error = scan->error,
    };
    bool takes_places = scan->duplicates == DUPLICATES_LAST;
    enum key_verdict verdict;
    bool infers = false;

    if (!row_read(reading, &scan->row))
        return count_bad(scan, line);
    /* It takes the place of an earlier row, which is lost then, so all else is checked first; but
     * nothing is where the database's row stays. */
    if (takes_places && !key_stays(scan->dataset, &scan->row) &&
        (!references_hold(&checked, &infers) || !delivery_fits(scan, reading)))
        return count_bad(scan, line);
    verdict = key_take(&checked);
    if (verdict == KEY_FAILED)
        return false;
    if (verdict == KEY_SKIPPED)
        return true;
    if (!takes_places && (!references_hold(&checked, &infers) ||
                          (verdict == KEY_FREE && !delivery_fits(scan, reading))))
        return verdict == KEY_REFUSED ? count_bad(scan, line) : count_bad_late(scan, line);
    if (verdict == KEY_REFUSED)
        return count_bad(scan, line);
    return (!infers || references_infer(&checked)) && note_derived(scan, reading, line) &&
           note_existing_parent(scan, line) && pass_on(scan);
}

/* A reject file gets all the lines of a record. */
static bool note_continued(struct scan *scan, uint64_t line, uint64_t end_line)
{
    if (!scan->dataset->files.sets_aside)
        return true;
    while (++line < end_line)
        if (!id_set_add(&scan->dataset->files.continued,
                        (int64_t)scan->source->line_base + (int64_t)line))
            return error_memory(scan->error);
    return true;
}

/* Lines are numbered through a table's files in 32 bits. */
static bool count_lines(struct scan *scan, uint64_t lines)
{
    if (lines >= UINT32_MAX - scan->source->line_base)
        return error_set(scan->error, ERROR_DATA,
                         "%s:%" PRIu64 ": the files of %s.%s have too many lines, at most 2^32 can "
                         "be loaded in one run",
                         scan->source->path, lines, scan->dataset->table->schema,
                         scan->dataset->table->name);
    scan->source->line_count = (uint32_t)lines;
    return true;
}

static bool scan_record(void *context, const struct csv_record *record)
{
    struct scan *scan = context;
    const struct row_reading reading = {
        .source = scan->source, .catalog = &scan->dataset->database.catalog, .record = record};

    scan->source->rows_read++;
    return count_lines(scan, record->end_line) &&
           note_continued(scan, record->line, record->end_line) &&
           check_row(scan, &reading, scan->source->line_base + (uint32_t)record->line);
}

static void add_fault(struct scan *scan, const struct csv_fault *fault)
{
    const struct csv_record record = {.line = fault->line,
                                      .end_line = fault->end_line,
                                      .field_count = fault->fields != NULL ? fault->field : 0,
                                      .fields = fault->fields};
    const struct row_reading reading = {
        .source = scan->source, .catalog = &scan->dataset->database.catalog, .record = &record};
    char name[PROBLEM_COLUMN_SIZE], key[PROBLEM_KEY_SIZE];
    struct problem_place place = {.code = fault->is_no_text ? PROBLEM_ENCODING : PROBLEM_FORMAT,
                                  .line = fault->line};

    row_read_key(&reading, &scan->row);
    place.column = source_field_name(scan->source, fault->field, name);
    place.key = row_key_text(scan->dataset->table, &scan->row, key);
    problem_add(&scan->source->problems, &place, "%s%s", fault->message,
                source_withholding(scan->source));
}

static bool scan_fault(void *context, const struct csv_fault *fault)
{
    struct scan *scan = context;

    scan->source->rows_read++;
    if (!count_lines(scan, fault->end_line))
        return false;
    if (fault->fatal) {
        scan->dataset->files.incomplete = true;
        scan->source->unreadable_from = fault->line;
    } else if (!note_continued(scan, fault->line, fault->end_line)) {
        return false;
    }
    add_fault(scan, fault);
    return count_bad(scan, scan->source->line_base + (uint32_t)fault->line);
}

/* TimeL-E's service has NOT NULL on columns that a file may otherwise lack. */
static bool require_columns(const struct scan *scan, const struct source *source)
{
    const struct table *table = scan->dataset->table;

    for (size_t i = 0; i < table->column_count; i++)
        if (table->columns[i].header != NULL && table->columns[i].absent == ABSENT_NULL &&
            source->field_of_column[i] < 0 && scan->dataset->database.catalog.columns[i].not_null)
            return error_set(scan->error, ERROR_DATA,
                             "%s: the header has no column %s, which %s.%s needs in this database",
                             source->path, table->columns[i].header, table->schema, table->name);
    return true;
}

static uint64_t rows_read(const struct source *source)
{
    return source->rows_read;
}

/* A file that was cut off may end in the middle of a value. */
static void warn_of_unended_line(const struct scan *scan, const struct source *source)
{
    uint64_t line = csv_reader_unended_line(scan->reader);

    if (line > 0)
        log_warning(scan->session->log,
                    "%s: the last line (%" PRIu64 ") has no line end: is the file complete?",
                    source->path, line);
}

static bool scan_source(struct scan *scan, struct source *source)
{
    const struct pass pass = {
        .phase = scan->taker != NULL ? "load" : "check",
        .reading = scan->taker != NULL ? PHASE_SENDS : PHASE_CHECKS,
        .source = source,
        .reader = scan->reader,
        .row = &scan->row,
        .record = scan_record,
        .fault = scan_fault,
        .rows = rows_read,
        .context = scan,
    };
    bool read;

    scan->source = source;
    scan->comparable = updated_columns_are_compared(scan->dataset, source);
    source->line_base = scan->dataset->files.line_count;
    read = require_columns(scan, source) && pass_read(&pass, scan->session) &&
           (source->rows_read > 0 || count_lines(scan, source->header_end));
    if (read)
        warn_of_unended_line(scan, source);
    log_verbose(scan->session->log, "checked %s: %" PRIu64 " rows, %" PRIu64 " bad", source->path,
                source->rows_read, source->rows_bad);
    scan->dataset->files.line_count += source->line_count;
    return read &&
           (source->reject_file == NULL || reject_file_check(source->reject_file, scan->error));
}

static bool judge_out_of_order(struct scan *scan)
{
    struct derived *derived = &scan->plan->derived;
    struct out_of_order request = {.dataset = scan->dataset,
                                   .duplicates = scan->duplicates,
                                   .reader = scan->reader,
                                   .changed = changed_parents(scan)};

    switch (scan->dataset->table->key_kind) {
    case KEY_PAIR:
        request.parents = &scan->dataset->files.pairs.out_of_order;
        return out_of_order_judge(&request, scan->session);
    case KEY_EVENT:
        request.parents = &derived->events.out_of_order;
        request.previous = &derived->previous;
        return out_of_order_judge(&request, scan->session);
    case KEY_ID:
        break;
    }
    return true;
}

static bool forget_price(int64_t product, void *context)
{
    struct scan *scan = context;

    return line_index_get(&scan->dataset->files.lines, product) != 0 ||
           derived_forget_price(&scan->plan->derived, product);
}

/* Forgets the prices of the enriched products that the run deletes, so that no new item gets
 * them. */
static bool forget_deleted_prices(struct scan *scan)
{
    return table_column_with_role(scan->dataset->table, ROLE_CATALOGUE_PRICE) < 0 ||
           !dataset_replaces(scan->dataset) ||
           id_set_each(&scan->dataset->database.existing, forget_price, scan) ||
           error_memory(scan->error);
}

bool scan_table(struct scan *scan, enum table_id id, const struct row_taker *taker)
{
    struct dataset *dataset = &scan->plan->datasets[id];
    bool scanned = true;

    scan->dataset = dataset;
    scan->taker = taker;
    scan->key_floor = plan_key_floor(scan->plan, dataset);
    scan->last_id = dataset_last_id(dataset);
    scan->group = (struct existing_group){
        .dataset = dataset, .changed = changed_parents(scan), .session = scan->session};
    for (size_t i = 0; scanned && i < dataset->source_count; i++)
        scanned = scan_source(scan, dataset->sources[i]);
    scanned = scanned && judge_out_of_order(scan) && existing_group_finish(&scan->group) &&
              (takeover_settle(dataset) || error_memory(scan->error)) &&
              forget_deleted_prices(scan);
    existing_group_free(&scan->group);
    return scanned;
}

bool scan_found_problems(const struct scan *scan)
{
    for (size_t i = 0; i < scan->plan->source_count; i++)
        if (scan->plan->sources[i]->rows_bad > 0)
            return true;
    return false;
}

bool scan_finish(struct scan *scan)
{
    struct error *error = scan->error;

    phase_end(scan->session->phases);
    /* What was found up to a failure is still worth telling. */
    if (!problem_report(scan->plan, scan->session->log, error))
        return false;
    return error->kind == ERROR_NONE && infer_parents(scan->plan, error);
}

bool scan_new(struct plan *plan, enum duplicates duplicates, const struct session *session,
              struct scan **scan)
{
    struct scan *made = calloc(1, sizeof *made);

    if (made == NULL)
        return error_memory(session->error);
    made->plan = plan;
    made->duplicates = duplicates;
    made->session = session;
    made->error = session->error;
    if (!csv_reader_new(&made->reader, session->error)) {
        free(made);
        return false;
    }
    *scan = made;
    return true;
}

void scan_free(struct scan *scan)
{
    if (scan == NULL)
        return;
    csv_reader_free(scan->reader);
    free(scan);
}
