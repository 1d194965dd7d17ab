#include "run/run.h"

#include "base/clock.h"
#include "base/wait_budget.h"
#include "check/scan.h"
#include "pg/connection.h"
#include "pg/lock_holder.h"
#include "pg/server_start.h"
#include "pg/stage.h"
#include "pg/transaction.h"
#include "run/commit.h"
#include "run/item_stream.h"
#include "run/ledger.h"
#include "run/new_tables.h"
#include "run/outlook.h"
#include "run/preparation.h"
#include "run/running.h"
#include "run/verification.h"
#include "schema/building.h"
#include "schema/building_leftovers.h"
#include "schema/rebuild_create.h"
#include "schema/trigger.h"
#include "target/proof.h"
#include "target/sequences.h"
#include "target/statistics.h"
#include "write/recompute.h"
#include "write/removal.h"
#include "write/send.h"

#include <stdio.h>
#include <stdlib.h>

/* The service's own trigger, which writes the status history, would make the load fail
 * (pg/trigger). */
static bool disable_triggers(struct running *running)
{
    const struct dataset *orders = &running->plan->datasets[TABLE_ORDERS];
    unsigned changes = 0;

    if (dataset_is_loaded(orders))
        changes |= TRIGGER_ON_INSERT;
    if (!id_set_is_empty(&running->plan->derived.event_orders) ||
        dataset_replaces(&running->plan->datasets[TABLE_ORDER_STATUS_HISTORY]))
        changes |= TRIGGER_ON_UPDATE;
    return changes == 0 || triggers_disable(orders->table, table_get(TABLE_ORDER_STATUS_HISTORY),
                                            changes, &running->disabled, &running->session);
}

static bool end_transaction(struct running *running)
{
    const struct session *session = &running->session;

    phase_begin(session->phases, running->run->dry ? "roll back" : "commit", "transaction");
    if (running->run->dry)
        return connection_execute(session->connection, "ROLLBACK", session->error);
    return commit(running->options, running->run, session);
}

/* Gives the other files of the run their names. Those of a run of which it is not known whether it
 * was committed are kept: they may be all that tells its rows. */
static void publish(struct running *running)
{
    bool committed = running->run->transaction == TRANSACTION_COMMITTED;
    bool unknown = running->run->transaction == TRANSACTION_UNKNOWN;
    struct log *log = running->session.log;
    struct error failure = {0};

    if (running->id_map != NULL && (committed || unknown)) {
        bool named = pending_file_publish(running->id_map, &failure);

        if (!named && committed)
            log_warning(log, "all is loaded, but %s", failure.message);
        else if (!named)
            log_warning(log, "%s", failure.message);
        else if (unknown)
            log_warning(log, "%s is kept: it has the ids that the rows have if they were committed",
                        running->options->id_map);
    }
    if (running->run->rejects != NULL && (committed || unknown || running->run->dry))
        rejects_publish(running->run->rejects, committed, log);
}

/* A run that loads nothing sets no sequence, unless it moves a floor or makes the API: in a
 * database of TimeL-E's service the ids that the API's functions draw would belong to files. */
static bool sets_sequences(const struct running *running)
{
    return running->options->create_api ||
           sequences_are_moved(running->plan, running->options->floors);
}

/* Comes before the sequences are set, because a rollback does not undo that. */
static bool verify_invariants(struct running *running)
{
    if (!running->options->verify ||
        verification_run(running->plan, &running->verification, sets_sequences(running),
                         &running->run->invariants, &running->session))
        return true;
    return running->session.error->kind == ERROR_INVARIANT &&
           error_hint(running->session.error,
                      "The load was rolled back; --verify without a FILE tells what is broken "
                      "without it.");
}

static bool prepare(struct running *running)
{
    phase_begin(running->session.phases, "prepare", "transaction");
    if (!preparation_begin(running) || !new_tables_make(running))
        return false;
    if (running->new_tables != NULL)
        return true;
    return (running->has_leftovers ||
            building_remove_leftovers(&running->has_leftovers, &running->session)) &&
           preparation_make_schema(running) &&
           (running->learned || preparation_learn(running, &running->session));
}

