#include "schema/schema_list.h"

#include "pg/query.h"
#include "pg/statement.h"
#include "table/table.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LIST_MAX = sizeof((struct schema_list){0}.names) / sizeof(const char *) };

struct schema_list schema_list_of_tables(void)
{
    struct schema_list list = {0};

    for (int id = 0; id < TABLE_COUNT; id++) {
        const char *schema = table_get((enum table_id)id)->schema;

        if (list.count > 0 && strcmp(list.names[list.count - 1], schema) == 0)
            continue;
        assert(list.count < LIST_MAX);
        list.names[list.count++] = schema;
    }
    return list;
}

void schema_list_text(const struct schema_list *list, const char *prefix,
                      char text[SCHEMA_LIST_SIZE])
{
    size_t length = (size_t)snprintf(text, SCHEMA_LIST_SIZE, "{");

    for (size_t i = 0; i < list->count; i++)
        length += (size_t)snprintf(&text[length], SCHEMA_LIST_SIZE - length, "%s%s%s",
                                   i == 0 ? "" : ",", prefix, list->names[i]);
    length += (size_t)snprintf(&text[length], SCHEMA_LIST_SIZE - length, "}");
    assert(length < SCHEMA_LIST_SIZE);
}

bool schema_list_find(const struct schema_list *list, const char *prefix,
                      struct schema_list *present, const struct session *session)
{
    char text[SCHEMA_LIST_SIZE];
    const char *const parameters[] = {text};
    const struct query query = {
        .sql = "SELECT l.place FROM unnest($1::text[]) WITH ORDINALITY AS l (name, place) "
               "JOIN pg_namespace n ON n.nspname = l.name ORDER BY l.place",
        .parameters = parameters,
        .parameter_count = 1,
        .columns = 1};
    PGresult *rows;

    *present = (struct schema_list){0};
    schema_list_text(list, prefix, text);
    if (!connection_query(session->connection, &query, &rows, session->error))
        return false;
    for (int row = 0; row < PQntuples(rows); row++) {
        unsigned long place = strtoul(PQgetvalue(rows, row, 0), NULL, 10);

        assert(place >= 1 && place <= list->count && present->count < LIST_MAX);
        present->names[present->count++] = list->names[place - 1];
    }
    PQclear(rows);
    return true;
}

static void add_name(struct statement *statement, const char *prefix, const char *name)
{
    char full[SCHEMA_LIST_SIZE];

    (void)snprintf(full, sizeof full, "%s%s", prefix, name);
    statement_identifier(statement, full);
}

static bool rename_schema(const char *name, const char *from, const char *to,
                          const struct session *session)
{
    struct statement statement;
    bool renamed;

    if (!statement_open(&statement, session->connection, session->error))
        return false;
    statement_add(&statement, "ALTER SCHEMA ");
    add_name(&statement, from, name);
    statement_add(&statement, " RENAME TO ");
    add_name(&statement, to, name);
    renamed = statement_execute(&statement, session->error);
    statement_free(&statement);
    return renamed;
}

bool schema_list_rename(const struct schema_list *list, const char *from, const char *to,
                        const struct session *session)
{
    struct schema_list present;

    if (!schema_list_find(list, from, &present, session))
        return false;
    for (size_t i = 0; i < present.count; i++)
        if (!rename_schema(present.names[i], from, to, session))
            return false;
    return true;
}

static bool drop_schema(const char *name, const char *prefix, const struct session *session)
{
    struct statement statement;
    bool dropped;

    if (!statement_open(&statement, session->connection, session->error))
        return false;
    statement_add(&statement, "DROP SCHEMA ");
    add_name(&statement, prefix, name);
    statement_add(&statement, " CASCADE");
    dropped = statement_execute(&statement, session->error);
    statement_free(&statement);
    return dropped;
}

bool schema_list_drop(const struct schema_list *list, const char *prefix,
                      const struct session *session)
{
    struct schema_list present;

    if (!schema_list_find(list, prefix, &present, session))
        return false;
    for (size_t i = 0; i < present.count; i++)
        if (!drop_schema(present.names[i], prefix, session))
            return false;
    return true;
}
