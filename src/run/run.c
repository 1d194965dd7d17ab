#include "run/run.h"

#include "base/clock.h"
#include "base/patience.h"
#include "check/infer.h"
#include "check/scan.h"
#include "pg/connection.h"
#include "pg/lock_holder.h"
#include "pg/run_lock.h"
#include "pg/schema.h"
#include "pg/server_start.h"
#include "pg/transaction.h"
#include "pg/trigger.h"
#include "run/item_stream.h"
#include "run/ledger.h"
#include "run/verification.h"
#include "target/floor.h"
#include "target/known_tables.h"
#include "target/proof.h"
#include "target/sequences.h"
#include "write/recompute.h"
#include "write/removal.h"
#include "write/send.h"

#include <stdio.h>
#include <stdlib.h>

/* One run on its way. */
struct running {
    const struct run_options *options;
    struct log *log;
    struct run *run;
    struct plan *plan;
    struct connection *connection;
    struct patience patience;
    bool unreachable; /* no connection could be made */
    enum ledger_state ledger;
    struct rebuild_choice choice;
    struct sending *sending;
    struct trigger_silence *silence;
    struct verification verification;
    struct pending_file *id_map; /* NULL: none is wanted */
    struct error *error;
};

/* Defaults of the database give rows the same time: the transaction's. */
static bool read_load_time(struct running *running)
{
    PGresult *result;

    if (!connection_query_row(running->connection,
                              "SELECT (extract(epoch FROM transaction_timestamp()) * 1000000)"
                              "::bigint - 946684800000000",
                              0, NULL, 1, &result, running->error))
        return false;
    running->run->load_time = strtoll(PQgetvalue(result, 0, 0), NULL, 10);
    PQclear(result);
    return true;
}

static bool begin(struct running *running)
{
    return transaction_begin(running->connection, TRANSACTION_LOAD, running->options->lock_timeout,
                             running->error) &&
           run_lock_take(running->connection, &running->patience, running->log, running->error) &&
           read_load_time(running);
}

static bool prepare_schema(struct running *running)
{
    const struct run_options *options = running->options;
    int64_t floors[TABLE_COUNT] = {0};

    if (options->reset) {
        int64_t none[TABLE_COUNT] = {0};

        if (!sequences_find(running->plan, running->connection, running->error) ||
            !floor_read(running->plan, none, running->connection, running->error))
            return false;
        for (int id = 0; id < TABLE_COUNT; id++)
            floors[id] = running->plan->datasets[id].floor;
        if (!schema_reset(running->connection, floors, options->force, running->error))
            return false;
        if (!ledger_note_reset(running->connection, running->error))
            return false;
        running->run->schema_reset = true;
    }
    if (options->create_schema) {
        phase_begin(&running->run->phases, "create", "schema");
        if (!schema_create(running->connection, running->error) ||
            !schema_create_api(running->connection, running->log, running->error))
            return false;
        running->run->schema_created = true;
    }
    return sequences_find(running->plan, running->connection, running->error) &&
           floor_read(running->plan, options->floors, running->connection, running->error);
}

/* TimeL-E's own status trigger knows nothing of loads, and fails at that. */
static bool silence_triggers(struct running *running)
{
    const struct dataset *orders = &running->plan->datasets[TABLE_ORDERS];
    bool on_insert = dataset_is_loaded(orders);
    bool on_update = !id_set_is_empty(&running->plan->derived.event_orders) ||
                     dataset_replaces(&running->plan->datasets[TABLE_ORDER_STATUS_HISTORY]);

    return (!on_insert && !on_update) ||
           trigger_silence(running->connection, orders->table,
                           table_get(TABLE_ORDER_STATUS_HISTORY), on_insert, on_update,
                           &running->silence, running->error);
}

/* A transaction that failed would answer COMMIT with a rollback and no error. When the answer is
 * lost, nobody here knows whether the COMMIT was carried out. */
static bool commit(struct running *running)
{
    phase_begin(&running->run->phases, running->run->dry ? "roll back" : "commit", "transaction");
    if (running->run->dry)
        return connection_execute(running->connection, "ROLLBACK", running->error);
    if (PQtransactionStatus(connection_handle(running->connection)) != PQTRANS_INTRANS)
        return error_set(running->error, ERROR_INTERNAL, "there is no transaction to commit");
    if (connection_execute(running->connection, "COMMIT", running->error))
        return true;
    if (PQstatus(connection_handle(running->connection)) == CONNECTION_BAD)
        (void)error_hint(running->error,
                         "The connection was lost during COMMIT: look whether the rows are there "
                         "before you load again.");
    return false;
}

static bool prepare_verification(struct running *running)
{
    return !running->options->verify ||
           verification_prepare(running->plan, running->connection, &running->verification,
                                running->error);
}

