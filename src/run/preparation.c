#include "run/preparation.h"

#include "check/infer.h"
#include "check/named_keys.h"
#include "pg/distribution.h"
#include "pg/run_lock.h"
#include "pg/statement.h"
#include "pg/transaction.h"
#include "schema/building.h"
#include "schema/schema.h"
#include "target/floor.h"
#include "target/known_tables.h"
#include "target/lookup_choice.h"
#include "target/sequences.h"

/* Where no row is loaded, the schema and the API alone may be made. */
bool preparation_begin(struct running *running)
{
    struct connection *connection = running->session.connection;
    struct error *error = running->session.error;

    if (!transaction_begin(connection, TRANSACTION_LOAD, running->options->lock_timeout, error))
        return false;
    running->run->transaction = TRANSACTION_ROLLED_BACK;
    return run_lock_take(&running->session, &running->budget) &&
           distribution_find(connection, error) &&
           (running->plan->source_count > 0 || distribution_use_own_copies(connection, error)) &&
           transaction_read_time(connection, &running->run->load_time, error);
}

static bool reset_schema(struct running *running)
{
    const struct run_options *options = running->options;
    int64_t floors[TABLE_COUNT] = {0};
    int64_t none[TABLE_COUNT] = {0};
    bool distributed = distribution_is_any(running->session.connection);
    bool dropped_api;

    if (!sequences_find(running->plan, &running->session) ||
        !floor_read(running->plan, none, &running->session))
        return false;
    for (int id = 0; id < TABLE_COUNT; id++)
        floors[id] = running->plan->datasets[id].floor;
    if (!schema_reset(floors, options->force, &dropped_api, &running->session) ||
        !ledger_note_reset(&running->session))
        return false;
    if (dropped_api && options->create_schema && !options->create_api)
        log_warning(running->session.log, "--reset drops the API, too; --create-api makes it anew");
    if (distributed && options->create_schema)
        log_warning(running->session.log,
                    "--reset drops what Citus has distributed; the new tables are on the "
                    "coordinator alone, until contrib/citus.sql distributes them");
    running->run->schema_reset = true;
    return true;
}

/* Tables that were made just now are not distributed: beside others that are, none is loaded. */
static bool find_distribution_again(const struct running *running)
{
    const struct run *run = running->run;
    bool changed = run->schema_reset || (run->schema_created && running->plan->source_count > 0);

    return !changed || distribution_find(running->session.connection, running->session.error);
}

bool preparation_make_schema(struct running *running)
{
    const struct run_options *options = running->options;

    if (options->reset && !reset_schema(running))
        return false;
    if (options->create_schema) {
        phase_begin(running->session.phases, "create", "schema");
        if (!schema_create(&running->session))
            return false;
        running->run->schema_created = true;
    }
    if (options->create_api) {
        phase_begin(running->session.phases, "create", "API");
        if (!schema_create_api(&running->session))
            return false;
        running->run->api_created = true;
    }
    return find_distribution_again(running) && sequences_find(running->plan, &running->session) &&
           floor_read(running->plan, options->floors, &running->session);
}

/* Its warnings come when it is made. */
bool preparation_try_api(const struct running *running, const struct session *session)
{
    static const char *const begin[] = {"SAVEPOINT timele_load_api",
                                        "SET LOCAL client_min_messages = error", NULL};
    static const char *const undo[] = {"ROLLBACK TO SAVEPOINT timele_load_api",
                                       "RELEASE SAVEPOINT timele_load_api", NULL};
    bool had_api;

    if (!running->options->create_api)
        return true;
    return statement_execute_each(session->connection, begin, session->error) &&
           (!running->options->reset || building_set_api_aside(&had_api, session)) &&
           schema_create_api(session) &&
           statement_execute_each(session->connection, undo, session->error);
}

static bool prepare_verification(struct running *running, const struct session *session)
{
    running->verification.full = running->options->verify_full;
    return !running->options->verify ||
           verification_prepare(running->plan, &running->verification, session);
}

/* Comes before the database's tables are read: those that only files left out would need are not
 * read. */
static bool find_ledger(struct running *running, const struct session *session)
{
    const struct run_options *options = running->options;

    if (!ledger_find(options, &running->ledger, session))
        return false;
    if (options->skip_loaded && running->ledger == LEDGER_OPEN &&
        !ledger_leave_out_loaded(running->plan, session))
        return false;
    if (!plan_log_ignored(running->plan, session->log, session->error))
        return false;
    return (running->ledger != LEDGER_OPEN && !options->fingerprints) ||
           plan_start_fingerprints(running->plan, session->error);
}

/* Learns what the database has of the tables. */
static bool find_rows(struct running *running, const struct session *session)
{
    if (!known_tables_find(running->plan, session))
        return false;
    lookup_choose(running->plan, running->options->lookup, session);
    return named_keys_gather(running->plan, session) && known_tables_read(running->plan, session);
}

bool preparation_learn(struct running *running, const struct session *session)
{
    return find_ledger(running, session) && find_rows(running, session) &&
           removal_prepare(&running->removal, running->plan, session) &&
           prepare_verification(running, session) &&
           infer_decide(running->plan, &running->options->infer, session->error);
}
