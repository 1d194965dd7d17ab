#include "target/sequences.h"

#include "pg/distribution.h"
#include "target/floor.h"

#include <assert.h>

bool sequences_find(struct plan *plan, const struct session *session)
{
    const struct table *tables[TABLE_COUNT];
    struct sequence sequences[TABLE_COUNT];
    size_t count = 0;

    for (int id = 0; id < TABLE_COUNT; id++)
        if (table_get((enum table_id)id)->sequence_column != NULL)
            tables[count++] = table_get((enum table_id)id);
    if (!sequence_find(tables, count, sequences, session))
        return false;
    count = 0;
    for (int id = 0; id < TABLE_COUNT; id++) {
        struct dataset_database *database = &plan->datasets[id].database;

        if (plan->datasets[id].table->sequence_column != NULL)
            database->sequence = sequences[count++];
        database->sequence_sought = true;
    }
    return true;
}

static bool refuse_unsettable(const struct sequence *sequence, struct error *error)
{
    return error_set(error, ERROR_DATABASE,
                     "no privilege to read and set sequence %s.%s (SELECT, UPDATE)",
                     sequence->schema, sequence->name);
}

bool sequences_require_settable(const struct dataset *dataset, struct error *error)
{
    const struct sequence *sequence = &dataset->database.sequence;

    assert(dataset->database.sequence_sought);
    return dataset->source_count == 0 || !sequence->present || sequence->settable ||
           refuse_unsettable(sequence, error);
}

bool sequences_are_moved(const struct plan *plan, const int64_t floors[TABLE_COUNT])
{
    for (int id = 0; id < TABLE_COUNT; id++)
        if (floors[id] != 0 || plan->datasets[id].source_count > 0)
            return true;
    return false;
}

/* Whether the server makes the ids of the table's rows: the column is in no file, so its default
 * calls nextval, which a rollback does not undo. */
static bool is_drawn_from(const struct dataset *dataset)
{
    const struct table *table = dataset->table;

    return dataset_is_loaded(dataset) && dataset->database.sequence.present &&
           table_column_named(table, table->sequence_column) < 0;
}

static bool is_alterable(const struct dataset *dataset, const struct connection *connection)
{
    return dataset->database.sequence.owned &&
           distribution_of(connection, dataset->table) == DISTRIBUTION_LOCAL;
}

bool sequences_make_draws_transactional(const struct plan *plan, bool rehearse,
                                        const struct session *session)
{
    for (int id = 0; id < TABLE_COUNT; id++) {
        const struct dataset *dataset = &plan->datasets[id];

        assert(dataset->database.sequence_sought);
        assert(!dataset->done.sent || !is_drawn_from(dataset));
        if (is_drawn_from(dataset) && is_alterable(dataset, session->connection) &&
            (rehearse || dataset->database.rebuilt) &&
            !sequence_make_draws_transactional(&dataset->database.sequence, session))
            return false;
    }
    return true;
}

bool sequences_advance(struct plan *plan, const int64_t floors[TABLE_COUNT], bool rehearse,
                       const struct session *session)
{
    struct sequence_advance advances[TABLE_COUNT];
    size_t count = 0;

    for (int id = 0; id < TABLE_COUNT; id++) {
        struct dataset *dataset = &plan->datasets[id];

        assert(dataset->database.sequence_sought);
        assert(dataset->table->floor == 0 || dataset->floor != 0);
        if (!dataset->database.sequence.present)
            continue;
        if (dataset->database.sequence.settable)
            advances[count++] = (struct sequence_advance){.table = dataset->table,
                                                          .floor = dataset->floor,
                                                          .sequence = &dataset->database.sequence};
        else if (dataset_is_loaded(dataset) || floors[id] != 0)
            return refuse_unsettable(&dataset->database.sequence, session->error);
    }
    return sequence_advance(advances, count, rehearse, session) &&
           floor_write(plan, floors, rehearse, session);
}

bool sequences_has_moved(const struct dataset *dataset)
{
    const struct sequence *sequence = &dataset->database.sequence;

    return sequence->next != 0 && (sequence->next != sequence->before ||
                                   (is_drawn_from(dataset) && dataset_rows_loaded(dataset) > 0));
}