/* Before the sequences are set, which a rollback does not undo. */
static bool verify_invariants(struct running *running)
{
    if (!running->options->verify ||
        verification_run(running->plan, &running->verification,
                         sequences_are_moved(running->plan, running->options->floors),
                         running->connection, &running->run->phases, &running->run->invariants,
                         running->error))
        return true;
    return running->error->kind == ERROR_INVARIANT &&
           error_hint(running->error, "The load was rolled back; --verify without a FILE tells "
                                      "what is broken without it.");
}

/* Files that are left out are none that anything else is needed for. */
static bool find_ledger(struct running *running)
{
    const struct run_options *options = running->options;

    if (!ledger_find(options, running->connection, running->log, &running->ledger, running->error))
        return false;
    if (options->skip_loaded && running->ledger == LEDGER_OPEN &&
        !ledger_leave_out_loaded(running->plan, running->connection, running->log, running->error))
        return false;
    return (running->ledger != LEDGER_OPEN && !options->fingerprints) ||
           plan_start_fingerprints(running->plan, running->error);
}

/* Learns all that the rows are checked against. */
static bool prepare(struct running *running)
{
    phase_begin(&running->run->phases, "prepare", "transaction");
    return begin(running) && prepare_schema(running) && find_ledger(running) &&
           known_tables_read(running->plan, running->connection, &running->run->phases,
                             running->error) &&
           prepare_verification(running) &&
           infer_decide(running->plan, &running->options->infer, running->error);
}

/* The planner would take what was just loaded for empty until autovacuum comes round, and already
 * in the statements that recompute() is about to run. */
static bool analyze(struct running *running)
{
    bool wanted = !running->run->dry || running->options->verify;

    for (int id = 0; wanted && id < TABLE_COUNT; id++) {
        const struct dataset *dataset = &running->plan->datasets[id];

        if (!dataset_is_loaded(dataset) || !dataset->catalog.owned)
            continue;
        phase_begin(&running->run->phases, "analyze", "%s.%s", dataset->table->schema,
                    dataset->table->name);
        if (!catalog_analyze(running->connection, dataset->table, running->error))
            return false;
    }
    return true;
}

static bool scan(struct running *running)
{
    const struct run_options *options = running->options;
    struct item_stream stream = {.plan = running->plan,
                                 .choice = &running->choice,
                                 .connection = running->connection,
                                 .log = running->log,
                                 .phases = &running->run->phases,
                                 .error = running->error};
    bool streams = item_stream_is_possible(running->plan, options->rebuild, options->duplicates);
    struct scan_stream items = item_stream_for_scan(&stream);

    if (!sending_new(running->plan, running->run->load_time, running->id_map, running->connection,
                     &running->run->phases, &running->sending, running->error))
        return false;
    stream.sending = running->sending;
    return scan_files(running->plan, options->duplicates, streams ? &items : NULL,
                      running->connection, running->log, &running->run->phases, running->error);
}

static bool write_rows(struct running *running)
{
    struct connection *connection = running->connection;
    struct phase_list *phases = &running->run->phases;
    struct error *error = running->error;

    return rebuild_choose(&running->choice, running->plan, connection, running->log, phases,
                          error) &&
           silence_triggers(running) &&
           sequences_shelter(running->plan, running->run->dry, connection, error) &&
           recompute_prepare(running->plan, connection, error) && sending_send(running->sending) &&
           rebuild_create(running->choice.rebuild, connection, phases, error) &&
           removal_carry_out(running->plan, connection, running->log, phases, error) &&
           analyze(running) && recompute(running->plan, connection, phases, error);
}

/* On the disk before anything is sent: a full one is found out in time. */
static bool complete_rejects(struct run *run, struct error *error)
{
    if (run->rejects == NULL)
        return true;
    phase_begin(&run->phases, "write", "rejected rows");
    return rejects_complete(run->rejects, error);
}

/* What tells of the run is complete before the commit: the ledger's rows, and whatever a file is
 * written for outside. */
static bool tell(struct running *running)
{
    const struct run_options *options = running->options;

    phase_begin(&running->run->phases, "record", "run");
    return plan_finish_fingerprints(running->plan, running->error) &&
           (running->ledger != LEDGER_OPEN || running->run->dry ||
            ledger_record(options, running->run, running->connection, running->log,
                          running->error)) &&
           (options->witness.agree == NULL ||
            options->witness.agree(options->witness.context, running->error));
}

/* The id map is complete before the commit and gets its name after it: it tells what is true. What
 * could still fail stands before the sequences, which a rollback does not set back. */
static bool finish(struct running *running)
{
    struct error publishing = {0};

    if ((running->id_map != NULL && !pending_file_complete(running->id_map, running->error)) ||
        !tell(running))
        return false;
    phase_begin(&running->run->phases, "set", "sequences");
    if (!sequences_advance(running->plan, running->options->floors, running->run->dry,
                           running->connection, running->error) ||
        !commit(running))
        return false;
    running->run->committed = !running->run->dry;
    if (running->id_map != NULL && running->run->committed &&
        !pending_file_publish(running->id_map, &publishing))
        log_warning(running->log, "all is loaded, but %s", publishing.message);
    if (running->run->rejects != NULL)
        rejects_publish(running->run->rejects, !running->run->dry, running->log);
    return true;
}

