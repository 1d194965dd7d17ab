/*
 * Rows out of PostgreSQL, of a query with parameters: a callback for each row, as soon as it comes,
 * with fields in the binary form in which COPY OUT gives them. COPY takes no parameters.
 */
#ifndef PG_QUERY_ROWS_H
#define PG_QUERY_ROWS_H

#include "pg/connection.h"
#include "pg/copy_out.h"
#include "pg/query.h"

#include <stdbool.h>

/* Runs the query and gives each row to `row`. After an error the connection can be used as
 * before. */
bool query_rows(struct connection *connection, const struct query *query, copy_out_row *row,
                void *context, struct error *error);

#endif
