/*
 * What the nodes of a cluster know of the rows of distributed tables. The coordinator's own catalog
 * takes these tables for empty.
 */
#ifndef SCHEMA_SHARD_STATISTICS_H
#define SCHEMA_SHARD_STATISTICS_H

#include "schema/catalog.h"

#include <stdbool.h>
#include <stddef.h>

/* Caller-owned; zeroed is empty. Freed by shard_statistics_free, after a failure too. */
struct shard_statistics {
    PGresult *rows; /* NULL: none of the tables is distributed, and nothing was asked */
    size_t count;
};

/* Asks each node once, about all of the tables that are distributed (pg/distribution). */
bool shard_statistics_ask(struct shard_statistics *statistics, const struct table *const *tables,
                          size_t count, struct connection *connection, struct error *error);

/* Puts what is known of the table at `place` into `rows` and `changes_until_analyze`; of one that
 * is not distributed they stay as they are. */
void shard_statistics_take(const struct shard_statistics *statistics, size_t place,
                           struct catalog_table *table);

void shard_statistics_free(struct shard_statistics *statistics);

#endif
