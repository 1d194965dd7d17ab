#include "schema/verify.h"

#include "pg/distribution.h"
#include "pg/query.h"
#include "schema/verify_check.h"
#include "schema/verify_settings.h"
#include "table/invariant.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct verifying {
    const struct verify_table *tables;
    bool full;
    struct verify_results *results;
    const struct session *session;
};

/* Adds a result and begins its phase; NULL when memory ran out. */
static struct verify_result *add_result(struct verifying *verifying, const char *name)
{
    struct verify_result *added = verify_results_add(verifying->results, name);

    if (added == NULL) {
        (void)error_memory(verifying->session->error);
        return NULL;
    }
    phase_begin(verifying->session->phases, "verify", "%s", name);
    return added;
}

static bool look(struct verifying *verifying, const char *name, const char *constraint,
                 const struct verify_check *check)
{
    struct verify_result *result = add_result(verifying, name);

    if (result == NULL || !verify_check_run(check, result, verifying->session))
        return false;
    result->constraint = constraint;
    if (result->broken > 0)
        verifying->results->broken_count++;
    return true;
}

/* The rows are not read. */
static bool take_proof(struct verifying *verifying, const char *name, const char *constraint,
                       const char *proof)
{
    struct verify_result *result = add_result(verifying, name);

    if (result == NULL)
        return false;
    result->constraint = constraint;
    (void)snprintf(result->proven_by, sizeof result->proven_by, "%s", proof);
    verifying->results->proven_count++;
    log_verbose(verifying->session->log, "%s is proven by %s: no row is read", name, proof);
    return true;
}

static bool leave_out(struct verifying *verifying, const char *name, const char *reason)
{
    struct verify_result *result = add_result(verifying, name);

    if (result == NULL)
        return false;
    result->not_checked = reason;
    verifying->results->unchecked_count++;
    log_verbose(verifying->session->log, "%s is not checked: %s", name, reason);
    return true;
}

static const char *constraint_state(const struct catalog_foreign_key *found)
{
    if (!found->present)
        return found->unenforced ? "not enforced" : "not there";
    if (!found->validated)
        return "not valid";
    return found->enabled ? "valid" : "disabled";
}

static bool look_at_reference(struct verifying *verifying, const struct table *table,
                              const struct column *column)
{
    const struct verify_check check = {
        .add = verify_add_reference, .table = table, .column = column};
    const struct table *parent = table_get(column->references);
    struct catalog_foreign_key found = {0};
    const struct catalog_reference reference = {.table = table, .column = column, .found = &found};
    char name[VERIFY_NAME_SIZE];

    if (!catalog_read_foreign_keys(verifying->session->connection, &reference, 1,
                                   verifying->session->error))
        return false;
    (void)snprintf(name, sizeof name, "%s.%s -> %s.%s", table->name, column->name, parent->schema,
                   parent->name);
    if (found.proves && !verifying->full)
        return take_proof(verifying, name, constraint_state(&found), found.name);
    return look(verifying, name, constraint_state(&found), &check);
}

static bool look_whether_unique(struct verifying *verifying, const struct table *table,
                                const struct column *column)
{
    const struct verify_check check = {
        .add = verify_add_unique,
        .table = table,
        .column = column,
        .distinct = distribution_column(verifying->session->connection, table) != NULL
                        ? column->name
                        : NULL};
    char name[VERIFY_NAME_SIZE], index[CATALOG_NAME_SIZE];

    if (!catalog_find_unique_index(verifying->session->connection, table, column, index,
                                   verifying->session->error))
        return false;
    (void)snprintf(name, sizeof name, "%s.%s: unique", table->name, column->name);
    if (index[0] != '\0' && !verifying->full)
        return take_proof(verifying, name, NULL, index);
    return look(verifying, name, NULL, &check);
}

static bool look_at_external_id(struct verifying *verifying, const struct table *table,
                                const struct column *column)
{
    const struct verify_check random = {.add = verify_add_random, .table = table, .column = column};
    char name[VERIFY_NAME_SIZE];

    (void)snprintf(name, sizeof name, "%s.%s: version 4, not NULL", table->name, column->name);
    return look(verifying, name, NULL, &random) && look_whether_unique(verifying, table, column);
}

/* The numbers that a sequence gives to the rows of a table. Where its rows are distributed by
 * another column, no constraint keeps them unique. */
static bool look_at_numbers(struct verifying *verifying)
{
    for (int id = 0; id < TABLE_COUNT; id++) {
        const struct table *table = table_get((enum table_id)id);
        const struct verify_check check = {
            .add = verify_add_number, .table = table, .distinct = table->sequence_column};
        const char *distributed_by = distribution_column(verifying->session->connection, table);
        char name[VERIFY_NAME_SIZE];

        if (distributed_by == NULL || table->sequence_column == NULL ||
            strcmp(distributed_by, table->sequence_column) == 0)
            continue;
        (void)snprintf(name, sizeof name, "%s.%s: unique", table->name, table->sequence_column);
        if (!look(verifying, name, NULL, &check))
            return false;
    }
    return true;
}

static bool look_at_columns(struct verifying *verifying, bool references)
{
    for (int id = 0; id < TABLE_COUNT; id++) {
        const struct table *table = table_get((enum table_id)id);

        for (size_t i = 0; i < table->column_count; i++) {
            const struct column *column = &table->columns[i];

            if (references ? column->has_reference && !look_at_reference(verifying, table, column)
                           : column->absent == ABSENT_RANDOM_UUID &&
                                 !look_at_external_id(verifying, table, column))
                return false;
        }
    }
    return true;
}

