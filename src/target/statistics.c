#include "target/statistics.h"

#include "pg/lock_holder.h"
#include "pg/statement.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static uint64_t rows_changed(const struct dataset *dataset)
{
    uint64_t rows = dataset_rows_loaded(dataset) + dataset->done.rows_deleted;

    for (size_t i = 0; i < dataset->source_count; i++)
        rows += dataset->sources[i]->rows_updated;
    return rows;
}

/* Whether so many rows have changed that the statistics tell little of the table. */
static bool is_due(const struct dataset *dataset, struct log *log)
{
    const struct catalog_table *catalog = &dataset->database.catalog;
    uint64_t changed = rows_changed(dataset);

    if (changed == 0)
        return false;
    if (catalog->empty || changed > catalog->changes_until_analyze)
        return true;
    log_verbose(log,
                "%s.%s: %" PRIu64 " of its rows changed: statistics are left to autovacuum, which "
                "waits for more than %" PRIu64,
                dataset->table->schema, dataset->table->name, changed,
                catalog->changes_until_analyze);
    return false;
}

static void tell_unanalyzed(const char *names, struct log *log)
{
    log_note(log,
             "the planner's statistics are not brought up to date, because only their owner may "
             "ANALYZE %s (from PostgreSQL 17 on, also who has MAINTAIN)",
             names);
}

/* Whether it is a lock, or something that the server ran for the ANALYZE, such as the function of
 * an index, and not the server itself: the others are classes of SQLSTATE (PostgreSQL manual,
 * appendix A). */
static bool is_bearable(const struct error *refusal)
{
    static const char *const others[] = {"08", "40", "53", "54", "57", "58", "F0", "XX"};

    if (refusal->kind != ERROR_DATABASE || refusal->state[0] == '\0')
        return false;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (strncmp(refusal->state, others[i], 2) == 0)
            return false;
    return true;
}

/* Statistics are not worth the load. A VACUUM or CREATE INDEX CONCURRENTLY of hours keeps an
 * ANALYZE waiting, and nothing else that is done in place. From PostgreSQL 17 on, ANALYZE calls the
 * functions of indexes under a search path of its own, where one may fail that works when rows are
 * inserted. */
static bool go_on_without(const struct table *table, const struct error *refusal,
                          const struct session *session)
{
    static const char *const undo[] = {"ROLLBACK TO SAVEPOINT timele_load_analyze",
                                       "RELEASE SAVEPOINT timele_load_analyze", NULL};
    char holder[LOCK_HOLDER_SIZE] = "";

    if (!is_bearable(refusal))
        return error_copy(session->error, refusal);
    if (!statement_execute_each(session->connection, undo, session->error) ||
        (lock_holder_is_to_blame(refusal) &&
         !lock_holder_find(session->connection, holder, session->error)))
        return false;
    log_warning(session->log,
                "the planner's statistics of %s.%s are not brought up to date: %s%s%s",
                table->schema, table->name, holder[0] != '\0' ? holder : refusal->message,
                refusal->detail[0] != '\0' ? ": " : "", refusal->detail);
    return true;
}

bool statistics_analyze(const struct dataset *dataset, const struct session *session)
{
    const struct table *table = dataset->table;
    struct connection *connection = session->connection;
    struct error refusal = {0};

    phase_begin(session->phases, "analyze", "%s.%s", table->schema, table->name);
    if (!connection_execute(connection, "SAVEPOINT timele_load_analyze", session->error))
        return false;
    if (!catalog_analyze(connection, table, dataset->database.catalog.partitioned, &refusal))
        return go_on_without(table, &refusal, session);
    return connection_execute(connection, "RELEASE SAVEPOINT timele_load_analyze", session->error);
}

bool statistics_update(const struct plan *plan, const struct session *session)
{
    char names[TABLE_COUNT * 64] = "";
    size_t used = 0;

    for (int id = 0; id < TABLE_COUNT; id++) {
        const struct dataset *dataset = &plan->datasets[id];
        const struct table *table = dataset->table;

        if (!dataset_is_loaded(dataset) || !is_due(dataset, session->log))
            continue;
        if (!dataset->database.catalog.analyzable) {
            used += (size_t)snprintf(names + used, sizeof names - used, "%s%s.%s",
                                     used == 0 ? "" : ", ", table->schema, table->name);
            continue;
        }
        if (!statistics_analyze(dataset, session))
            return false;
    }
    if (used > 0)
        tell_unanalyzed(names, session->log);
    return true;
}
