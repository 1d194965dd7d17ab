#include "target/floor.h"

#include "pg/distribution.h"
#include "pg/statement.h"

#include <assert.h>
#include <inttypes.h>

static int64_t present_floor(const struct dataset *dataset)
{
    if (dataset->database.sequence.present && dataset->database.sequence.minimum >= FLOOR_MIN)
        return dataset->database.sequence.minimum;
    return dataset->table->floor;
}

static bool find_rows_between(const struct dataset *dataset, int64_t low, int64_t high, bool *found,
                              const struct session *session)
{
    const struct table *table = dataset->table;
    const char *key = table->columns[table->key[0]].name;
    struct statement query;
    bool asked;

    if (!statement_open(&query, session->connection, session->error))
        return false;
    statement_add(&query, "SELECT EXISTS (SELECT 1 FROM ");
    statement_qualified(&query, table->schema, table->name);
    statement_add(&query, " WHERE ");
    statement_identifier(&query, key);
    statement_add(&query, " >= %" PRId64 " AND ", low);
    statement_identifier(&query, key);
    statement_add(&query, " < %" PRId64 " LIMIT 1)", high);
    asked = statement_ask(&query, found, session->error);
    statement_free(&query);
    return asked;
}

/* The MINVALUE would have to be altered, which Citus lets nobody do. */
static bool refuse_distributed(const struct dataset *dataset, int64_t wanted, struct error *error)
{
    const struct table *table = dataset->table;

    (void)error_set(error, ERROR_DATABASE,
                    "the floor of %s.%s cannot move from %" PRId64 " to %" PRId64
                    ": Citus has distributed the table, and lets nobody alter its sequence",
                    table->schema, table->name, present_floor(dataset), wanted);
    return error_hint(error,
                      "--floor works before contrib/citus.sql distributes the table; docs/citus.md "
                      "says how to go back to one server.");
}

static bool move_floor(struct dataset *dataset, int64_t wanted, const struct session *session)
{
    const struct table *table = dataset->table;
    int64_t present = present_floor(dataset);
    bool found = false;

    if (!dataset->database.sequence.present) {
        return error_set(session->error, ERROR_DATABASE,
                         "%s.%s has no sequence to keep the floor in", table->schema, table->name);
    }
    if (wanted != dataset->database.sequence.minimum &&
        distribution_of(session->connection, table) != DISTRIBUTION_LOCAL)
        return refuse_distributed(dataset, wanted, session->error);
    if (wanted != present &&
        !find_rows_between(dataset, wanted < present ? wanted : present,
                           wanted < present ? present : wanted, &found, session))
        return false;
    if (found)
        return error_set(session->error, ERROR_DATABASE,
                         "the floor of %s.%s cannot move from %" PRId64 " to %" PRId64
                         ": there are rows between",
                         table->schema, table->name, present, wanted);
    dataset->floor = wanted;
    return true;
}

bool floor_read(struct plan *plan, const int64_t options[TABLE_COUNT],
                const struct session *session)
{
    for (int id = 0; id < TABLE_COUNT; id++) {
        struct dataset *dataset = &plan->datasets[id];

        if (dataset->table->floor == 0)
            continue;
        assert(dataset->database.sequence_sought);
        dataset->floor = present_floor(dataset);
        if (options[id] != 0 && !move_floor(dataset, options[id], session))
            return false;
    }
    return true;
}

bool floor_write(struct plan *plan, const int64_t options[TABLE_COUNT], bool rehearse,
                 const struct session *session)
{
    for (int id = 0; id < TABLE_COUNT; id++) {
        struct dataset *dataset = &plan->datasets[id];

        assert(options[id] == 0 || dataset->database.sequence.next != 0);
        if (options[id] != 0 && dataset->database.sequence.minimum != options[id] &&
            !sequence_set_floor(&dataset->database.sequence, options[id], rehearse, session))
            return false;
    }
    return true;
}