/* The table that is streamed comes last. */
static bool scan_others(struct running *running, struct scan *scan)
{
    for (int id = 0; id < TABLE_COUNT; id++)
        if (!table_get((enum table_id)id)->streamed &&
            (!new_tables_stream(running, (enum table_id)id, scan) ||
             !scan_table(scan, (enum table_id)id, NULL)))
            return false;
    return true;
}

static bool scan_all(struct running *running, struct scan *scan)
{
    const struct run_options *options = running->options;
    bool streams = item_stream_is_possible(running->plan, options->rebuild, options->duplicates);
    struct phase_outlook outlook = outlook_load(running->plan, options, streams);

    outlook.known = outlook.known && running->new_tables == NULL;
    phase_foresee(running->session.phases, &outlook);
    if (!scan_others(running, scan))
        return false;
    return streams && running->new_tables == NULL
               ? item_stream_scan(scan, running->sending, running->plan, &running->choice,
                                  &running->session)
               : scan_table(scan, table_streamed(), NULL);
}

static bool scan(struct running *running)
{
    struct scan *scan = NULL;
    bool right;

    if (!sending_new(running->plan, running->run->load_time, running->id_map, &running->session,
                     &running->sending) ||
        !scan_new(running->plan, running->options->duplicates, &running->session, &scan))
        return false;
    right = scan_all(running, scan);
    right = scan_finish(scan) && right;
    scan_free(scan);
    return right;
}

static bool write_rows(struct running *running)
{
    const struct session *session = &running->session;
    struct plan *plan = running->plan;

    /* What follows from rows that were judged late is for the database to work out here, too. */
    if (running->new_tables != NULL)
        return new_tables_fill(running) && new_tables_publish(running) && recompute(plan, session);
    return rebuild_choose(&running->choice, plan, session) && disable_triggers(running) &&
           sequences_make_draws_transactional(plan, running->run->dry, session) &&
           recompute_prepare(plan, session) && sending_send(running->sending) &&
           removal_carry_out(&running->removal, plan, session) &&
           rebuild_create(running->choice.rebuild, session) &&
           ((running->run->dry && !running->options->verify) || statistics_update(plan, session)) &&
           recompute(plan, session);
}

/* Writes the rejected rows to the disk before the first row is sent, so that a full disk ends the
 * run early. */
static bool complete_rejects(struct run *run, struct error *error)
{
    if (run->rejects == NULL)
        return true;
    phase_begin(&run->phases, "write", "rejected rows");
    return rejects_complete(run->rejects, error);
}

/* Completes the records of the run before the commit: the files' SHA-256, the ledger's rows, the
 * report. */
static bool complete_records(struct running *running)
{
    const struct run_options *options = running->options;

    phase_begin(running->session.phases, "record", "run");
    return plan_finish_fingerprints(running->plan, running->session.error) &&
           (running->ledger != LEDGER_OPEN || running->run->dry ||
            ledger_record(options, running->run, &running->session)) &&
           (running->report == NULL ||
            report_file_prepare(running->report, running->session.error));
}

/* The id map is complete before the commit and gets its name after it, so that an id map of that
 * name has committed rows alone. What can fail comes before the sequences are set, because a
 * rollback does not set them back. */
static bool finish(struct running *running)
{
    bool ended;

    if (!stage_drop_all(running->session.connection, running->session.error) ||
        (running->id_map != NULL &&
         !pending_file_complete(running->id_map, running->session.error)) ||
        !complete_records(running))
        return false;
    phase_begin(running->session.phases, "set", "sequences");
    if (sets_sequences(running) && !sequences_advance(running->plan, running->options->floors,
                                                      running->run->dry, &running->session))
        return false;
    ended = new_tables_replace(running) && end_transaction(running);
    if (ended || running->run->transaction == TRANSACTION_UNKNOWN)
        publish(running);
    return ended;
}

static bool prove(struct running *running)
{
    phase_begin(running->session.phases, "prove", "foreign keys");
    return proof_foreign_keys(running->plan, &running->session);
}

/* The foreign keys are proven before the triggers are restored: a table cannot be altered while
 * deferred checks of it are pending. */
static bool load(struct running *running)
{
    return prepare(running) && scan(running) &&
           complete_rejects(running->run, running->session.error) && write_rows(running) &&
           prove(running) && triggers_restore(running->disabled, &running->session) &&
           verify_invariants(running) && finish(running);
}

