#include "run/new_tables.h"

#include "base/interrupt.h"
#include "build/build.h"
#include "pg/query.h"
#include "pg/run_lock.h"
#include "pg/transaction.h"
#include "pg/transaction_end.h"
#include "plan/dataset_copy.h"
#include "run/item_stream.h"
#include "run/job_count.h"
#include "run/preparation.h"
#include "run/usable_connection.h"
#include "schema/building.h"
#include "schema/building_drop.h"
#include "schema/building_leftovers.h"
#include "schema/rebuild.h"
#include "schema/schema.h"
#include "target/floor.h"
#include "target/sequences.h"

#include <stdio.h>
#include <stdlib.h>

struct new_tables {
    bool commits; /* COMMIT was sent: others may see the building schemas */
    struct build *build;
    struct rebuild *rebuild;
    struct step_context context;
    struct dataset_copy unchecked;
    bool started;
    int64_t old_floors[TABLE_COUNT]; /* of the tables that --reset drops */
};

/* For the first answer: a pooler that has no connection to the server left makes everybody wait. */
static const double first_seconds = 10;

/* For the removal of what a failed run has built. */
static const double removal_seconds = 10, lock_seconds = 2;

static bool is_wanted(const struct running *running)
{
    const struct run_options *options = running->options;

    return options->create_schema && options->mode == MODE_INSERT &&
           options->rebuild != REBUILD_NEVER && !options->dry_run &&
           running->plan->source_count > 0 && job_count(options, running->plan) > 1;
}

static bool note_one_connection(const char *reason, const struct running *running)
{
    log_note(running->session.log, "the tables are filled over one connection: %s", reason);
    return true;
}

/* What --reset asks before it drops anything. */
static bool set_old_aside(struct running *running, struct new_tables *tables,
                          const struct session *attempt, const struct session *learning)
{
    int64_t none[TABLE_COUNT] = {0};

    if (!running->options->reset)
        return true;
    if (!sequences_find(running->plan, learning) || !floor_read(running->plan, none, learning))
        return false;
    for (int id = 0; id < TABLE_COUNT; id++)
        tables->old_floors[id] = running->plan->datasets[id].floor;
    return schema_refuse_reset(tables->old_floors, running->options->force, learning) &&
           building_set_old_aside(attempt);
}

/* That of the connection which has asked goes with it. */
static void use_encoding(struct running *running)
{
    struct encoding *encoding = connection_encoding(running->session.connection);

    for (int id = 0; id < TABLE_COUNT; id++) {
        struct catalog_table *catalog = &running->plan->datasets[id].database.catalog;
        struct catalog_table *verified = &running->verification.catalogs[id];

        if (catalog->encoding != NULL)
            catalog->encoding = encoding;
        if (verified->encoding != NULL)
            verified->encoding = encoding;
    }
}

/* The new ledger stands in the place of the run's: it is empty, as all is that --reset has marked
 * as dropped. */
static bool learn(struct running *running, const struct session *learning)
{
    running->learned = sequences_find(running->plan, learning) &&
                       floor_read(running->plan, running->options->floors, learning) &&
                       preparation_learn(running, learning);
    use_encoding(running);
    return running->learned;
}

/* Where there is no ledger yet, it is made when the tables are published. */
static bool find_ledger(struct running *running, const struct session *learning)
{
    bool exists = false;

    return ledger_exists(&exists, learning) &&
           (!exists || ledger_find(running->options, &running->ledger, learning));
}

/* All tables get their indexes back by steps; those without rows, too. */
static bool drop_indexes(struct new_tables *tables, const struct session *attempt)
{
    struct rebuild_table rebuilt[TABLE_COUNT];

    for (int id = 0; id < TABLE_COUNT; id++)
        rebuilt[id] = (struct rebuild_table){.table = table_get((enum table_id)id)};
    if (!rebuild_find_obstacles(rebuilt, TABLE_COUNT, attempt) ||
        !rebuild_drop(rebuilt, TABLE_COUNT, &tables->rebuild, attempt))
        return false;
    for (int id = 0; id < TABLE_COUNT; id++)
        if (rebuilt[id].obstacle[0] != '\0')
            return error_set(attempt->error, ERROR_DATABASE, "%s", rebuilt[id].obstacle);
    return true;
}

