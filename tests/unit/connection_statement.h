/*
 * The ways in which a connection runs a statement, and what a scripted server answers.
 */
#ifndef TESTS_UNIT_CONNECTION_STATEMENT_H
#define TESTS_UNIT_CONNECTION_STATEMENT_H

#include "pg/connection.h"
#include "pg/query.h"
#include "scripted_libpq.h"

#include <stdlib.h>

/* The statement and the query; each runs in one of the ways a connection has. */
#define COMMAND     "UPDATE"
#define QUERY       "SELECT $1, $2"
#define SENDS_QUERY SEND_QUERY_PARAMS, .text = QUERY " [orders] [NULL]", .returns = 1

/* Runs the statement; `result` is a number that the caller gets, 0 where there is none. */
typedef bool running(struct connection *connection, long long *result, struct error *error);

static inline bool execute(struct connection *connection, long long *result, struct error *error)
{
    *result = 0;
    return connection_execute(connection, COMMAND, error);
}

static inline bool execute_for(struct connection *connection, long long *result,
                               struct error *error)
{
    *result = 0;
    return connection_execute_for(connection, "cannot create", COMMAND, error);
}

static inline bool count(struct connection *connection, long long *result, struct error *error)
{
    unsigned long long rows = 0;
    bool done_it = connection_execute_counted(connection, NULL, COMMAND, &rows, error);

    *result = (long long)rows;
    return done_it;
}

static const char *const parameters[] = {"orders", NULL};

/* Asks for so many columns; gives the number of rows. */
static inline bool query_columns(struct connection *connection, int columns, long long *result,
                                 struct error *error)
{
    const struct query asked = {
        .sql = QUERY, .parameters = parameters, .parameter_count = 2, .columns = columns};
    PGresult *rows = NULL;

    if (!connection_query(connection, &asked, &rows, error))
        return false;
    *result = PQntuples(rows);
    PQclear(rows);
    return true;
}

static inline bool query(struct connection *connection, long long *result, struct error *error)
{
    return query_columns(connection, 2, result, error);
}

static inline bool query_3_columns(struct connection *connection, long long *result,
                                   struct error *error)
{
    return query_columns(connection, 3, result, error);
}

/* Gives the value of the second column. */
static inline bool query_row(struct connection *connection, long long *result, struct error *error)
{
    const struct query asked = {
        .sql = QUERY, .parameters = parameters, .parameter_count = 2, .columns = 2};
    PGresult *row = NULL;

    if (!connection_query_row(connection, &asked, &row, error))
        return false;
    *result = strtoll(PQgetvalue(row, 0, 1), NULL, 10);
    PQclear(row);
    return true;
}

static inline bool start_copy(struct connection *connection, long long *result, struct error *error)
{
    *result = 0;
    return connection_start_copy(connection, COMMAND, PGRES_COPY_IN, error);
}

/* What the server answers. */
static const struct scripted_result done = {.status = PGRES_COMMAND_OK, .rows_changed = ""};
static const struct scripted_result one_row = {
    .status = PGRES_TUPLES_OK, .columns = 2, .rows = 1, .value = "7"};
static const struct scripted_result two_rows = {
    .status = PGRES_TUPLES_OK, .columns = 2, .rows = 2, .value = "7"};
static const struct scripted_result copying = {.status = PGRES_COPY_IN};

#endif
