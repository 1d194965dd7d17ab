#include "schema/building.h"

#include "pg/query.h"
#include "pg/statement.h"
#include "schema/api_schema.h"
#include "schema/schema_list.h"
#include "table/table.h"

#include <stdio.h>
#include <string.h>

/* $1 is whether the old schemas are replaced, $2 and $3 are the names of the schemas of tables and
 * of the API as arrays, $4 and $5 schema and name of the enum type, $6 the prefix of what is set
 * aside: one row, whether there is something to build, and what stands in the way. */
extern const char building_obstacle_sql[];

static const struct schema_list ledger = {.names = {"timele_load"}, .count = 1};

static struct schema_list schemas_of_api(void)
{
    struct schema_list list = {.count = API_SCHEMA_COUNT};

    for (size_t i = 0; i < API_SCHEMA_COUNT; i++)
        list.names[i] = api_schema_name(i);
    return list;
}

bool building_find_obstacle(bool resets, bool *applies, char obstacle[BUILDING_OBSTACLE_SIZE],
                            const struct session *session)
{
    const struct schema_list of_tables = schema_list_of_tables(), of_api = schemas_of_api();
    char tables[SCHEMA_LIST_SIZE], api[SCHEMA_LIST_SIZE];
    const char *const parameters[] = {
        resets ? "t" : "f", tables,          api,
        TABLE_ENUM_SCHEMA,  TABLE_ENUM_NAME, BUILDING_REPLACED_PREFIX};
    const struct query query = {
        .sql = building_obstacle_sql, .parameters = parameters, .parameter_count = 6, .columns = 2};
    PGresult *row;

    schema_list_text(&of_tables, "", tables);
    schema_list_text(&of_api, "", api);
    if (!connection_query_row(session->connection, &query, &row, session->error))
        return false;
    *applies = PQgetvalue(row, 0, 0)[0] == 't';
    (void)snprintf(obstacle, BUILDING_OBSTACLE_SIZE, "%s", PQgetvalue(row, 0, 1));
    PQclear(row);
    return true;
}

static bool find_enum(const char *name, bool *exists, const struct session *session)
{
    const char *const parameters[] = {TABLE_ENUM_SCHEMA, name};
    const struct query query = {
        .sql = "SELECT EXISTS (SELECT 1 FROM pg_type t JOIN pg_namespace n ON n.oid = "
               "t.typnamespace WHERE n.nspname = $1 AND t.typname = $2)",
        .parameters = parameters,
        .parameter_count = 2,
        .columns = 1};
    PGresult *row;

    if (!connection_query_row(session->connection, &query, &row, session->error))
        return false;
    *exists = PQgetvalue(row, 0, 0)[0] == 't';
    PQclear(row);
    return true;
}

static bool rename_enum(const char *from, const char *to, const struct session *session)
{
    struct statement statement;
    bool exists = false, renamed;

    if (!find_enum(from, &exists, session))
        return false;
    if (!exists)
        return true;
    if (!statement_open(&statement, session->connection, session->error))
        return false;
    statement_add(&statement, "ALTER TYPE ");
    statement_identifier(&statement, TABLE_ENUM_SCHEMA);
    statement_add(&statement, ".");
    statement_identifier(&statement, from);
    statement_add(&statement, " RENAME TO ");
    statement_identifier(&statement, to);
    renamed = statement_execute(&statement, session->error);
    statement_free(&statement);
    return renamed;
}

bool building_set_old_aside(const struct session *session)
{
    const struct schema_list list = schema_list_of_tables();

    return schema_list_rename(&list, "", BUILDING_REPLACED_PREFIX, session) &&
           rename_enum(TABLE_ENUM_NAME, BUILDING_REPLACED_PREFIX TABLE_ENUM_NAME, session);
}

bool building_put_old_back(const struct session *session)
{
    const struct schema_list list = schema_list_of_tables();

    return schema_list_rename(&list, BUILDING_REPLACED_PREFIX, "", session) &&
           rename_enum(BUILDING_REPLACED_PREFIX TABLE_ENUM_NAME, TABLE_ENUM_NAME, session);
}

