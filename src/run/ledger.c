#include "run/ledger.h"

#include "base/interrupt.h"
#include "pg/query.h"
#include "pg/statement.h"
#include "pg/transaction.h"
#include "run/ledger_document.h"
#include "run/process.h"
#include "run/report.h"
#include "run/usable_connection.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* No parameters: one row where there is a ledger, whether the user may use it, and whether rows of
 * it are hidden. */
extern const char ledger_privileges_sql[];

/* $1 and $2 are a file's SHA-256 and dataset: one row at most, the id of the run that loaded it,
 * when that finished, and how many of the file's rows it rejected. */
extern const char ledger_earlier_run_sql[];

/* $1, $2 and $3 are a run's id, start and process: one row, whether the ledger has it. */
extern const char ledger_run_sql[];

/* $1 is the report: one row, the id of the run (0: not inserted), and how many files were not. */
extern const char ledger_insert_sql[];

static bool look(enum ledger_state *state, const struct session *session)
{
    const struct query query = {.sql = ledger_privileges_sql, .columns = 2};
    PGresult *rows;

    if (!connection_query(session->connection, &query, &rows, session->error))
        return false;
    *state = PQntuples(rows) == 0               ? LEDGER_ABSENT
             : PQgetvalue(rows, 0, 0)[0] != 't' ? LEDGER_CLOSED
             : PQgetvalue(rows, 0, 1)[0] == 't' ? LEDGER_HIDDEN
                                                : LEDGER_OPEN;
    PQclear(rows);
    return true;
}

bool ledger_exists(bool *exists, const struct session *session)
{
    enum ledger_state state;

    if (!look(&state, session))
        return false;
    *exists = state != LEDGER_ABSENT;
    return true;
}

bool ledger_find(const struct run_options *options, enum ledger_state *state,
                 const struct session *session)
{
    if (!look(state, session))
        return false;
    if (*state == LEDGER_CLOSED || *state == LEDGER_HIDDEN)
        log_warning(
            session->log,
            "%s timele_load.runs and timele_load.files: the ledger gets no row of this run%s",
            *state == LEDGER_CLOSED ? "no privilege on" : "row-level security hides rows of",
            options->skip_loaded ? ", and --skip-loaded skips nothing" : "");
    else if (*state == LEDGER_ABSENT && options->skip_loaded)
        log_warning(session->log, "--skip-loaded skips nothing: this database has no ledger "
                                  "(--create-schema adds it)");
    else if (*state == LEDGER_ABSENT)
        log_verbose(session->log, "this database has no ledger (--create-schema adds it)");
    return true;
}

/* A file that a trigger keeps from being marked would be skipped by later runs. The query asks
 * whether there is one. */
static bool require_marked(struct query query, const struct session *session)
{
    PGresult *row;
    bool left;

    query.columns = 1;
    if (!connection_query_row(session->connection, &query, &row, session->error))
        return false;
    left = PQgetvalue(row, 0, 0)[0] == 't';
    PQclear(row);
    return !left ||
           error_set(session->error, ERROR_DATABASE,
                     "a trigger keeps rows of timele_load.files from being marked as dropped");
}

bool ledger_note_reset(const struct session *session)
{
    enum ledger_state state;

    if (!look(&state, session))
        return false;
    if (state == LEDGER_ABSENT)
        return true;
    return connection_execute_for(session->connection,
                                  "cannot mark the files of earlier runs as dropped",
                                  "UPDATE timele_load.files SET dropped = now() "
                                  "WHERE dropped IS NULL",
                                  session->error) &&
           require_marked((struct query){.sql = "SELECT EXISTS (SELECT 1 FROM timele_load.files "
                                                "WHERE dropped IS NULL)"},
                          session);
}

/* The rows that were rejected may be good by now, as those are whose parents have come. */
static void note_partial(const struct plan *plan, const struct source *source, const PGresult *rows,
                         struct log *log)
{
    const char *rejected = PQgetvalue(rows, 0, 2);
    bool inserts = plan->datasets[source->table_id].mode == MODE_INSERT;

    log_note(log, "%s was loaded by run %s but for %s rejected row%s; it is read again%s",
             source->path, PQgetvalue(rows, 0, 0), rejected, strcmp(rejected, "1") == 0 ? "" : "s",
             inserts ? ", for which --mode=skip leaves the loaded rows alone" : "");
}

