#include "schema/shard_statistics.h"

#include "pg/distribution.h"
#include "pg/query.h"
#include "schema/name_arrays.h"

#include <stdlib.h>

/* $1 and $2 are arrays of schemas and tables: a row a table that is distributed, the members of the
 * enum below. For a server that has Citus. */
extern const char shard_statistics_sql[];

enum { STATISTICS_PLACE, STATISTICS_ROWS, STATISTICS_CHANGES, STATISTICS_COLUMNS };

static bool ask(struct shard_statistics *statistics, const struct table *const *tables,
                struct connection *connection, struct error *error)
{
    const struct query query = {.sql = shard_statistics_sql, .columns = STATISTICS_COLUMNS};
    struct name_arrays arrays = {0};
    bool asked = true;

    for (size_t i = 0; asked && i < statistics->count; i++) {
        const char *const names[] = {tables[i]->schema, tables[i]->name};

        asked = name_arrays_add(&arrays, names, 2, error);
    }
    asked = asked && name_arrays_ask(&arrays, 2, query, connection, &statistics->rows, error);
    name_arrays_free(&arrays);
    return asked;
}

bool shard_statistics_ask(struct shard_statistics *statistics, const struct table *const *tables,
                          size_t count, struct connection *connection, struct error *error)
{
    *statistics = (struct shard_statistics){.count = count};
    for (size_t i = 0; i < count; i++)
        if (distribution_of(connection, tables[i]) != DISTRIBUTION_LOCAL)
            return ask(statistics, tables, connection, error);
    return true;
}

void shard_statistics_take(const struct shard_statistics *statistics, size_t place,
                           struct catalog_table *table)
{
    int count = statistics->rows != NULL ? PQntuples(statistics->rows) : 0;

    for (int row = 0; row < count; row++)
        if (name_arrays_place(statistics->rows, row, statistics->count) == place) {
            table->rows = strtoull(PQgetvalue(statistics->rows, row, STATISTICS_ROWS), NULL, 10);
            table->changes_until_analyze =
                strtoull(PQgetvalue(statistics->rows, row, STATISTICS_CHANGES), NULL, 10);
        }
}

void shard_statistics_free(struct shard_statistics *statistics)
{
    PQclear(statistics->rows);
    *statistics = (struct shard_statistics){0};
}
