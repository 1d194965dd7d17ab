#include "schema/name_arrays.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

bool name_arrays_add(struct name_arrays *arrays, const char *const *names, size_t count,
                     struct error *error)
{
    assert(count <= NAME_ARRAYS_MAX);
    for (size_t i = 0; i < count; i++)
        if (!array_parameter_add_text(&arrays->arrays[i], names[i], strlen(names[i])))
            return error_memory(error);
    return true;
}

bool name_arrays_ask(struct name_arrays *arrays, size_t count, struct query query,
                     struct connection *connection, PGresult **rows, struct error *error)
{
    const char *parameters[NAME_ARRAYS_MAX];

    assert(count <= NAME_ARRAYS_MAX);
    for (size_t i = 0; i < count; i++) {
        parameters[i] = array_parameter_text(&arrays->arrays[i]);
        if (parameters[i] == NULL)
            return error_memory(error);
    }
    query.parameters = parameters;
    query.parameter_count = (int)count;
    return connection_query(connection, &query, rows, error);
}

size_t name_arrays_place(const PGresult *rows, int row, size_t count)
{
    unsigned long place = strtoul(PQgetvalue(rows, row, 0), NULL, 10);

    assert(place >= 1 && place <= count);
    return place - 1;
}

void name_arrays_free(struct name_arrays *arrays)
{
    for (size_t i = 0; i < NAME_ARRAYS_MAX; i++)
        array_parameter_free(&arrays->arrays[i]);
}
