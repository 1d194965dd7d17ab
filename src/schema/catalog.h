/*
 * What the database's catalog says of TimeL-E's tables. Constraints, indexes and sequences are
 * found by what they do and never by their names: TimeL-E's own service makes these tables too, and
 * gives other names.
 */
#ifndef SCHEMA_CATALOG_H
#define SCHEMA_CATALOG_H

#include "pg/connection.h"
#include "table/table.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CATALOG_NAME_SIZE = 64 }; /* NAMEDATALEN */
enum { CATALOG_DEFAULT_SIZE = 32 };

struct catalog_column {
    bool present;
    bool not_null; /* whatever the description says */
    size_t length; /* of a varchar(n); 0: no limit */
    bool has_default;
    char default_value[CATALOG_DEFAULT_SIZE]; /* without quotes and casts; a long one is cut */
};

struct catalog_table {
    bool read; /* the members below are known */
    bool empty;
    bool counts_bytes;         /* the server counts a text's bytes, and not its characters */
    struct encoding *encoding; /* of the database; the connection's; NULL: no database was asked */
    bool analyzable;           /* the user may analyze it */
    bool partitioned;
    uint64_t rows;                  /* the planner's estimate */
    uint64_t changes_until_analyze; /* rows that may change until its statistics are out of date */
    struct catalog_column columns[TABLE_COLUMNS_MAX]; /* as in the table's description */
};

struct catalog_foreign_key {
    bool present;    /* the server has one, and enforces it */
    bool unenforced; /* not present, but there is one that is NOT ENFORCED: `name` is its name */
    bool validated;
    bool enabled; /* none of its triggers is disabled */
    bool proves;  /* the server has let in no row that breaks it, unless somebody disabled its
                   * triggers for a while */
    char name[CATALOG_NAME_SIZE];
};

bool catalog_table_exists(struct connection *connection, const struct table *table, bool *exists,
                          struct error *error);

/* A column that has_reference, and where its foreign key goes; all borrowed. */
struct catalog_reference {
    const struct table *table;
    const struct column *column;
    struct catalog_foreign_key *found;
};

/* Finds the foreign keys that lead from the columns, each alone, to the tables that they reference:
 * ones that prove, where there are such. */
bool catalog_read_foreign_keys(struct connection *connection,
                               const struct catalog_reference *references, size_t count,
                               struct error *error);

/* Sets `name` to that of an index by which the server keeps the column's values unique at every
 * moment; "" where there is none. */
bool catalog_find_unique_index(struct connection *connection, const struct table *table,
                               const struct column *column, char name[CATALOG_NAME_SIZE],
                               struct error *error);

/* Asks whether a table has no row. */
bool catalog_ask_empty(struct connection *connection, const struct table *table, bool *empty,
                       struct error *error);

/* Empties a table that no foreign key of another one leads to. */
bool catalog_truncate(struct connection *connection, const struct table *table,
                      struct error *error);

/* Validates a foreign key that was created NOT VALID. ERROR_DATABASE when rows violate it. */
bool catalog_validate_foreign_key(struct connection *connection, const struct table *table,
                                  const char *name, struct error *error);

/* Updates the planner's statistics of a table; of one that is partitioned, those of its partitions
 * too, but not of tables that inherit from it. */
bool catalog_analyze(struct connection *connection, const struct table *table, bool partitioned,
                     struct error *error);

/* The length limit that holds for a column: the database's, else the description's; 0: none. */
size_t catalog_column_length(const struct catalog_table *found, const struct table *table,
                             size_t column);

#endif