static bool open_files(const struct run_options *options, struct log *log, struct run *run,
                       struct error *error)
{
    const struct plan_request request = {.files = {.paths = options->paths,
                                                   .path_count = options->path_count,
                                                   .may_be_empty = options->skip_loaded,
                                                   .only_checks = options->check},
                                         .mode = options->mode};

    return plan_open(&request, log, &run->plan, error) &&
           (options->rejects == NULL || rejects_open(options->rejects, &options->max_rejects,
                                                     &run->plan, &run->rejects, error));
}

bool run_check(const struct run_options *options, struct report_file *report, struct log *log,
               struct run *run, struct error *error)
{
    const struct session session = {.log = log, .phases = &run->phases, .error = error};
    struct phase_outlook outlook;
    struct scan *scan = NULL;
    bool right;

    run->checked_only = true;
    run->phases.log = log;
    right = open_files(options, log, run, error) && plan_log_ignored(&run->plan, log, error) &&
            (!options->fingerprints || plan_start_fingerprints(&run->plan, error)) &&
            scan_new(&run->plan, options->duplicates, &session, &scan);
    for (int id = 0; right && id < TABLE_COUNT; id++) {
        struct dataset *dataset = &run->plan.datasets[id];

        dataset->floor = options->floors[id] != 0 ? options->floors[id] : dataset->table->floor;
        dataset->files.incomplete = dataset->source_count == 0;
        dataset->files.infer = options->infer.tables[id];
    }
    outlook = outlook_check(&run->plan);
    phase_foresee(&run->phases, &outlook);
    for (int id = 0; right && id < TABLE_COUNT; id++)
        right = scan_table(scan, (enum table_id)id, NULL);
    if (scan != NULL)
        right = scan_finish(scan) && right;
    scan_free(scan);
    right = right && complete_rejects(run, error) && plan_finish_fingerprints(&run->plan, error) &&
            (report == NULL || report_file_prepare(report, error));
    if (right && run->rejects != NULL)
        rejects_publish(run->rejects, false, log);
    phase_end(&run->phases);
    run->seconds = clock_seconds() - run->start;
    return right;
}

static bool open_connection(struct running *running)
{
    phase_begin(running->session.phases, "connect", "to the database");
    running->budget = wait_budget_begin(running->options->wait);
    if (!server_start_await(running->options->dbname, &running->budget, &running->session)) {
        running->unreachable = true;
        return false;
    }
    connection_describe(running->session.connection, &running->run->place);
    log_verbose(running->session.log, "connected to %s",
                connection_name(running->session.connection));
    (void)snprintf(running->run->database, sizeof running->run->database, "%s",
                   connection_name(running->session.connection));
    return true;
}

bool run_execute(const struct run_options *options, struct report_file *report, struct log *log,
                 struct run *run, struct error *error)
{
    struct running running = {
        .options = options,
        .run = run,
        .report = report,
        .plan = &run->plan,
        .session = {.log = log, .phases = &run->phases, .error = error},
        .choice = {.when = options->rebuild},
    };
    bool loaded = false;

    run->dry = options->dry_run;
    run->phases.log = log;
    if (open_files(options, log, run, error) &&
        (options->id_map == NULL || id_map_open(options->id_map, &running.id_map, error)) &&
        open_connection(&running)) {
        loaded = load(&running);
        if (!loaded)
            lock_holder_explain(running.session.connection,
                                running.new_tables != NULL ? BUILDING_PREFIX : "", error);
    }
    (void)run_require_error(run, loaded, error);
    phase_end(&run->phases);
    sending_free(running.sending);
    if (!loaded && run->transaction != TRANSACTION_UNKNOWN)
        new_tables_remove(&running);
    if (!loaded && run->transaction != TRANSACTION_UNKNOWN && !run->dry && !running.unreachable &&
        error->kind != ERROR_USAGE)
        ledger_record_failure(options, run, &running.session);
    /* What was begun and not committed is rolled back by the server when the connection ends. */
    connection_close(running.session.connection);
    new_tables_free(running.new_tables);
    rebuild_free(running.choice.rebuild);
    triggers_free(running.disabled);
    removal_free(&running.removal);
    pending_file_free(running.id_map);
    run->seconds = clock_seconds() - run->start;
    return loaded;
}
