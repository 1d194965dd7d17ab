#include "schema/delivery_name.h"

#include "table/derivation.h"

#include <stdint.h>
#include <stdio.h>

static bool set_length(struct connection *connection, size_t limit, struct error *error)
{
    char sql[128];

    (void)snprintf(sql, sizeof sql, DERIVATION_SET_NAME_LENGTH,
                   limit > 0 ? limit : (size_t)INT32_MAX);
    return connection_execute(connection, sql, error);
}

bool delivery_name_set_limit(struct connection *connection, size_t limit, bool in_bytes,
                             struct error *error)
{
    return set_length(connection, limit, error) &&
           connection_execute(
               connection,
               in_bytes ? DERIVATION_CUT_NAME_IN_BYTES : DERIVATION_CUT_NAME_IN_CHARACTERS, error);
}