/* Whether the ledger says in which transaction each run was, and the user may read all of
 * that. */
static bool find_runs(struct verifying *verifying, bool *found)
{
    const struct query query = {
        .sql =
            "SELECT has_schema_privilege(n.oid, 'USAGE') "
            "AND has_table_privilege(c.oid, 'SELECT') "
            "AND NOT row_security_active(c.oid) FROM pg_attribute a "
            "JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE n.nspname = 'timele_load' AND c.relname = 'runs' "
            "AND a.attname = 'transaction_id' AND a.atttypid = 'pg_catalog.xid8'::regtype",
        .columns = 1};
    PGresult *rows;

    if (!connection_query(verifying->session->connection, &query, &rows, verifying->session->error))
        return false;
    *found = PQntuples(rows) == 1 && PQgetvalue(rows, 0, 0)[0] == 't';
    PQclear(rows);
    return true;
}

/* Each node counts transactions for itself, and the ledger has those of the coordinator: a row of
 * another node could seem to be a run's by chance. */
static const char runs_are_unknown[] = "Citus' nodes do not know which run wrote a row";

static bool lacks_marker(const struct verifying *verifying, const struct invariant *invariant)
{
    int marker;

    if (invariant->marker == NULL)
        return false;
    marker = table_column_named(table_get(invariant->marked), invariant->marker);
    return !verifying->tables[invariant->marked].catalog->columns[marker].present;
}

static bool look_at_described(struct verifying *verifying)
{
    bool is_distributed = distribution_is_any(verifying->session->connection);
    bool has_runs = false;

    if (!is_distributed && !find_runs(verifying, &has_runs))
        return false;
    for (size_t i = 0; i < invariant_count; i++) {
        const struct invariant *invariant = &invariants[i];
        const struct verify_check check = {.add = verify_add_described, .invariant = invariant};
        bool looked = true;

        if (invariant->needs_runs && is_distributed)
            looked = leave_out(verifying, invariant->name, runs_are_unknown);
        else if (!lacks_marker(verifying, invariant) && (has_runs || !invariant->needs_runs))
            looked = look(verifying, invariant->name, NULL, &check);
        if (!looked)
            return false;
    }
    return true;
}

/* If the run ended here, it would set the sequence to give `next`: it must give at least that. */
static bool look_at_sequence(struct verifying *verifying, const char *name,
                             const struct table *table, const struct verify_table *known)
{
    struct sequence sequence = *known->sequence;
    const struct sequence_advance advance = {
        .table = table, .floor = known->floor, .sequence = &sequence};
    struct verify_result *result = add_result(verifying, name);

    if (result == NULL || !sequence_advance(&advance, 1, true, verifying->session))
        return false;
    result->checked = 1;
    if (known->sequence_will_be_set || sequence.next == sequence.before)
        return true;
    result->examples = calloc(1, sizeof *result->examples);
    if (result->examples == NULL)
        return error_memory(verifying->session->error);
    result->broken = 1;
    verifying->results->broken_count++;
    result->example_count = 1;
    (void)snprintf(result->examples[0], sizeof result->examples[0],
                   "%s.%s gives %" PRId64 " next; must be %" PRId64 " at least", sequence.schema,
                   sequence.name, sequence.before, sequence.next);
    return true;
}

/* A standby of Citus' coordinator reads the rows of the nodes, which do not wait for it. */
static bool find_out_whether_late(const struct session *session, bool *are_late)
{
    const struct query query = {.sql = "SELECT pg_is_in_recovery()", .columns = 1};
    PGresult *row;

    *are_late = false;
    if (!distribution_is_any(session->connection))
        return true;
    if (!connection_query_row(session->connection, &query, &row, session->error))
        return false;
    *are_late = PQgetvalue(row, 0, 0)[0] == 't';
    PQclear(row);
    return true;
}

static const char standby_is_late[] = "a standby's sequences may be older than Citus' rows";

static bool look_at_sequences(struct verifying *verifying)
{
    bool are_late;

    if (!find_out_whether_late(verifying->session, &are_late))
        return false;
    for (int id = 0; id < TABLE_COUNT; id++) {
        const struct table *table = table_get((enum table_id)id);
        char name[VERIFY_NAME_SIZE];

        if (!verifying->tables[id].sequence->present)
            continue;
        (void)snprintf(name, sizeof name, "%s.%s: next value", table->name, table->sequence_column);
        if (are_late ? !leave_out(verifying, name, standby_is_late)
                     : !look_at_sequence(verifying, name, table, &verifying->tables[id]))
            return false;
    }
    return true;
}

bool verify(const struct verify_table tables[TABLE_COUNT], bool full,
            struct verify_results *results, const struct session *session)
{
    struct verifying verifying = {
        .tables = tables, .full = full, .results = results, .session = session};

    for (int id = 0; id < TABLE_COUNT; id++)
        assert(tables[id].catalog->read);
    return verify_settings_set(tables, session) && look_at_columns(&verifying, true) &&
           look_at_columns(&verifying, false) && look_at_numbers(&verifying) &&
           look_at_described(&verifying) && look_at_sequences(&verifying);
}
