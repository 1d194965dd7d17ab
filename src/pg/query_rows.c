#include "pg/query_rows.h"

#include <assert.h>

static void take_fields(const PGresult *result, int row,
                        struct copy_out_field fields[COPY_OUT_FIELDS_MAX])
{
    for (int i = 0; i < PQnfields(result); i++) {
        fields[i] = (struct copy_out_field){.bytes = NULL};
        if (PQgetisnull(result, row, i) != 0)
            continue;
        fields[i].bytes = (const uint8_t *)PQgetvalue(result, row, i);
        fields[i].length = (size_t)PQgetlength(result, row, i);
    }
}

/* One row, or none at the end of all. */
static bool take_result(const PGresult *result, const struct query *query, copy_out_row *row,
                        void *context, struct error *error)
{
    struct copy_out_field fields[COPY_OUT_FIELDS_MAX];

    if (PQnfields(result) != query->columns)
        return error_set(error, ERROR_INTERNAL, "a query returned %d columns instead of %d: %s",
                         PQnfields(result), query->columns, query->sql);
    for (int i = 0; i < PQntuples(result); i++) {
        take_fields(result, i, fields);
        if (!row(context, fields, error))
            return false;
    }
    return true;
}

bool query_rows(struct connection *connection, const struct query *query, copy_out_row *row,
                void *context, struct error *error)
{
    PGresult *result = NULL;
    bool taken = true;

    assert(query->columns <= COPY_OUT_FIELDS_MAX);
    if (!connection_start_rows(connection, query, error))
        return false;
    do {
        if (!connection_next_result(connection, &result, error))
            return false;
        switch (PQresultStatus(result)) {
        case PGRES_SINGLE_TUPLE:
        case PGRES_TUPLES_OK:
            /* After a failure the rest is still read, so that the connection can be used again. */
            taken = taken && take_result(result, query, row, context, error);
            break;
        default:
            if (result != NULL)
                taken = connection_error(connection, result, NULL, error);
        }
        PQclear(result);
    } while (result != NULL && PQstatus(connection_handle(connection)) != CONNECTION_BAD);
    if (PQstatus(connection_handle(connection)) == CONNECTION_BAD)
        return connection_error(connection, NULL, NULL, error);
    return taken;
}