static bool hide(struct running *running, struct new_tables *tables, const struct session *attempt)
{
    bool hidden = building_hide(attempt);

    connection_prefix_schemas(attempt->connection, BUILDING_PREFIX);
    hidden = hidden && drop_indexes(tables, attempt);
    connection_prefix_schemas(attempt->connection, "");
    return hidden && (!running->options->reset || building_put_old_back(attempt)) &&
           building_put_ledger_back(attempt);
}

/* In this transaction, since names that the run's own has freed are not free for others before its
 * end. */
static bool remove_leftovers(struct running *running, const struct session *attempt)
{
    return building_remove_leftovers(&running->has_leftovers, attempt) &&
           (!running->has_leftovers ||
            error_set(attempt->error, ERROR_DATABASE, "what a killed run has left is in the way"));
}

/* Several hosts may be named, or stand behind a name. */
static bool begin_making(const struct new_tables *tables, const struct session *attempt)
{
    bool is_same_server = false;

    connection_limit(attempt->connection, first_seconds);
    if (!transaction_begin(attempt->connection, TRANSACTION_LOAD, tables->context.lock_timeout,
                           attempt->error) ||
        !run_lock_is_held_by(tables->context.lock_process, attempt, &is_same_server))
        return false;
    connection_limit(attempt->connection, 0);
    return is_same_server ||
           error_set(attempt->error, ERROR_DATABASE, "another connection leads to another server");
}

static bool commit_making(struct new_tables *tables, const struct session *attempt)
{
    tables->commits = true;
    return transaction_commit(attempt->connection, attempt->error) == TRANSACTION_COMMITTED &&
           step_begin(&tables->context, attempt);
}

static bool make(struct running *running, struct new_tables *tables, const struct session *attempt,
                 const struct session *learning)
{
    return begin_making(tables, attempt) && remove_leftovers(running, attempt) &&
           building_set_ledger_aside(attempt) &&
           set_old_aside(running, tables, attempt, learning) && schema_create(attempt) &&
           learn(running, learning) && preparation_try_api(running, learning) &&
           hide(running, tables, attempt) && find_ledger(running, learning) &&
           commit_making(tables, attempt);
}

/* What the server refuses here it does not refuse to a run over one connection, or that run says
 * so. */
static bool go_on_without(const struct running *running, struct error *refusal)
{
    if (running->session.error->kind != ERROR_NONE)
        return false;
    if (refusal->kind != ERROR_DATABASE)
        return error_copy(running->session.error, refusal);
    building_take_prefix_out(refusal->message);
    return note_one_connection(refusal->message, running);
}

static bool open_and_make(struct running *running, struct new_tables *tables, struct error *refusal)
{
    struct session attempt = running->session;
    struct session learning = running->session;

    attempt.error = refusal;
    tables->context.lock_timeout = running->options->lock_timeout;
    if (!run_lock_read_process(&running->session, tables->context.lock_process) ||
        !build_open(running->options->dbname, &attempt, &tables->build))
        return false;
    attempt.connection = learning.connection = build_connection(tables->build);
    return make(running, tables, &attempt, &learning);
}

/* Which files earlier runs have loaded is in the ledger, but the tables are made beside an empty
 * one (learn). */
static bool asks_ledger(const struct running *running, bool *asks)
{
    *asks = false;
    return !running->options->skip_loaded || running->options->reset ||
           ledger_exists(asks, &running->session);
}

