#include "write/send.h"

#include "pg/search_path.h"
#include "pg/statement.h"
#include "row/pass.h"
#include "row/row_read.h"
#include "schema/merge.h"
#include "schema/shortfall.h"
#include "write/existing_id_map.h"
#include "write/tuple.h"
#include "write/update.h"

#include <inttypes.h>
#include <stdlib.h>

struct sending {
    struct plan *plan;
    const struct session *session;
    struct csv_reader *reader;
    struct copied_columns columns;
    struct tuple_context context;
    struct event_index events; /* sent so far */
    struct pending_file *id_map;
    struct error *error; /* the session's */

    struct dataset *dataset;
    bool unchecked; /* another thread checks its rows, and none of them is left out */
    struct source *source;
    struct copy_in *copy;
    struct row row;
};

static bool refuse_change(const struct sending *sending, uint64_t line)
{
    return error_set(sending->error, ERROR_FILE,
                     "%s:%" PRIu64 ": the file changed while it was being loaded",
                     sending->source->path, line);
}

/* The next event of the same order follows this one. */
static bool note_event(struct sending *sending)
{
    const struct table *table = sending->dataset->table;
    const struct value *values = sending->row.values;

    if (table->key_kind != KEY_EVENT || sending->context.staged)
        return true;
    return event_index_add(&sending->events, values[table->key[0]].integer,
                           values[table->key[1]].integer,
                           (unsigned)values[table->key[2]].integer) ||
           error_memory(sending->error);
}

/* Whether the row differs is seen later. */
static void note_staged(struct sending *sending)
{
    struct dataset *dataset = sending->dataset;

    sending->source->rows_staged++;
    dataset->done.placeholders_staged += id_set_contains(
        &dataset->database.existing_inferred, sending->row.values[dataset->table->key[0]].integer);
}

static bool send_record(void *context, const struct csv_record *record)
{
    struct sending *sending = context;
    struct source *source = sending->source;
    const struct dataset_files *files = &sending->dataset->files;
    const struct row_reading reading = {.source = source,
                                        .catalog = &sending->dataset->database.catalog,
                                        .record = record,
                                        .quiet = true};
    uint32_t line = source->line_base + (uint32_t)record->line;

    if (!sending->unchecked &&
        (id_set_contains(&files->left_out, line) || id_set_contains(&files->unchanged, line) ||
         id_set_contains(&files->updates, line) != sending->context.staged))
        return true;
    if (!row_read(&reading, &sending->row))
        return refuse_change(sending, record->line);
    if (sending->context.staged)
        note_staged(sending);
    else
        source->rows_loaded++;
    sending->context.line = line;
    return tuple_send(sending->copy, sending->dataset, &sending->row, &sending->context,
                      sending->error) &&
           note_event(sending);
}

/* A faulty record was counted and left out by the first reading. */
static bool pass_fault(void *context, const struct csv_fault *fault)
{
    struct sending *sending = context;

    if (id_set_contains(&sending->dataset->files.left_out,
                        sending->source->line_base + (uint32_t)fault->line))
        return true;
    return refuse_change(sending, fault->line);
}

/* Rows of a file to be sent, in one of the two ways, and those that were. */
static uint64_t rows_expected(const struct source *source)
{
    return source->rows_read - source->rows_bad - source->rows_skipped - source->rows_kept;
}

static uint64_t rows_done(const struct source *source)
{
    return source->rows_loaded + source->rows_updated + source->rows_unchanged +
           source->rows_staged;
}

/* A file of which nothing is left to send is not read again. */
static bool has_rows_to_send(const struct sending *sending, const struct source *source)
{
    int64_t first = source->line_base;

    if (rows_done(source) == rows_expected(source))
        return false;
    return !sending->context.staged || id_set_has_between(&sending->dataset->files.updates, first,
                                                          first + source->line_count + 1);
}

/* `file` is its number in the dataset. The last reading of a file has to bring all of its rows;
 * those that are unchanged come in none. */
static bool send_source(struct sending *sending, size_t file)
{
    struct source *source = sending->dataset->sources[file];
    const struct pass pass = {
        .phase = "copy",
        .reading = PHASE_SENDS,
        .source = source,
        .reader = sending->reader,
        .row = &sending->row,
        .record = send_record,
        .fault = pass_fault,
        .rows = rows_done,
        .context = sending,
    };

    if (!sending->unchecked && !has_rows_to_send(sending, source))
        return true;
    sending->source = source;
    sending->context.file = file;
    if (!pass_read(&pass, sending->session))
        return false;
    if (sending->unchecked)
        return true;
    if (sending->context.staged ? rows_done(source) > rows_expected(source)
                                : rows_done(source) != rows_expected(source))
        return refuse_change(sending, source->line_count);
    return true;
}

static bool send_placeholder(int64_t id, void *context)
{
    struct sending *sending = context;

    sending->dataset->done.inferred_loaded++;
    return tuple_send_inferred(sending->copy, sending->dataset, id, &sending->context,
                               sending->error);
}

