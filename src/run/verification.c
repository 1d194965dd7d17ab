#include "run/verification.h"

#include "base/clock.h"
#include "pg/distribution.h"
#include "pg/lock_holder.h"
#include "pg/server_start.h"
#include "pg/statement.h"
#include "pg/transaction.h"
#include "schema/building_leftovers.h"
#include "schema/catalog_reading.h"
#include "target/floor.h"
#include "target/sequences.h"

#include <stdio.h>

static bool prepare_table(const struct dataset *dataset, struct catalog_table *catalog,
                          const struct session *session)
{
    const struct sequence *sequence = &dataset->database.sequence;

    if (!catalog_read_table(session->connection, dataset->table, false, catalog, session->error))
        return false;
    return !sequence->present || sequence->readable ||
           error_set(session->error, ERROR_DATABASE, "no SELECT privilege on sequence %s.%s",
                     sequence->schema, sequence->name);
}

bool verification_prepare(const struct plan *plan, struct verification *verification,
                          const struct session *session)
{
    for (int id = 0; id < TABLE_COUNT; id++)
        if (!prepare_table(&plan->datasets[id], &verification->catalogs[id], session))
            return false;
    return true;
}

bool verification_run(const struct plan *plan, const struct verification *verification,
                      bool sets_sequences, struct verify_results *results,
                      const struct session *session)
{
    struct verify_table tables[TABLE_COUNT];

    for (int id = 0; id < TABLE_COUNT; id++) {
        const struct dataset *dataset = &plan->datasets[id];

        tables[id] = (struct verify_table){
            .floor = dataset->floor,
            .catalog = &verification->catalogs[id],
            .sequence = &dataset->database.sequence,
            .sequence_will_be_set = sets_sequences && dataset->database.sequence.settable,
        };
    }
    if (!verify(tables, verification->full, results, session))
        return false;
    return results->broken_count == 0 ||
           error_set(session->error, ERROR_INVARIANT, "%zu of %zu invariants broken in %s",
                     results->broken_count, verify_results_checked(results),
                     connection_name(session->connection));
}

static bool lock_tables(const struct session *session)
{
    struct statement statement;
    bool locked;

    if (!statement_open(&statement, session->connection, session->error))
        return false;
    statement_add(&statement, "LOCK TABLE ");
    for (int id = 0; id < TABLE_COUNT; id++) {
        const struct table *table = table_get((enum table_id)id);

        statement_add(&statement, "%s", id == 0 ? "" : ", ");
        statement_qualified(&statement, table->schema, table->name);
    }
    statement_add(&statement, " IN ACCESS SHARE MODE");
    locked = statement_execute(&statement, session->error);
    statement_free(&statement);
    return locked;
}

/* Citus would lock a table on one node after the other, in the order of their names; a transaction
 * of a worker node has its snapshot before it waits there. The coordinator's own tables are enough:
 * whoever truncates a table has locked these, too, and they are free when all nodes have committed.
 *
 * Whether there is Citus cannot be asked before: the answer would be the transaction's first query.
 * A server without it takes the setting for one that nobody reads.
 */
static bool lock_coordinator(const struct session *session)
{
    return connection_execute(session->connection, "SET LOCAL citus.enable_ddl_propagation = off",
                              session->error) &&
           lock_tables(session);
}

static bool read_tables(struct run *run, struct verification *verification,
                        const struct session *session)
{
    const int64_t no_floors[TABLE_COUNT] = {0};

    return sequences_find(&run->plan, session) && floor_read(&run->plan, no_floors, session) &&
           verification_prepare(&run->plan, verification, session);
}

/* Sets the error of a lock that the server refused. When a table is missing or may not be read,
 * reading the tables as usual gives a better message than the server's. */
static bool explain_refusal(const struct run_options *options, struct run *run,
                            const struct error *refusal, const struct session *session)
{
    struct verification ignored = {0};

    if (refusal->kind == ERROR_DATABASE && !lock_holder_is_to_blame(refusal) &&
        !connection_is_lost(session->connection) &&
        connection_execute(session->connection, "ROLLBACK", session->error) &&
        transaction_begin(session->connection, TRANSACTION_LOOK, options->lock_timeout,
                          session->error) &&
        distribution_find(session->connection, session->error))
        (void)read_tables(run, &ignored, session);
    if (session->error->kind == ERROR_NONE)
        *session->error = *refusal;
    return false;
}

/*
 * The tables are locked before the first query, whose snapshot decides what is seen. A table that
 * was truncated and filled with frozen rows since then shows these rows, and not those of other
 * tables that they refer to (PostgreSQL manual, 13.6 and COPY, FREEZE).
 */
static bool look(const struct run_options *options, struct run *run, const struct session *session)
{
    struct verification verification = {.full = options->verify_full};
    struct error refusal = {0};
    struct session attempt = *session;

    attempt.error = &refusal;
    phase_begin(session->phases, "prepare", "transaction");
    if (!transaction_begin(session->connection, TRANSACTION_LOOK, options->lock_timeout,
                           session->error))
        return false;
    if (!lock_coordinator(&attempt))
        return explain_refusal(options, run, &refusal, session);
    return distribution_find(session->connection, session->error) &&
           read_tables(run, &verification, session) &&
           verification_run(&run->plan, &verification, false, &run->invariants, session);
}

/* Leaves the error of a broken invariant as it is. */
static bool warn_of_leftovers(const struct session *session)
{
    struct error failure = {0};
    struct session asking = *session;

    asking.error = &failure;
    return building_warn_of_leftovers(&asking) || error_copy(session->error, &failure);
}

bool verification_alone(const struct run_options *options, struct log *log, struct run *run,
                        struct error *error)
{
    struct wait_budget budget = wait_budget_begin(options->wait);
    struct session session = {.log = log, .phases = &run->phases, .error = error};
    bool right;

    run->verified_only = true;
    run->phases.log = log;
    phase_begin(&run->phases, "connect", "to the database");
    right = plan_open(&(struct plan_request){.mode = options->mode}, log, &run->plan, error) &&
            server_start_await(options->dbname, &budget, &session);
    if (right) {
        (void)snprintf(run->database, sizeof run->database, "%s",
                       connection_name(session.connection));
        connection_describe(session.connection, &run->place);
        right = look(options, run, &session);
        if (right || error->kind == ERROR_INVARIANT)
            right = warn_of_leftovers(&session) && right;
        if (!right)
            lock_holder_explain(session.connection, "", error);
    }
    phase_end(&run->phases);
    connection_close(session.connection);
    run->seconds = clock_seconds() - run->start;
    return right;
}
