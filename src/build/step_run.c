#include "build/step_run.h"

#include "pg/query.h"
#include "pg/statement.h"
#include "pg/transaction.h"
#include "pg/transaction_end.h"
#include "schema/rebuild_create.h"
#include "target/statistics.h"
#include "write/send.h"

#include <stdio.h>

static bool has(const struct step *step, int id)
{
    return (step->tables & (1U << id)) != 0;
}

/* Another run that has the lock by now removes the tables and makes its own, which have the same
 * names. */
static bool require_run_lock(const struct step_context *context, const struct session *session)
{
    bool held = false;

    return run_lock_is_held_by(context->lock_process, session, &held) &&
           (held ||
            error_set(session->error, ERROR_DATABASE,
                      "the run lock is not held: the connection that took it was lost, or leads "
                      "to another server"));
}

static bool note_transaction(struct step_context *context, const struct session *session)
{
    const struct query query = {.sql = "SELECT pg_current_xact_id()", .columns = 1};
    PGresult *row;

    if (!connection_query_row(session->connection, &query, &row, session->error))
        return false;
    (void)snprintf(context->transaction_id, sizeof context->transaction_id, "%s",
                   PQgetvalue(row, 0, 0));
    PQclear(row);
    return true;
}

/* The lock is looked at when the table is locked, so that it cannot be another run's. */
static bool copy_table(int id, struct step_context *context, struct sending *sending,
                       const struct session *session)
{
    bool checked = context->unchecked == NULL || context->unchecked->id != (enum table_id)id;
    struct dataset *dataset = checked ? &context->plan->datasets[id] : context->unchecked;

    dataset->database.frozen = true;
    /* COPY ... FREEZE wants a table that was truncated in the same transaction. */
    return catalog_truncate(session->connection, dataset->table, session->error) &&
           require_run_lock(context, session) &&
           (table_column_derived(dataset->table, ABSENT_RANDOM_UUID) < 0 ||
            note_transaction(context, session)) &&
           (checked ? sending_send_table(sending, dataset)
                    : sending_send_unchecked(sending, dataset));
}

static bool copy_tables(const struct step *step, struct step_context *context,
                        const struct session *session)
{
    struct sending *sending;
    bool copied;

    copied = sending_new(context->plan, context->load_time, context->id_map, session, &sending);
    if (!copied)
        return false;
    for (int id = 0; copied && id < TABLE_COUNT; id++)
        copied = !has(step, id) || copy_table(id, context, sending, session);
    sending_free(sending);
    return copied;
}

static bool gets_rows(const struct step_context *context, const struct table *table)
{
    for (int id = 0; id < TABLE_COUNT; id++)
        if (context->plan->datasets[id].table == table)
            return dataset_is_loaded(&context->plan->datasets[id]);
    return false;
}

static bool index_empty(const struct step_context *context, const struct session *session)
{
    for (size_t i = 0; i < rebuild_object_count(context->rebuild); i++) {
        struct rebuild_object object;

        rebuild_object_read(context->rebuild, i, &object);
        if (object.kind == REBUILD_INDEX && !gets_rows(context, object.table) &&
            !rebuild_create_index(context->rebuild, i, 0, session))
            return false;
    }
    return true;
}

static bool add_foreign_keys(const struct step_context *context, const struct session *session)
{
    for (size_t i = 0; i < rebuild_object_count(context->rebuild); i++) {
        struct rebuild_object object;

        rebuild_object_read(context->rebuild, i, &object);
        if (object.kind == REBUILD_FOREIGN_KEY &&
            !rebuild_add_foreign_key(context->rebuild, i, session))
            return false;
    }
    return true;
}

static bool analyze(const struct step *step, const struct step_context *context,
                    const struct session *session)
{
    for (int id = 0; id < TABLE_COUNT; id++)
        if (has(step, id) && !statistics_analyze(&context->plan->datasets[id], session))
            return false;
    return true;
}

static bool run(const struct step *step, struct step_context *context,
                const struct session *session)
{
    const struct rebuild *rebuild = context->rebuild;

    switch (step->kind) {
    case STEP_COPY:
        return copy_tables(step, context, session);
    case STEP_INDEX_OF_EMPTY:
        return index_empty(context, session);
    case STEP_ADD_FOREIGN_KEYS:
        return add_foreign_keys(context, session);
    case STEP_PARENT_KEY:
    case STEP_INDEX:
        return rebuild_create_index(rebuild, step->object, context->index_workers, session);
    case STEP_FOREIGN_KEY:
        return rebuild_validate_foreign_key(rebuild, step->object, session);
    case STEP_ANALYZE:
        return analyze(step, context, session);
    case STEP_CONSTRAINTS:
        return rebuild_complete_indexes(rebuild, session);
    }
    return false;
}

/* A crash of the server would lose the end of a step that is only committed in memory: but the
 * tables are published by a later commit, which brings all earlier ones to the disk (PostgreSQL
 * manual, 30.4). */
static const char commit_in_memory[] = "SET LOCAL synchronous_commit = off";

/*
 * Nobody else uses the tables: a lock_timeout that is meant for others' sake would end the run
 * where autovacuum has one of them for a moment. And a server process whose client was killed shall
 * notice while a long statement runs (PostgreSQL 14; only some systems can), so that the next run
 * can drop what it has locked.
 */
static const char limits[] =
    "SELECT set_config(name, '10s', true) FROM pg_settings "
    "WHERE name = 'client_connection_check_interval' AND setting = '0' AND version() ~ 'linux' "
    "OR name = 'lock_timeout' AND setting::integer BETWEEN 1 AND 9999 AND $1 = '0'";

static bool set_limits(const struct step_context *context, const struct session *session)
{
    char lock_timeout[16];
    const char *const parameters[] = {lock_timeout};
    const struct query query = {
        .sql = limits, .parameters = parameters, .parameter_count = 1, .columns = 1};
    PGresult *rows;

    (void)snprintf(lock_timeout, sizeof lock_timeout, "%d", context->lock_timeout);
    if (!connection_query(session->connection, &query, &rows, session->error))
        return false;
    PQclear(rows);
    return true;
}

bool step_begin(const struct step_context *context, const struct session *session)
{
    return transaction_begin(session->connection, TRANSACTION_LOAD, context->lock_timeout,
                             session->error) &&
           set_limits(context, session) && require_run_lock(context, session);
}

bool step_run(const struct step *step, struct step_context *context, const struct session *session)
{
    bool ran = require_run_lock(context, session) &&
               connection_execute(session->connection, commit_in_memory, session->error) &&
               run(step, context, session);

    phase_end(session->phases);
    return ran &&
           transaction_commit(session->connection, session->error) == TRANSACTION_COMMITTED &&
           step_begin(context, session);
}
