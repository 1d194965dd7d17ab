#include "schema/api_schema.h"

#include "pg/statement.h"

#include <assert.h>

const char *api_schema_name(size_t place)
{
    static const char *const names[API_SCHEMA_COUNT] = {"api", "api_auth", "api_private"};

    assert(place < API_SCHEMA_COUNT);
    return names[place];
}

bool api_schema_is_ours(struct connection *connection, const char *schema, bool *is_ours,
                        struct error *error)
{
    struct statement statement;
    bool asked;

    if (!statement_open(&statement, connection, error))
        return false;
    statement_add(&statement,
                  "SELECT coalesce(obj_description(to_regnamespace('%s'), 'pg_namespace') "
                  "LIKE 'TimeL-E: %%', false)",
                  schema);
    asked = statement_ask(&statement, is_ours, error);
    statement_free(&statement);
    return asked;
}