bool new_tables_make(struct running *running)
{
    char obstacle[BUILDING_OBSTACLE_SIZE];
    struct error refusal = {0};
    struct new_tables *tables;
    bool applies, asks;

    if (!is_wanted(running))
        return true;
    if (!building_find_obstacle(running->options->reset, &applies, obstacle, &running->session) ||
        !asks_ledger(running, &asks))
        return false;
    if (!applies || asks)
        return true;
    if (obstacle[0] != '\0')
        return note_one_connection(obstacle, running);
    tables = calloc(1, sizeof *tables);
    if (tables == NULL)
        return error_memory(running->session.error);
    phase_begin(running->session.phases, "create", "schema");
    if (open_and_make(running, tables, &refusal)) {
        running->new_tables = tables;
        return true;
    }
    running->may_have_left_building = tables->commits;
    new_tables_free(tables);
    return go_on_without(running, &refusal);
}

static bool start(struct running *running, struct dataset *unchecked)
{
    struct new_tables *tables = running->new_tables;
    int jobs = job_count(running->options, running->plan);

    for (int id = 0; id < TABLE_COUNT; id++)
        running->plan->datasets[id].database.filled_apart = true;
    if (unchecked != NULL)
        unchecked->database.filled_apart = true;
    tables->context.plan = running->plan;
    tables->context.rebuild = tables->rebuild;
    tables->context.load_time = running->run->load_time;
    tables->context.id_map = running->id_map;
    tables->context.unchecked = unchecked;
    tables->started = true;
    return build_start(tables->build, &tables->context, jobs, &running->session);
}

/* Which rows the tables get has to be known: placeholders are not, before all is checked. */
static bool can_be_sent_unchecked(const struct running *running)
{
    for (int id = 0; id < TABLE_COUNT; id++)
        if (running->plan->datasets[id].files.infer)
            return false;
    return item_stream_is_possible(running->plan, running->options->rebuild,
                                   running->options->duplicates);
}

/* Values of its rows follow from prices in the catalogue. */
static bool has_all_prices(const struct running *running, enum table_id next)
{
    for (int id = (int)next; id < TABLE_COUNT; id++)
        if (table_column_with_role(table_get((enum table_id)id), ROLE_CATALOGUE_PRICE) >= 0 &&
            running->plan->datasets[id].source_count > 0)
            return false;
    return true;
}

bool new_tables_stream(struct running *running, enum table_id next, const struct scan *scan)
{
    struct new_tables *tables = running->new_tables;
    bool opened = false;

    if (tables == NULL || tables->started || !has_all_prices(running, next) ||
        !can_be_sent_unchecked(running) || scan_found_problems(scan))
        return true;
    return dataset_copy_open(&tables->unchecked, &running->plan->datasets[table_streamed()],
                             &opened, running->session.error) &&
           (!opened || start(running, &tables->unchecked.dataset));
}

bool new_tables_fill(struct running *running)
{
    struct new_tables *tables = running->new_tables;

    return (tables->started || start(running, NULL)) && build_finish(tables->build) &&
           (tables->context.unchecked == NULL ||
            dataset_copy_settle(&tables->unchecked, &running->plan->datasets[table_streamed()],
                                running->session.error));
}

static bool set_aside(struct running *running)
{
    const struct run_options *options = running->options;
    bool had_api;

    if (!options->reset)
        return true;
    if (!building_set_old_aside(&running->session) ||
        !building_set_api_aside(&had_api, &running->session))
        return false;
    if (had_api && !options->create_api)
        log_warning(running->session.log, "--reset drops the API, too; --create-api makes it anew");
    running->run->schema_reset = true;
    return true;
}

/* --verify and the ledger have to know it: no row of these tables bears the number of the run's own
 * transaction. */
static bool tell_transaction(struct running *running, const struct session *session)
{
    const char *const parameters[] = {running->run->filled_by};
    const struct query query = {.sql = "SELECT set_config('timele.filled_by', $1, true)",
                                .parameters = parameters,
                                .parameter_count = 1,
                                .columns = 1};
    PGresult *row;

    (void)snprintf(running->run->filled_by, sizeof running->run->filled_by, "%s",
                   running->new_tables->context.transaction_id);
    if (!connection_query_row(session->connection, &query, &row, session->error))
        return false;
    PQclear(row);
    return true;
}

