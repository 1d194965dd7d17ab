/*
 * Questions to PostgreSQL, with parameters.
 */
#ifndef PG_QUERY_H
#define PG_QUERY_H

#include "pg/connection.h"

#include <libpq-fe.h>
#include <stdbool.h>

/* A query, its text parameters and the shape of its answer. */
struct query {
    const char *sql;
    const char *const *parameters; /* $1, $2, ...; a NULL among them is SQL's NULL */
    int parameter_count;
    int columns; /* how many it must return */
};

/* Runs a query. On success *result has the rows, to be freed with PQclear. ERROR_INTERNAL when it
 * returns another number of columns. */
bool connection_query(struct connection *connection, const struct query *query, PGresult **result,
                      struct error *error);

/* The same for a query that must return exactly one row. */
bool connection_query_row(struct connection *connection, const struct query *query,
                          PGresult **result, struct error *error);

/* For the other files of this folder. ---------------------------------------------------------- */

/* Runs a query whose rows come one at a time, each in a result of its own with binary fields
 * (PostgreSQL manual, 34.6); connection_next_result gives them, and has to be called to the end. */
bool connection_start_rows(struct connection *connection, const struct query *query,
                           struct error *error);

#endif
