#include "pg/query.h"

enum field_format { FIELD_TEXT = 0, FIELD_BINARY = 1 };

static bool send_parameters(struct connection *connection, const struct query *query,
                            enum field_format format, struct error *error)
{
    if (!connection_may_send(connection, error))
        return false;
    return PQsendQueryParams(connection_handle(connection), query->sql, query->parameter_count,
                             NULL, query->parameters, NULL, NULL, (int)format) == 1 ||
           connection_error(connection, NULL, NULL, error);
}

bool connection_start_rows(struct connection *connection, const struct query *query,
                           struct error *error)
{
    if (!send_parameters(connection, query, FIELD_BINARY, error))
        return false;
    if (PQsetSingleRowMode(connection_handle(connection)) != 1)
        return error_set(error, ERROR_INTERNAL, "rows cannot be asked for one at a time");
    return connection_flush(connection, error);
}

bool connection_query(struct connection *connection, const struct query *query, PGresult **result,
                      struct error *error)
{
    PGresult *rows = NULL;

    if (!send_parameters(connection, query, FIELD_TEXT, error) ||
        !connection_flush(connection, error) || !connection_next_result(connection, &rows, error))
        return false;
    if (PQresultStatus(rows) != PGRES_TUPLES_OK)
        (void)connection_error(connection, rows, NULL, error);
    else if (PQnfields(rows) != query->columns)
        (void)error_set(error, ERROR_INTERNAL, "a query returned %d columns instead of %d: %s",
                        PQnfields(rows), query->columns, query->sql);
    if (!connection_drain(connection, error)) {
        PQclear(rows);
        return false;
    }
    *result = rows;
    return true;
}

bool connection_query_row(struct connection *connection, const struct query *query,
                          PGresult **result, struct error *error)
{
    if (!connection_query(connection, query, result, error))
        return false;
    if (PQntuples(*result) == 1)
        return true;
    (void)error_set(error, ERROR_INTERNAL, "a query returned %d rows instead of 1: %s",
                    PQntuples(*result), query->sql);
    PQclear(*result);
    *result = NULL;
    return false;
}
