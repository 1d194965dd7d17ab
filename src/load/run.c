#include "load/run.h"

#include "base/clock.h"
#include "load/existing.h"
#include "load/floor.h"
#include "load/scan.h"
#include "load/send.h"
#include "pg/connection.h"
#include "pg/rebuild.h"
#include "pg/run_lock.h"
#include "pg/schema.h"

#include <stdio.h>
#include <stdlib.h>

/* One run on its way. */
struct running {
    const struct run_options *options;
    struct log *log;
    struct run *run;
    struct plan *plan;
    struct connection *connection;
    struct rebuild *rebuild; /* NULL: the load is done in place */
    struct error *error;
};

/*
 * A job's role or database may set limits that are meant for the application's short statements;
 * while this program reads files its session looks idle. All is local to the transaction.
 */
static bool begin(struct running *running)
{
    PGresult *result;

    if (!connection_execute(running->connection,
                            "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;"
                            "SET LOCAL search_path = pg_catalog;"
                            "SET LOCAL client_min_messages = warning;"
                            "SET LOCAL statement_timeout = 0;"
                            "SET LOCAL idle_in_transaction_session_timeout = 0;"
                            "SET LOCAL timele.loading = 'on'",
                            running->error) ||
        !connection_query_row(running->connection,
                              "SELECT (extract(epoch FROM transaction_timestamp()) * 1000000)"
                              "::bigint - 946684800000000",
                              0, NULL, 1, &result, running->error))
        return false;
    running->run->load_time = strtoll(PQgetvalue(result, 0, 0), NULL, 10);
    PQclear(result);
    return true;
}

static bool find_sequences(struct running *running)
{
    for (int id = 0; id < TABLE_COUNT; id++) {
        struct dataset *dataset = &running->plan->datasets[id];

        if (dataset->table->has_sequence &&
            !sequence_find(running->connection, dataset->table, &dataset->sequence, running->error))
            return false;
    }
    return true;
}

static bool prepare_schema(struct running *running)
{
    const struct run_options *options = running->options;
    int64_t floors[TABLE_COUNT] = {0};

    if (options->reset) {
        int64_t none[TABLE_COUNT] = {0};

        if (!find_sequences(running) ||
            !floor_read(running->plan, none, running->connection, running->error))
            return false;
        for (int id = 0; id < TABLE_COUNT; id++)
            floors[id] = running->plan->datasets[id].floor;
        if (!schema_reset(running->connection, floors, options->force, running->error))
            return false;
        running->run->schema_reset = true;
    }
    if (options->create_schema) {
        if (!schema_create(running->connection, running->error))
            return false;
        running->run->schema_created = true;
    }
    return find_sequences(running) &&
           floor_read(running->plan, options->floors, running->connection, running->error);
}

static bool refuse_unsettable(const struct sequence *sequence, struct error *error)
{
    return error_set(error, ERROR_DATABASE,
                     "no privilege to read and set sequence %s.%s (SELECT, UPDATE)",
                     sequence->schema, sequence->name);
}

/* Tables that the run writes, or whose ids it has to know. */
static bool read_database(struct running *running)
{
    for (int id = 0; id < TABLE_COUNT; id++) {
        struct dataset *dataset = &running->plan->datasets[id];

        if (!plan_needs(running->plan, (enum table_id)id))
            continue;
        if (!catalog_read_table(running->connection, dataset->table, &dataset->catalog,
                                running->error) ||
            !existing_read(dataset, running->connection, running->error))
            return false;
        if (dataset->source_count > 0 && dataset->sequence.present && !dataset->sequence.settable)
            return refuse_unsettable(&dataset->sequence, running->error);
    }
    return true;
}

/* Whether neither the run nor the database has a row of the table that is no placeholder. */
static bool has_no_real_row(const struct dataset *dataset)
{
    return dataset->source_count == 0 &&
           id_set_count(&dataset->existing) == id_set_count(&dataset->existing_inferred);
}

/* Placeholders must be marked as such, and so must those that they in turn need. */
static bool require_inferred_column(const struct dataset *dataset, struct error *error)
{
    int column = table_inferred_column(dataset->table);

    if (dataset->catalog.columns[column].present)
        return true;
    (void)error_set(error, ERROR_DATABASE,
                    "%s.%s has no column %s, which marks the placeholders that --infer makes",
                    dataset->table->schema, dataset->table->name,
                    dataset->table->columns[column].name);
    return error_hint(error, "--create-schema adds it; --infer=none makes no placeholders.");
}

static bool allow_inference(struct running *running, struct dataset *dataset)
{
    if (!require_inferred_column(dataset, running->error))
        return false;
    for (size_t i = 0; i < dataset->table->column_count; i++)
        if (dataset->table->columns[i].has_reference &&
            !require_inferred_column(
                &running->plan->datasets[dataset->table->columns[i].references], running->error))
            return false;
    dataset->infer = true;
    return true;
}

static bool decide_inference(struct running *running)
{
    const struct run_options *options = running->options;

    for (int id = 0; id < TABLE_COUNT; id++) {
        struct dataset *dataset = &running->plan->datasets[id];
        bool wanted = options->infer_chosen
                          ? options->infer == dataset->id
                          : dataset->table->inferred_if_empty && has_no_real_row(dataset);

        if (wanted && plan_needs(running->plan, dataset->id) && !allow_inference(running, dataset))
            return false;
    }
    return true;
}