/* A query that calls set_config(). */
static bool set_config(const char *sql, const struct session *session)
{
    const struct query query = {.sql = sql, .columns = 1};
    PGresult *rows;

    if (!connection_query(session->connection, &query, &rows, session->error))
        return false;
    PQclear(rows);
    return true;
}

/* schema.sql runs again, and finds all there but the ledger. The autovacuum against wraparound,
 * which cannot be switched off, may have one of the tables for a moment. Nobody waits behind this
 * run for it: a short lock_timeout would end the run for nothing. */
static bool complete_schema(const struct session *session)
{
    static const char remember[] =
        "SELECT set_config('timele.lock_timeout', current_setting('lock_timeout'), true)";
    static const char raise[] =
        "SELECT set_config('lock_timeout', '10s', true) FROM pg_settings "
        "WHERE name = 'lock_timeout' AND setting::integer BETWEEN 1 AND 9999";
    static const char set_back[] =
        "SELECT set_config('lock_timeout', current_setting('timele.lock_timeout'), true)";

    return set_config(remember, session) && set_config(raise, session) && schema_create(session) &&
           set_config(set_back, session);
}

bool new_tables_publish(struct running *running)
{
    const struct run_options *options = running->options;
    const struct session *session = &running->session;

    phase_begin(session->phases, "publish", "tables");
    if (!set_aside(running) || !building_show(session) || !complete_schema(session) ||
        !tell_transaction(running, session) || (options->reset && !ledger_note_reset(session)))
        return false;
    running->run->schema_created = true;
    if (!options->create_api)
        return true;
    phase_begin(session->phases, "create", "API");
    running->run->api_created = schema_create_api(session);
    return running->run->api_created;
}

bool new_tables_replace(struct running *running)
{
    if (running->new_tables == NULL || !running->options->reset)
        return true;
    phase_begin(running->session.phases, "replace", "tables");
    return building_drop_old(running->new_tables->old_floors, running->options->force,
                             &running->session);
}

/* Another run that has the lock by now removes them itself. But it may also be the server process
 * of this run that has it, and that has not learned yet that the connection is lost. */
static bool take_lock(const struct session *session)
{
    struct wait_budget budget = wait_budget_begin(lock_seconds);
    struct log quiet = *session->log;
    struct session waiting = *session;

    quiet.level = LOG_QUIET;
    waiting.log = &quiet;
    return run_lock_take(&waiting, &budget);
}

static bool remove_building(struct running *running, const struct session *session)
{
    return transaction_begin(session->connection, TRANSACTION_LOAD, running->options->lock_timeout,
                             session->error) &&
           take_lock(session) && building_remove(session) &&
           connection_execute(session->connection, "COMMIT", session->error);
}

void new_tables_remove(struct running *running)
{
    struct error failure = {0};
    struct session session = running->session;

    if (running->new_tables == NULL && !running->may_have_left_building)
        return;
    session.error = &failure;
    session.phases = NULL;
    interrupt_forget();
    if (running->new_tables != NULL) {
        build_close(running->new_tables->build);
        running->new_tables->build = NULL;
    }
    if (!usable_connection_find(running->options->dbname, removal_seconds, &session,
                                &session.connection) ||
        !remove_building(running, &session))
        log_warning(running->session.log,
                    "the tables that were built are left in schemas " BUILDING_PREFIX
                    "... (%s); the next run removes them",
                    failure.message);
    usable_connection_close(&running->session, session.connection);
}

void new_tables_free(struct new_tables *tables)
{
    if (tables == NULL)
        return;
    build_close(tables->build);
    dataset_copy_close(&tables->unchecked);
    rebuild_free(tables->rebuild);
    free(tables);
}