bool building_set_ledger_aside(const struct session *session)
{
    return schema_list_rename(&ledger, "", BUILDING_REPLACED_PREFIX, session);
}

bool building_put_ledger_back(const struct session *session)
{
    return schema_list_drop(&ledger, "", session) &&
           schema_list_rename(&ledger, BUILDING_REPLACED_PREFIX, "", session);
}

bool building_set_api_aside(bool *had_api, const struct session *session)
{
    struct schema_list list = {0};

    for (size_t i = 0; i < API_SCHEMA_COUNT; i++) {
        bool is_ours = false;

        if (!api_schema_is_ours(session->connection, api_schema_name(i), &is_ours, session->error))
            return false;
        if (is_ours)
            list.names[list.count++] = api_schema_name(i);
    }
    *had_api = list.count > 0;
    return schema_list_rename(&list, "", BUILDING_REPLACED_PREFIX, session);
}

/* The last of the schemas is that of the orders, which have the type. */
static bool move_enum(const char *from, const char *to, const struct session *session)
{
    struct statement statement;
    bool moved;

    if (!statement_open(&statement, session->connection, session->error))
        return false;
    statement_add(&statement, "ALTER TYPE ");
    statement_identifier(&statement, from);
    statement_add(&statement, ".");
    statement_identifier(&statement, TABLE_ENUM_NAME);
    statement_add(&statement, " SET SCHEMA ");
    statement_identifier(&statement, to);
    moved = statement_execute(&statement, session->error);
    statement_free(&statement);
    return moved;
}

static void name_schema_of_enum(char name[SCHEMA_LIST_SIZE])
{
    const struct schema_list list = schema_list_of_tables();

    (void)snprintf(name, SCHEMA_LIST_SIZE, "%s%s", BUILDING_PREFIX, list.names[list.count - 1]);
}

static bool alter_table(const struct table *table, const char *action,
                        const struct session *session)
{
    struct statement statement;
    char schema[SCHEMA_LIST_SIZE];
    bool altered;

    if (!statement_open(&statement, session->connection, session->error))
        return false;
    (void)snprintf(schema, sizeof schema, "%s%s", BUILDING_PREFIX, table->schema);
    statement_add(&statement, "ALTER TABLE ");
    statement_identifier(&statement, schema);
    statement_add(&statement, ".");
    statement_identifier(&statement, table->name);
    statement_add(&statement, " %s", action);
    altered = statement_execute(&statement, session->error);
    statement_free(&statement);
    return altered;
}

/* Autovacuum would take time from the load, and each statement that needs a table in which it works
 * would wait a second (deadlock_timeout) until the server has called it off. */
static bool alter_tables(const char *action, const struct session *session)
{
    for (int id = 0; id < TABLE_COUNT; id++)
        if (!alter_table(table_get((enum table_id)id), action, session))
            return false;
    return true;
}

bool building_hide(const struct session *session)
{
    const struct schema_list list = schema_list_of_tables();
    char schema[SCHEMA_LIST_SIZE];

    name_schema_of_enum(schema);
    return schema_list_rename(&list, "", BUILDING_PREFIX, session) &&
           move_enum(TABLE_ENUM_SCHEMA, schema, session) &&
           alter_tables("SET (autovacuum_enabled = off)", session);
}

bool building_show(const struct session *session)
{
    const struct schema_list list = schema_list_of_tables();
    char schema[SCHEMA_LIST_SIZE];

    name_schema_of_enum(schema);
    return alter_tables("RESET (autovacuum_enabled)", session) &&
           move_enum(schema, TABLE_ENUM_SCHEMA, session) &&
           schema_list_rename(&list, BUILDING_PREFIX, "", session);
}

void building_take_prefix_out(char *text)
{
    const size_t length = strlen(BUILDING_PREFIX);

    for (char *found = strstr(text, BUILDING_PREFIX); found != NULL;
         found = strstr(found, BUILDING_PREFIX))
        memmove(found, &found[length], strlen(&found[length]) + 1);
}
