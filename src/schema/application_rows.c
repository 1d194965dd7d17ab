#include "schema/application_rows.h"

#include "pg/statement.h"
#include "schema/catalog.h"
#include "schema/row_security.h"

#include <inttypes.h>
#include <stdio.h>

/* "prefix" and the name of a schema. */
enum { SCHEMA_SIZE = 128 };

/* Whether the table holds a row whose id is at or above the floor. */
static bool find(const struct table *table, int64_t floor, bool *found,
                 const struct session *session)
{
    struct statement statement;
    bool asked;

    if (!statement_open(&statement, session->connection, session->error))
        return false;
    statement_add(&statement, "SELECT EXISTS (SELECT 1 FROM ");
    statement_qualified(&statement, table->schema, table->name);
    statement_add(&statement, " WHERE ");
    statement_identifier(&statement, table->columns[table->key[0]].name);
    statement_add(&statement, " >= %" PRId64 " LIMIT 1)", floor);
    asked = statement_ask(&statement, found, session->error);
    statement_free(&statement);
    return asked;
}

static bool refuse(const struct table *table, int64_t floor, bool is_new, struct error *error)
{
    (void)error_set(error, ERROR_DATABASE,
                    "--reset would drop rows of the application: %s.%s has ids from %" PRId64 " up",
                    table->schema, table->name, floor);
    if (is_new)
        (void)error_detail(error, "They came during the load.");
    return error_hint(error, "Save them first, or add --force to drop them too.");
}

static bool refuse_rows(const int64_t floors[TABLE_COUNT], const char *prefix,
                        const struct session *session)
{
    for (int id = 0; id < TABLE_COUNT; id++) {
        const struct table *table = table_get((enum table_id)id);
        struct table present = *table;
        char schema[SCHEMA_SIZE];
        bool exists = false, found = false;

        (void)snprintf(schema, sizeof schema, "%s%s", prefix, table->schema);
        present.schema = schema;
        if (prefix[0] == '\0' && !row_security_refuse(session->connection, table, session->error))
            return false;
        if (table->floor == 0)
            continue;
        if (!catalog_table_exists(session->connection, &present, &exists, session->error) ||
            (exists && !find(&present, floors[id], &found, session)))
            return false;
        if (found)
            return refuse(table, floors[id], prefix[0] != '\0', session->error);
    }
    return true;
}

bool application_rows_refuse(const int64_t floors[TABLE_COUNT], const struct session *session)
{
    return refuse_rows(floors, "", session);
}

bool application_rows_refuse_new(const int64_t floors[TABLE_COUNT], const char *prefix,
                                 const struct session *session)
{
    return refuse_rows(floors, prefix, session);
}
