/*
 * Compares tables with their descriptions before anything is sent. What is the same for all tables
 * is asked of all at once; only a table that something is in the way of is asked what it is.
 */
#ifndef SCHEMA_CATALOG_READING_H
#define SCHEMA_CATALOG_READING_H

#include "schema/catalog.h"
#include "schema/name_arrays.h"
#include "schema/shard_statistics.h"
#include "schema/table_access.h"

#include <stdbool.h>
#include <stddef.h>

struct catalog_request {
    const struct table *table;
    unsigned access; /* what else must be allowed than to read it: ACCESS_INSERT, ... */
};

/* Caller-owned; freed by catalog_reading_free. */
struct catalog_reading {
    struct connection *connection;          /* borrowed */
    const struct catalog_request *requests; /* borrowed */
    size_t count;
    PGresult *obstacles, *columns;
    struct shard_statistics shards;
};

/* Asks what the catalog has of the tables; none is looked at yet. To be freed after a failure too.
 */
bool catalog_reading_start(struct catalog_reading *reading, const struct catalog_request *requests,
                           size_t count, struct connection *connection, struct error *error);

/* Whether there was a table of that name. `place` is that of its request. */
bool catalog_reading_exists(const struct catalog_reading *reading, size_t place);

/*
 * Compares a table with its description: it is there, may be read, and has every column that is not
 * optional, of the type expected. What its request says is allowed; if that is to insert, it has no
 * other column that must be given a value. Row-level security hides no row of it, and no rule does
 * something else instead (schema/rules), and where it is distributed no trigger may keep a row out
 * (schema/shortfall). ERROR_DATABASE names table, and privilege or column, what
 * was found and what expected.
 */
bool catalog_reading_take(const struct catalog_reading *reading, size_t place,
                          struct catalog_table *found, struct error *error);

void catalog_reading_free(struct catalog_reading *reading);

/* All of this for one table. How many rows one has that is distributed is not asked: it takes the
 * nodes as long for one table as for all. */
bool catalog_read_table(struct connection *connection, const struct table *table, unsigned access,
                        struct catalog_table *found, struct error *error);

#endif
