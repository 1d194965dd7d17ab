#include "target/rebuild_choice.h"

static uint64_t rows_to_send(const struct dataset *dataset)
{
    uint64_t rows = id_set_count(&dataset->files.inferred);

    for (size_t i = 0; i < dataset->source_count; i++) {
        const struct source *source = dataset->sources[i];

        rows += source->rows_read - source->rows_bad - source->rows_skipped - source->rows_kept;
    }
    return rows;
}

/*
 * In place, each new row costs about 30 microseconds, for its foreign keys and index entries. A
 * rebuild costs about 2 microseconds for every row of the table, and locks the application out. A
 * rebuild would be the faster one well before a quarter of the rows are new; the lock is why it
 * waits for that.
 */
static bool is_large(const struct dataset *dataset)
{
    return rows_to_send(dataset) >= dataset->database.catalog.rows / 4;
}

/* Rows that are updated are found by key: without an index that is slow. */
static bool is_chosen(const struct dataset *dataset, enum rebuild_when when)
{
    if (when == REBUILD_NEVER || !dataset_is_loaded(dataset))
        return false;
    if (when == REBUILD_ALWAYS || dataset->database.catalog.empty)
        return true;
    return id_set_is_empty(&dataset->files.updates) && is_large(dataset);
}

static size_t choose(const struct plan *plan, enum rebuild_when when,
                     struct rebuild_table tables[TABLE_COUNT])
{
    size_t count = 0;

    for (int id = 0; id < TABLE_COUNT; id++) {
        const struct dataset *dataset = &plan->datasets[id];

        if (is_chosen(dataset, when))
            tables[count++] = (struct rebuild_table){.table = dataset->table,
                                                     .empty = dataset->database.catalog.empty};
    }
    return count;
}

static bool tell_obstacle(const char *obstacle, enum rebuild_when when, struct log *log,
                          struct error *error)
{
    if (when == REBUILD_ALWAYS)
        return error_set(error, ERROR_DATABASE, "indexes and constraints cannot be rebuilt: %s",
                         obstacle);
    log_note(log, "indexes and constraints stay in place during the load: %s", obstacle);
    return true;
}

bool rebuild_choose(struct rebuild_choice *choice, struct plan *plan, const struct session *session)
{
    struct rebuild_table tables[TABLE_COUNT];
    char obstacle[REBUILD_OBSTACLE_SIZE];
    size_t count = choice->made ? 0 : choose(plan, choice->when, tables);

    choice->made = true;
    if (count == 0)
        return true;
    phase_begin(session->phases, "drop", "indexes and constraints");
    if (!rebuild_drop(tables, count, &choice->rebuild, obstacle, session))
        return false;
    if (choice->rebuild == NULL)
        return tell_obstacle(obstacle, choice->when, session->log, session->error);
    log_verbose(session->log, "dropped the indexes and constraints of %zu table%s", count,
                count == 1 ? "" : "s");
    for (int id = 0; id < TABLE_COUNT; id++) {
        struct dataset *dataset = &plan->datasets[id];

        dataset->database.rebuilt = is_chosen(dataset, choice->when);
        dataset->database.frozen = dataset->database.rebuilt && dataset->database.catalog.empty;
    }
    return true;
}
