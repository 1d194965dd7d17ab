#include "schema/merge_vacate.h"

#include "pg/array_parameter.h"
#include "pg/query.h"
#include "pg/search_path.h"
#include "schema/shortfall.h"
#include "value/uuid.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The values do not come from a function of the server, which would give a row another one on each
 * node that has it. */
static bool draw_values(struct array_parameter *values, size_t count, struct error *error)
{
    struct uuid_generator generator = {0};
    char text[UUID_TEXT_SIZE];
    uint8_t uuid[UUID_SIZE];

    for (size_t i = 0; i < count; i++) {
        if (!uuid_generate_v4(&generator, uuid))
            return error_set(error, ERROR_INTERNAL, "the system gives no random bytes: %s",
                             strerror(errno));
        uuid_format(uuid, text);
        if (!array_parameter_add_text(values, text, strlen(text)))
            return error_memory(error);
    }
    return true;
}

/* Several nodes may say that they have updated their copy of a row (schema/deletion). */
static void add_vacate(struct statement *statement, const struct merge *merge, size_t column)
{
    const struct table *table = merge->table;

    statement_add(statement, "WITH vacated AS (UPDATE ");
    statement_qualified(statement, table->schema, table->name);
    statement_add(statement, " t SET ");
    statement_identifier(statement, table->columns[column].name);
    statement_add(statement,
                  " = n.value FROM ROWS FROM (pg_catalog.unnest($1::bigint[]), "
                  "pg_catalog.unnest($2::pg_catalog.%s[])) n (id, value) WHERE t.",
                  table->columns[column].type == COLUMN_TEXT ? "text" : "uuid");
    statement_identifier(statement, table->columns[table->key[0]].name);
    statement_add(statement, " OPERATOR(pg_catalog.=) n.id RETURNING n.id) "
                             "SELECT pg_catalog.count(DISTINCT id) FROM vacated");
}

/* Runs under the session's search path. *vacated is how many rows were. */
static bool vacate(const struct merge *merge, size_t column, const char *const parameters[2],
                   unsigned long long *vacated, struct error *error)
{
    struct query query = {.parameters = parameters, .parameter_count = 2, .columns = 1};
    struct statement statement;
    PGresult *counted = NULL;
    bool done = false;

    if (!statement_open(&statement, merge->connection, error))
        return false;
    add_vacate(&statement, merge, column);
    query.sql = statement_text(&statement, error);
    if (query.sql != NULL)
        done = connection_query_row(merge->connection, &query, &counted, error);
    if (done)
        *vacated = strtoull(PQgetvalue(counted, 0, 0), NULL, 10);
    PQclear(counted);
    statement_free(&statement);
    return done;
}

/* Rows that somebody else has deleted meanwhile need not be. */
static bool require_vacated(const struct merge *merge, const char *ids, unsigned long long vacated,
                            struct error *error)
{
    const struct table *table = merge->table;
    const char *key = table->columns[table->key[0]].name;
    struct query query = {.parameters = &ids, .parameter_count = 1, .columns = 1};
    struct statement statement;
    PGresult *counted = NULL;
    unsigned long long present = 0;
    bool asked = false;

    if (!statement_open(&statement, merge->connection, error))
        return false;
    statement_add(&statement, "SELECT count(*) FROM ");
    statement_qualified(&statement, table->schema, table->name);
    statement_add(&statement, " WHERE ");
    statement_identifier(&statement, key);
    statement_add(&statement, " = ANY ($1::bigint[])");
    query.sql = statement_text(&statement, error);
    if (query.sql != NULL)
        asked = connection_query_row(merge->connection, &query, &counted, error);
    if (asked)
        present = strtoull(PQgetvalue(counted, 0, 0), NULL, 10);
    PQclear(counted);
    statement_free(&statement);
    return asked && (present <= vacated ||
                     shortfall_refuse(&(struct shortfall){.connection = merge->connection,
                                                          .table = table,
                                                          .change = ACCESS_UPDATE},
                                      present - vacated, error));
}

static bool vacate_with(const struct merge *merge, size_t column, const char *const parameters[2],
                        size_t count, struct error *error)
{
    unsigned long long vacated = 0;

    if (parameters[1] == NULL)
        return error_memory(error);
    return search_path_use_session(merge->connection, error) &&
           vacate(merge, column, parameters, &vacated, error) &&
           search_path_restrict(merge->connection, error) &&
           (vacated == count || require_vacated(merge, parameters[0], vacated, error));
}

bool merge_vacate(const struct merge *merge, size_t column, const char *ids, size_t count,
                  struct error *error)
{
    struct array_parameter values = {0};
    bool vacated =
        draw_values(&values, count, error) &&
        vacate_with(merge, column, (const char *const[]){ids, array_parameter_text(&values)}, count,
                    error);

    array_parameter_free(&values);
    return vacated;
}
