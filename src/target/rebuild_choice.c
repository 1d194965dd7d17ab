#include "target/rebuild_choice.h"

#include "plan/unnamed_rows.h"
#include "schema/publication.h"

#include <stdio.h>
#include <string.h>

static uint64_t rows_to_send(const struct dataset *dataset)
{
    uint64_t rows = id_set_count(&dataset->files.inferred);

    for (size_t i = 0; i < dataset->source_count; i++) {
        const struct source *source = dataset->sources[i];

        rows += source->rows_read - source->rows_bad - source->rows_skipped - source->rows_kept -
                source->rows_unchanged;
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
    uint64_t rows = rows_to_send(dataset);

    return rows > 0 && rows >= dataset->database.catalog.rows / 4;
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

/* Whether rows of the table are updated before its indexes are made again. */
static bool is_updated(const struct dataset *dataset)
{
    return !id_set_is_empty(&dataset->files.updates) || dataset->files.takeovers.count > 0;
}

/* Looked at before the first row is sent. What only the rows that are sent bring to light is looked
 * at by write. */
static bool require_updatable(const struct plan *plan, struct error *error)
{
    for (int id = 0; id < TABLE_COUNT; id++)
        if (is_updated(&plan->datasets[id]) &&
            !publication_require(plan->datasets[id].database.publication.why_no_update, error))
            return false;
    return true;
}

static bool refuse(const char *obstacle, struct error *error)
{
    (void)error_set(error, ERROR_DATABASE, "indexes and constraints cannot be rebuilt: %s",
                    obstacle);
    return error_hint(error, "--rebuild=auto loads such a table in place.");
}

/* Why the table cannot be changed without its indexes; "": it can, or is not. */
static const char *find_obstacle(const struct plan *plan, const struct dataset *dataset)
{
    const struct publication *publication = &dataset->database.publication;

    if (is_updated(dataset) && publication->why_no_update_without_indexes[0] != '\0')
        return publication->why_no_update_without_indexes;
    return unnamed_rows_are_possible(plan, dataset) ? publication->why_no_delete_without_indexes
                                                    : "";
}

/* A table that cannot be changed without its indexes is an obstacle to its own rebuild alone. */
static bool allow(const struct plan *plan, const struct dataset *dataset, enum rebuild_when when,
                  bool *allowed, const struct session *session)
{
    const char *obstacle = find_obstacle(plan, dataset);

    *allowed = obstacle[0] == '\0';
    if (*allowed)
        return true;
    if (when == REBUILD_ALWAYS)
        return refuse(obstacle, session->error);
    log_note(session->log, "indexes and constraints of %s.%s stay in place during the load: %s",
             dataset->table->schema, dataset->table->name, obstacle);
    return true;
}

/* Sets *count to the number of tables that are to be rebuilt. */
static bool choose(const struct plan *plan, enum rebuild_when when,
                   struct rebuild_table tables[TABLE_COUNT], size_t *count,
                   const struct session *session)
{
    *count = 0;
    for (int id = 0; id < TABLE_COUNT; id++) {
        const struct dataset *dataset = &plan->datasets[id];
        bool allowed = false;

        if (!is_chosen(dataset, when))
            continue;
        if (!allow(plan, dataset, when, &allowed, session))
            return false;
        if (allowed)
            tables[(*count)++] = (struct rebuild_table){.table = dataset->table,
                                                        .empty = dataset->database.catalog.empty};
    }
    return true;
}

static const char *first_obstacle(const struct rebuild_table *tables, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (tables[i].obstacle[0] != '\0')
            return tables[i].obstacle;
    return "";
}

static bool is_told(const struct rebuild_table *tables, size_t place)
{
    for (size_t i = 0; i < place; i++)
        if (strcmp(tables[i].obstacle, tables[place].obstacle) == 0)
            return true;
    return false;
}

/* All tables that have the obstacle of the first one, in one line. */
static void note_in_place(const struct rebuild_table *tables, size_t count, struct log *log)
{
    char names[REBUILD_OBSTACLE_SIZE] = "";
    size_t length = 0;

    for (size_t i = 0; i < count && length < sizeof names; i++)
        if (strcmp(tables[i].obstacle, tables[0].obstacle) == 0)
            length += (size_t)snprintf(&names[length], sizeof names - length, "%s%s.%s",
                                       i == 0 ? "" : ", ", tables[i].table->schema,
                                       tables[i].table->name);
    log_note(log, "indexes and constraints of %s stay in place during the load: %s", names,
             tables[0].obstacle);
}

/* Where no table is rebuilt, one obstacle is enough of a reason: often the user owns none. */
static void tell_obstacles(const struct rebuild_table *tables, size_t count, bool any_rebuilt,
                           struct log *log)
{
    if (!any_rebuilt)
        log_note(log, "indexes and constraints stay in place during the load: %s",
                 first_obstacle(tables, count));
    for (size_t i = 0; any_rebuilt && i < count; i++)
        if (tables[i].obstacle[0] != '\0' && !is_told(tables, i))
            note_in_place(&tables[i], count - i, log);
}

/* How long a load takes with its indexes in place cannot be told before. */
static bool stay_in_place(const struct session *session)
{
    const struct phase_outlook unknown = {.known = false};

    phase_foresee(session->phases, &unknown);
    return true;
}

/* Returns their number. */
static size_t note_rebuilt(struct plan *plan, const struct rebuild_table *tables, size_t count)
{
    size_t rebuilt = 0;

    for (size_t i = 0; i < count; i++)
        for (int id = 0; id < TABLE_COUNT; id++) {
            struct dataset *dataset = &plan->datasets[id];

            if (dataset->table != tables[i].table || tables[i].obstacle[0] != '\0')
                continue;
            dataset->database.rebuilt = true;
            dataset->database.frozen = tables[i].truncated;
            rebuilt++;
        }
    return rebuilt;
}

/* Drops what can be dropped, or with REBUILD_ALWAYS all or nothing. */
static bool drop(struct rebuild_choice *choice, struct rebuild_table *tables, size_t count,
                 const struct session *session)
{
    const char *obstacle;

    if (!rebuild_find_obstacles(tables, count, session))
        return false;
    obstacle = first_obstacle(tables, count);
    if (choice->when != REBUILD_ALWAYS || obstacle[0] == '\0') {
        if (!rebuild_drop(tables, count, &choice->rebuild, session))
            return false;
        obstacle = first_obstacle(tables, count);
    }
    if (obstacle[0] == '\0')
        return true;
    if (choice->when == REBUILD_ALWAYS)
        return refuse(obstacle, session->error);
    tell_obstacles(tables, count, choice->rebuild != NULL, session->log);
    return true;
}

bool rebuild_choose(struct rebuild_choice *choice, struct plan *plan, const struct session *session)
{
    struct rebuild_table tables[TABLE_COUNT];
    size_t count;

    if (choice->made)
        return true;
    choice->made = true;
    if (!require_updatable(plan, session->error) ||
        !choose(plan, choice->when, tables, &count, session))
        return false;
    if (count == 0)
        return stay_in_place(session);
    phase_begin(session->phases, "drop", "indexes and constraints");
    if (!drop(choice, tables, count, session))
        return false;
    if (choice->rebuild == NULL)
        return stay_in_place(session);
    count = note_rebuilt(plan, tables, count);
    log_verbose(session->log, "dropped the indexes and constraints of %zu table%s", count,
                count == 1 ? "" : "s");
    return true;
}