static bool open_copy(struct sending *sending)
{
    const struct dataset *dataset = sending->dataset;
    struct statement statement;
    const char *sql;
    bool opened = false;

    if (!statement_open(&statement, sending->session->connection, sending->error))
        return false;
    statement_add(&statement, "COPY ");
    if (sending->context.staged) {
        merge_add_stage(&statement, dataset->table);
        copied_columns_all(dataset, &sending->columns);
    } else {
        statement_qualified(&statement, dataset->table->schema, dataset->table->name);
        copied_columns_needed(dataset, &sending->plan->derived, &sending->columns);
    }
    statement_add(&statement, " (");
    copied_columns_add(&statement, dataset->table, &sending->columns);
    if (sending->context.staged)
        statement_add(&statement, ", " MERGE_PLACE_COLUMN);
    /* FREEZE spares a later vacuum and is for tables truncated in this transaction only. */
    statement_add(&statement, ") FROM STDIN (FORMAT binary%s)",
                  dataset->database.frozen ? ", FREEZE" : "");
    sql = statement_text(&statement, sending->error);
    if (sql != NULL && search_path_use_session(sending->session->connection, sending->error))
        opened = copy_in_open(sending->session->connection, sql, &sending->copy, sending->error);
    statement_free(&statement);
    return opened;
}

/* Triggers may have kept rows from being stored. */
static bool end_copy(struct sending *sending, bool sent)
{
    struct connection *connection = sending->session->connection;
    struct copy_in *copy = sending->copy;
    const struct shortfall shortfall = {
        .connection = connection, .table = sending->dataset->table, .change = ACCESS_INSERT};
    unsigned long long lacking = 0;

    sending->copy = NULL;
    if (!sent) {
        copy_in_abort(copy, sending->error->message);
        return false;
    }
    return copy_in_end_counted(copy, &lacking, sending->error) &&
           search_path_restrict(connection, sending->error) &&
           (lacking == 0 || shortfall_refuse(&shortfall, lacking, sending->error));
}

static bool copy_dataset(struct sending *sending)
{
    struct dataset *dataset = sending->dataset;
    bool sent = true;

    if (!open_copy(sending))
        return false;
    for (size_t i = 0; sent && i < dataset->source_count; i++)
        sent = send_source(sending, i);
    /* Indexes that are in place, and foreign keys, take the server longer than the rows. */
    phase_begin(sending->session->phases, "finish", "%s.%s", dataset->table->schema,
                dataset->table->name);
    if (sent && !sending->context.staged)
        sent = id_set_each(&dataset->files.inferred, send_placeholder, sending);
    return end_copy(sending, sent);
}

/* Rows that the database has already cannot be copied over those. */
static bool send_staged(struct sending *sending)
{
    struct dataset *dataset = sending->dataset;

    sending->context.staged = true;
    sending->context.id_map = NULL;
    return update_begin(dataset, sending->session) &&
           (id_set_is_empty(&dataset->files.updates) || copy_dataset(sending)) &&
           update_apply(sending->plan, dataset, sending->session);
}

static uint64_t rows_left(const struct dataset *dataset)
{
    uint64_t rows = id_set_count(&dataset->files.inferred);

    for (size_t i = 0; i < dataset->source_count; i++)
        rows += rows_expected(dataset->sources[i]) - rows_done(dataset->sources[i]);
    return rows;
}

bool sending_open_stream(struct sending *sending, struct dataset *dataset)
{
    sending->dataset = dataset;
    sending->context.id_map = sending->id_map;
    return open_copy(sending);
}

bool sending_take_row(struct sending *sending, struct source *source, const struct row *row)
{
    source->rows_loaded++;
    return tuple_send(sending->copy, sending->dataset, row, &sending->context, sending->error);
}

bool sending_close_stream(struct sending *sending, bool complete)
{
    sending->dataset->done.sent = end_copy(sending, complete);
    return !complete || sending->dataset->done.sent;
}

static bool send_direct(struct sending *sending)
{
    sending->context.staged = false;
    sending->context.id_map = sending->id_map;
    return rows_left(sending->dataset) == 0 || copy_dataset(sending);
}

bool sending_new(struct plan *plan, int64_t load_time, struct pending_file *id_map,
                 const struct session *session, struct sending **sending)
{
    struct sending *made = calloc(1, sizeof *made);

    if (made == NULL)
        return error_memory(session->error);
    made->plan = plan;
    made->session = session;
    made->error = session->error;
    made->context.columns = &made->columns;
    made->context.load_time = load_time;
    made->context.derived = &plan->derived;
    made->context.events = &made->events;
    made->id_map = id_map;
    if (!csv_reader_new(&made->reader, session->error)) {
        free(made);
        return false;
    }
    *sending = made;
    return true;
}

bool sending_send_table(struct sending *sending, struct dataset *dataset)
{
    sending->dataset = dataset;
    dataset->done.sent = (!update_is_needed(dataset) || send_staged(sending)) &&
                         (sending->id_map == NULL ||
                          existing_id_map_add(dataset, sending->id_map, sending->session)) &&
                         send_direct(sending);
    return dataset->done.sent;
}

bool sending_send_unchecked(struct sending *sending, struct dataset *dataset)
{
    sending->dataset = dataset;
    sending->unchecked = true;
    sending->context.staged = false;
    sending->context.id_map = NULL;
    dataset->done.sent = copy_dataset(sending);
    sending->unchecked = false;
    return dataset->done.sent;
}

bool sending_send(struct sending *sending)
{
    bool sent = true;

    for (int id = 0; sent && id < TABLE_COUNT; id++) {
        struct dataset *dataset = &sending->plan->datasets[id];

        if (dataset_is_loaded(dataset) && !dataset->done.sent)
            sent = sending_send_table(sending, dataset);
    }
    phase_end(sending->session->phases);
    return sent;
}

void sending_free(struct sending *sending)
{
    if (sending == NULL)
        return;
    copy_in_abort(sending->copy, "the run ends");
    event_index_free(&sending->events);
    csv_reader_free(sending->reader);
    free(sending);
}