/* Empty tables lose their indexes and constraints for the time of the load, where that can be. */
static bool drop_indexes(struct running *running)
{
    const struct table *tables[TABLE_COUNT];
    char obstacle[REBUILD_OBSTACLE_SIZE];
    size_t count = 0;

    for (int id = 0; id < TABLE_COUNT; id++)
        if (dataset_is_loaded(&running->plan->datasets[id]) &&
            running->plan->datasets[id].catalog.empty)
            tables[count++] = table_get((enum table_id)id);
    if (count == 0)
        return true;
    if (!rebuild_drop(running->connection, tables, count, &running->rebuild, obstacle,
                      running->error))
        return false;
    if (running->rebuild == NULL)
        log_note(running->log, "indexes and constraints stay in place during the load: %s",
                 obstacle);
    for (int id = 0; id < TABLE_COUNT; id++)
        running->plan->datasets[id].rebuilt = running->rebuild != NULL &&
                                              dataset_is_loaded(&running->plan->datasets[id]) &&
                                              running->plan->datasets[id].catalog.empty;
    return true;
}

/*
 * The server's proof of what the client checked: each foreign key stands and is validated. A
 * database that lacks one is told about; its rows were still checked here.
 */
static bool prove_foreign_keys(struct running *running, struct dataset *dataset)
{
    const struct table *table = dataset->table;

    for (size_t i = 0; i < table->column_count; i++) {
        struct catalog_foreign_key *found = &dataset->foreign_keys[i];

        if (!table->columns[i].has_reference)
            continue;
        if (!catalog_read_foreign_key(running->connection, table, &table->columns[i], found,
                                      running->error))
            return false;
        if (!found->present)
            log_warning(running->log,
                        "%s.%s has no foreign key on %s; only this program has checked it "
                        "(--create-schema adds it)",
                        table->schema, table->name, table->columns[i].name);
        else if (!found->validated && !catalog_validate_foreign_key(running->connection, table,
                                                                    found->name, running->error))
            return false;
    }
    return true;
}

static bool prove(struct running *running)
{
    /* A deferred constraint would fail at the commit, after the sequences were set. */
    if (!connection_execute(running->connection, "SET CONSTRAINTS ALL IMMEDIATE", running->error))
        return false;
    for (int id = 0; id < TABLE_COUNT; id++)
        if (dataset_is_loaded(&running->plan->datasets[id]) &&
            !prove_foreign_keys(running, &running->plan->datasets[id]))
            return false;
    return true;
}

/* A run that loads nothing and moves no floor touches no sequence. */
static bool moves_sequences(const struct running *running)
{
    for (int id = 0; id < TABLE_COUNT; id++)
        if (running->options->floors[id] != 0)
            return true;
    return running->plan->source_count > 0;
}

/* Those of tables that the run did not load too, as far as the user may set them. */
static bool advance_sequences(struct running *running)
{
    if (!moves_sequences(running))
        return true;
    for (int id = 0; id < TABLE_COUNT; id++) {
        struct dataset *dataset = &running->plan->datasets[id];

        if (!dataset->sequence.present)
            continue;
        if (!dataset->sequence.settable) {
            if (dataset_is_loaded(dataset) || running->options->floors[id] != 0)
                return refuse_unsettable(&dataset->sequence, running->error);
            continue;
        }
        if (!sequence_advance(running->connection, dataset->table, dataset->floor,
                              &dataset->sequence, running->error))
            return false;
    }
    return floor_write(running->plan, running->options->floors, running->connection,
                       running->error);
}

/* When the answer to COMMIT is lost, nobody here knows whether it was carried out. */
static bool commit(struct running *running)
{
    if (connection_execute(running->connection, "COMMIT", running->error))
        return true;
    if (PQstatus(connection_handle(running->connection)) == CONNECTION_BAD)
        (void)error_hint(running->error,
                         "The connection was lost during COMMIT: look whether the rows are there "
                         "before you load again.");
    return false;
}

static bool load(struct running *running)
{
    struct connection *connection = running->connection;
    struct error *error = running->error;

    return begin(running) && run_lock_take(connection, error) && prepare_schema(running) &&
           read_database(running) && decide_inference(running) &&
           scan_files(running->plan, running->options->duplicates, connection, running->log,
                      error) &&
           drop_indexes(running) &&
           send_rows(running->plan, running->run->load_time, connection, error) &&
           rebuild_create(running->rebuild, connection, error) && prove(running) &&
           advance_sequences(running) && commit(running);
}

bool run_execute(const struct run_options *options, struct log *log, struct run *run,
                 struct error *error)
{
    struct running running = {
        .options = options, .log = log, .run = run, .plan = &run->plan, .error = error};
    double start = clock_seconds();
    bool loaded = false;

    *run = (struct run){0};
    if (plan_open(options->paths, options->path_count, log, &run->plan, error) &&
        connection_open(options->dbname, log, &running.connection, error)) {
        (void)snprintf(run->database, sizeof run->database, "%s",
                       connection_name(running.connection));
        loaded = load(&running);
    }
    /* What was begun and not committed is rolled back by the server when the connection ends. */
    connection_close(running.connection);
    rebuild_free(running.rebuild);
    run->seconds = clock_seconds() - start;
    return loaded;
}

void run_free(struct run *run)
{
    plan_free(&run->plan);
}