static bool prove(struct running *running)
{
    phase_begin(&running->run->phases, "prove", "foreign keys");
    return proof_foreign_keys(running->plan, running->connection, running->log, running->error);
}

/* No table can be altered, and so no trigger restored, while it has deferred checks before it. */
static bool load(struct running *running)
{
    return prepare(running) && scan(running) && complete_rejects(running->run, running->error) &&
           write_rows(running) && prove(running) &&
           trigger_restore(running->silence, running->connection, running->error) &&
           verify_invariants(running) && finish(running);
}

bool run_verifies_alone(const struct run_options *options)
{
    return options->verify && options->path_count == 0 && !options->create_schema &&
           !options->reset;
}

void run_begin(struct run *run)
{
    (void)clock_utc(run->started);
    run->start = clock_seconds();
}

static bool open_files(const struct run_options *options, struct log *log, struct run *run,
                       struct error *error)
{
    return plan_open(options->paths, options->path_count, options->mode, log, &run->plan, error) &&
           (options->rejects == NULL || rejects_open(options->rejects, &options->max_rejects,
                                                     &run->plan, &run->rejects, error));
}

bool run_check(const struct run_options *options, struct log *log, struct run *run,
               struct error *error)
{
    bool right;

    run->checked_only = true;
    run->phases.log = log;
    right = open_files(options, log, run, error) &&
            (!options->fingerprints || plan_start_fingerprints(&run->plan, error));
    for (int id = 0; right && id < TABLE_COUNT; id++) {
        struct dataset *dataset = &run->plan.datasets[id];

        dataset->floor = options->floors[id] != 0 ? options->floors[id] : dataset->table->floor;
        dataset->incomplete = dataset->source_count == 0;
        dataset->infer = options->infer.tables[id];
    }
    right = right &&
            scan_files(&run->plan, options->duplicates, NULL, NULL, log, &run->phases, error) &&
            complete_rejects(run, error) && plan_finish_fingerprints(&run->plan, error);
    if (right && run->rejects != NULL)
        rejects_publish(run->rejects, false, log);
    phase_end(&run->phases);
    run->seconds = clock_seconds() - run->start;
    return right;
}

static bool open_connection(struct running *running)
{
    phase_begin(&running->run->phases, "connect", "to the database");
    running->patience = patience_begin(running->options->wait);
    if (!server_start_await(running->options->dbname, &running->patience, running->log,
                            &running->run->phases, &running->connection, running->error)) {
        running->unreachable = true;
        return false;
    }
    connection_describe(running->connection, &running->run->place);
    log_verbose(running->log, "connected to %s", connection_name(running->connection));
    (void)snprintf(running->run->database, sizeof running->run->database, "%s",
                   connection_name(running->connection));
    return true;
}

bool run_execute(const struct run_options *options, struct log *log, struct run *run,
                 struct error *error)
{
    struct running running = {
        .options = options, .log = log, .run = run, .plan = &run->plan, .error = error};
    bool loaded = false;

    running.choice.when = options->rebuild;
    run->dry = options->dry_run;
    run->phases.log = log;
    if (open_files(options, log, run, error) &&
        (options->id_map == NULL || id_map_open(options->id_map, &running.id_map, error)) &&
        open_connection(&running)) {
        loaded = load(&running);
        if (!loaded)
            lock_holder_explain(running.connection, error);
    }
    phase_end(&run->phases);
    sending_free(running.sending);
    if (!loaded && !run->dry && !running.unreachable && error->kind != ERROR_USAGE)
        ledger_record_failure(options, run, error, running.connection, log);
    /* What was begun and not committed is rolled back by the server when the connection ends. */
    connection_close(running.connection);
    rebuild_free(running.choice.rebuild);
    trigger_silence_free(running.silence);
    pending_file_free(running.id_map);
    run->seconds = clock_seconds() - run->start;
    return loaded;
}

uint64_t run_rows_rejected(const struct run *run)
{
    uint64_t rows = 0;

    for (size_t i = 0; run->rejects != NULL && i < run->plan.source_count; i++)
        rows += run->plan.sources[i]->rows_bad;
    return rows;
}

enum error_kind run_outcome(const struct run *run, const struct error *error)
{
    if (error->kind != ERROR_NONE)
        return error->kind;
    return run_rows_rejected(run) > 0 ? ERROR_REJECTS : ERROR_NONE;
}

void run_free(struct run *run)
{
    rejects_free(run->rejects);
    plan_free(&run->plan);
    verify_results_free(&run->invariants);
    phase_list_free(&run->phases);
}
