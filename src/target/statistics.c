#include "target/statistics.h"

#include <inttypes.h>
#include <stdio.h>

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
        phase_begin(session->phases, "analyze", "%s.%s", table->schema, table->name);
        if (!catalog_analyze(session->connection, table, session->error))
            return false;
    }
    if (used > 0)
        tell_unanalyzed(names, session->log);
    return true;
}