static void note_earlier(struct plan *plan, struct source *source, const PGresult *rows,
                         struct log *log)
{
    if (strcmp(PQgetvalue(rows, 0, 2), "0") != 0) {
        note_partial(plan, source, rows, log);
        return;
    }
    source->loaded_before = strtoll(PQgetvalue(rows, 0, 0), NULL, 10);
    (void)snprintf(source->loaded_at, sizeof source->loaded_at, "%s", PQgetvalue(rows, 0, 1));
    plan_leave_out(plan, source);
    log_verbose(log, "%s: skipped, run %s has loaded it on %s", source->path,
                PQgetvalue(rows, 0, 0), source->loaded_at);
}

static bool leave_out_if_loaded(struct plan *plan, struct source *source,
                                const struct session *session)
{
    char hash[FINGERPRINT_TEXT_SIZE];
    const char *const parameters[] = {hash, source->table->dataset};
    const struct query query = {.sql = ledger_earlier_run_sql,
                                .parameters = parameters,
                                .parameter_count = 2,
                                .columns = 3};
    PGresult *rows;

    if (!input_start_fingerprint(source->input, session->error) ||
        !input_finish_fingerprint(source->input, session->error))
        return false;
    if (!input_fingerprint(source->input, hash))
        return error_set(session->error, ERROR_INTERNAL, "no SHA-256 of %s", source->path);
    if (!connection_query(session->connection, &query, &rows, session->error))
        return false;
    if (PQntuples(rows) > 0)
        note_earlier(plan, source, rows, session->log);
    PQclear(rows);
    return true;
}

bool ledger_leave_out_loaded(struct plan *plan, const struct session *session)
{
    for (size_t i = 0; i < plan->source_count; i++)
        if (!leave_out_if_loaded(plan, plan->sources[i], session))
            return false;
    return true;
}

bool ledger_has_run(const struct run *run, bool *has, const struct session *session)
{
    struct process process;
    char id[24], number[24];
    const char *const parameters[] = {id, run->started, number};
    const struct query query = {
        .sql = ledger_run_sql, .parameters = parameters, .parameter_count = 3, .columns = 1};
    PGresult *row;

    *has = false;
    if (run->ledger_run == 0)
        return true;
    process_describe(&process);
    (void)snprintf(id, sizeof id, "%" PRId64, run->ledger_run);
    (void)snprintf(number, sizeof number, "%ld", process.id);
    if (!connection_query_row(session->connection, &query, &row, session->error))
        return false;
    *has = PQgetvalue(row, 0, 0)[0] == 't';
    PQclear(row);
    return true;
}

static bool insert(const char *report, int64_t *run_id, const struct session *session)
{
    const struct query query = {
        .sql = ledger_insert_sql, .parameters = &report, .parameter_count = 1, .columns = 2};
    PGresult *row;
    bool complete;

    if (!connection_query_row(session->connection, &query, &row, session->error))
        return false;
    *run_id = strtoll(PQgetvalue(row, 0, 0), NULL, 10);
    complete = *run_id != 0 && strcmp(PQgetvalue(row, 0, 1), "0") == 0;
    PQclear(row);
    return complete || error_set(session->error, ERROR_DATABASE,
                                 "a trigger keeps rows of timele_load.runs or timele_load.files "
                                 "from being inserted");
}

/* Marks the earlier files of these datasets as dropped: after --mode=replace the database has only
 * what this run's files have. */
static bool note_replaced(const char *report, const struct session *session)
{
    const struct query query = {
        .sql = "UPDATE timele_load.files SET dropped = now() WHERE dropped IS NULL AND dataset IN "
               "(SELECT jsonb_array_elements($1::jsonb->'files')->>'dataset') RETURNING run_id",
        .parameters = &report,
        .parameter_count = 1,
        .columns = 1};
    PGresult *rows;

    if (!connection_query(session->connection, &query, &rows, session->error))
        return false;
    PQclear(rows);
    return require_marked(
        (struct query){.sql =
                           "SELECT EXISTS (SELECT 1 FROM timele_load.files WHERE dropped IS NULL "
                           "AND dataset IN "
                           "(SELECT jsonb_array_elements($1::jsonb->'files')->>'dataset'))",
                       .parameters = &report,
                       .parameter_count = 1},
        session);
}

