#include "run/verification.h"

#include "base/clock.h"
#include "pg/lock_holder.h"
#include "pg/server_start.h"
#include "pg/statement.h"
#include "pg/transaction.h"
#include "target/floor.h"
#include "target/sequences.h"

#include <stdio.h>

static bool prepare_table(const struct dataset *dataset, struct connection *connection,
                          struct catalog_table *catalog, struct error *error)
{
    const struct sequence *sequence = &dataset->sequence;

    if (!catalog_read_table(connection, dataset->table, false, catalog, error))
        return false;
    return !sequence->present || sequence->readable ||
           error_set(error, ERROR_DATABASE, "no SELECT privilege on sequence %s.%s",
                     sequence->schema, sequence->name);
}

bool verification_prepare(const struct plan *plan, struct connection *connection,
                          struct verification *verification, struct error *error)
{
    for (int id = 0; id < TABLE_COUNT; id++)
        if (!prepare_table(&plan->datasets[id], connection, &verification->catalogs[id], error))
            return false;
    return true;
}

bool verification_run(const struct plan *plan, const struct verification *verification,
                      bool sets_sequences, struct connection *connection, struct phase_list *phases,
                      struct verify_results *results, struct error *error)
{
    struct verify_table tables[TABLE_COUNT];

    for (int id = 0; id < TABLE_COUNT; id++) {
        const struct dataset *dataset = &plan->datasets[id];

        tables[id] = (struct verify_table){
            .floor = dataset->floor,
            .catalog = &verification->catalogs[id],
            .sequence = &dataset->sequence,
            .sequence_will_be_set = sets_sequences && dataset->sequence.settable,
        };
    }
    if (!verify(connection, tables, phases, results, error))
        return false;
    return results->broken_count == 0 ||
           error_set(error, ERROR_INVARIANT, "%zu of %zu invariants broken in %s",
                     results->broken_count, results->count, connection_name(connection));
}

static bool lock_tables(struct connection *connection, struct error *error)
{
    struct statement statement;
    bool locked;

    if (!statement_open(&statement, connection, error))
        return false;
    statement_add(&statement, "LOCK TABLE ");
    for (int id = 0; id < TABLE_COUNT; id++) {
        const struct table *table = table_get((enum table_id)id);

        statement_add(&statement, "%s", id == 0 ? "" : ", ");
        statement_qualified(&statement, table->schema, table->name);
    }
    statement_add(&statement, " IN ACCESS SHARE MODE");
    locked = statement_execute(&statement, error);
    statement_free(&statement);
    return locked;
}

static bool read_tables(struct run *run, struct connection *connection,
                        struct verification *verification, struct error *error)
{
    const int64_t no_floors[TABLE_COUNT] = {0};

    return sequences_find(&run->plan, connection, error) &&
           floor_read(&run->plan, no_floors, connection, error) &&
           verification_prepare(&run->plan, connection, verification, error);
}

/* A table that is not there or may not be read: the server's word for it, or a better one. */
static bool explain_refusal(const struct run_options *options, struct run *run,
                            struct connection *connection, const struct error *refusal,
                            struct error *error)
{
    struct verification ignored = {0};

    if (refusal->kind == ERROR_DATABASE && !lock_holder_is_to_blame(refusal) &&
        PQstatus(connection_handle(connection)) == CONNECTION_OK &&
        connection_execute(connection, "ROLLBACK", error) &&
        transaction_begin(connection, TRANSACTION_LOOK, options->lock_timeout, error))
        (void)read_tables(run, connection, &ignored, error);
    if (error->kind == ERROR_NONE)
        *error = *refusal;
    return false;
}

/*
 * The lock comes before the first look, which fixes the moment that is seen. A table that was
 * truncated and filled with frozen rows since then shows these rows, and not those of other tables
 * that they refer to (PostgreSQL manual, 13.6 and COPY, FREEZE).
 */
static bool look(const struct run_options *options, struct run *run, struct connection *connection,
                 struct error *error)
{
    struct verification verification = {0};
    struct error refusal = {0};

    phase_begin(&run->phases, "prepare", "transaction");
    if (!transaction_begin(connection, TRANSACTION_LOOK, options->lock_timeout, error))
        return false;
    if (!lock_tables(connection, &refusal))
        return explain_refusal(options, run, connection, &refusal, error);
    return read_tables(run, connection, &verification, error) &&
           verification_run(&run->plan, &verification, false, connection, &run->phases,
                            &run->invariants, error);
}

bool verification_alone(const struct run_options *options, struct log *log, struct run *run,
                        struct error *error)
{
    struct patience patience = patience_begin(options->wait);
    struct connection *connection = NULL;
    bool right;

    run->verified_only = true;
    run->phases.log = log;
    phase_begin(&run->phases, "connect", "to the database");
    right = plan_open(NULL, 0, options->mode, log, &run->plan, error) &&
            server_start_await(options->dbname, &patience, log, &run->phases, &connection, error);
    if (right) {
        (void)snprintf(run->database, sizeof run->database, "%s", connection_name(connection));
        connection_describe(connection, &run->place);
        right = look(options, run, connection, error);
        if (!right)
            lock_holder_explain(connection, error);
    }
    phase_end(&run->phases);
    connection_close(connection);
    run->seconds = clock_seconds() - run->start;
    return right;
}
