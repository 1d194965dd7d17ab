/*
 * What logical replication has to do with tables: what would leave the database, and what the
 * server refuses for a table that has no replica identity (PostgreSQL manual, 31.1 Publication).
 */
#ifndef SCHEMA_PUBLICATION_H
#define SCHEMA_PUBLICATION_H

#include "pg/connection.h"
#include "table/table.h"

#include <stdbool.h>
#include <stddef.h>

enum { PUBLICATION_TEXT_SIZE = 384 };

/* Of a table that nobody replicates, and of one that is not there: all empty. */
struct publication {
    /* Who sends a TRUNCATE of the table on: "publication changes"; "" nobody. */
    char truncation[PUBLICATION_TEXT_SIZE];
    /* Sentences without a full stop. "" says that it can be done. */
    char why_no_update_without_indexes[PUBLICATION_TEXT_SIZE];
    char why_no_update[PUBLICATION_TEXT_SIZE];
    char why_no_delete_without_indexes[PUBLICATION_TEXT_SIZE];
    char why_no_delete[PUBLICATION_TEXT_SIZE];
};

/* Reads what holds for `count` tables, at most TABLE_COUNT, into as many of `publications`. */
bool publication_read(const struct table *const *tables, size_t count,
                      struct publication *publications, struct connection *connection,
                      struct error *error);

/* Refuses, with what to do, unless `why_not`, one of the sentences above, is empty. ERROR_DATABASE
 * otherwise. */
bool publication_require(const char *why_not, struct error *error);

#endif