/* The server has put down the transaction that inserts the run's row. New tables were filled by
 * another one, by which --verify is to know their rows. */
static bool name_transaction(const struct run *run, const struct session *session)
{
    char id[24];
    const char *const parameters[] = {id, run->filled_by};
    const struct query query = {.sql = "UPDATE timele_load.runs SET transaction_id = $2::xid8 "
                                       "WHERE run_id = $1::bigint RETURNING run_id",
                                .parameters = parameters,
                                .parameter_count = 2,
                                .columns = 1};
    PGresult *rows;
    bool named;

    if (run->filled_by[0] == '\0')
        return true;
    (void)snprintf(id, sizeof id, "%" PRId64, run->ledger_run);
    if (!connection_query(session->connection, &query, &rows, session->error))
        return false;
    named = PQntuples(rows) == 1;
    PQclear(rows);
    return named ||
           error_set(session->error, ERROR_DATABASE,
                     "a trigger keeps the run's row of timele_load.runs from being changed");
}

static bool write_rows(const struct run_options *options, struct run *run,
                       const struct error *outcome, const struct session *session)
{
    json_t *report = report_new(options, run, outcome);
    char *document = ledger_document(report, connection_encoding(session->connection));
    bool replaced = outcome->kind == ERROR_NONE && options->mode == MODE_REPLACE;
    bool written = document != NULL ? (!replaced || note_replaced(document, session)) &&
                                          insert(document, &run->ledger_run, session)
                                    : error_memory(session->error);

    free(document);
    json_decref(report);
    return written;
}

/* When the server refuses the ledger's rows, for example because somebody has altered its tables,
 * the load goes on without them. A lost connection is no refusal. */
bool ledger_record(const struct run_options *options, struct run *run,
                   const struct session *session)
{
    const struct error success = {0};
    struct error refusal = {0};
    struct session attempt = *session;

    attempt.error = &refusal;
    if (!connection_execute(session->connection, "SAVEPOINT ledger", session->error))
        return false;
    if (write_rows(options, run, &success, &attempt) && name_transaction(run, &attempt))
        return connection_execute(session->connection, "RELEASE SAVEPOINT ledger", session->error);
    if (refusal.kind != ERROR_DATABASE || connection_is_lost(session->connection))
        return error_copy(session->error, &refusal);
    if (!connection_execute(session->connection, "ROLLBACK TO SAVEPOINT ledger", session->error))
        return false;
    log_warning(session->log, "the ledger has no row of this run: %s", refusal.message);
    return true;
}

/* Seconds. The record of a failure must not keep anybody waiting, nor does it wait for a
 * synchronous standby. */
enum { RECORD_SECONDS = 6 };
static const char *const record_limits[] = {"SET LOCAL lock_timeout = '2s'",
                                            "SET LOCAL statement_timeout = '5s'",
                                            "SET LOCAL synchronous_commit = local", NULL};

static bool record_failure(const struct run_options *options, struct run *run,
                           const struct error *cause, const struct session *session)
{
    struct connection *connection = session->connection;
    enum ledger_state state;

    return transaction_begin(connection, TRANSACTION_LOAD, 0, session->error) &&
           statement_execute_each(connection, record_limits, session->error) &&
           look(&state, session) &&
           (state != LEDGER_OPEN || write_rows(options, run, cause, session)) &&
           connection_execute(connection, "COMMIT", session->error);
}

void ledger_record_failure(const struct run_options *options, struct run *run,
                           const struct session *session)
{
    struct error failure = {0};
    struct session attempt = *session;

    attempt.error = &failure;
    interrupt_forget();
    /* A row that the ledger had of the run was rolled back with it. */
    run->ledger_run = 0;
    if (!usable_connection_find(options->dbname, RECORD_SECONDS, &attempt, &attempt.connection) ||
        !record_failure(options, run, session->error, &attempt))
        log_verbose(session->log, "the ledger has no row of this run: %s", failure.message);
    usable_connection_close(session, attempt.connection);
}
