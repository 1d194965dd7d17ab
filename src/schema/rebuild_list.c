#include "schema/rebuild_list.h"

#include "pg/query.h"

#include <assert.h>
#include <stdlib.h>

/* The tables' names are plain words, as the prefix of schemas is, and need no quotes. */
bool rebuild_list_open(struct rebuild_list *list, struct rebuild_table *tables, size_t table_count,
                       struct connection *connection, struct error *error)
{
    assert(table_count <= TABLE_COUNT);
    *list = (struct rebuild_list){0};
    if (!statement_open(&list->statement, connection, error))
        return false;
    for (size_t i = 0; i < table_count; i++) {
        if (tables[i].obstacle[0] != '\0')
            continue;
        statement_add(&list->statement, "%s%s%s.%s", list->count == 0 ? "{" : ",",
                      connection_schema_prefix(connection), tables[i].table->schema,
                      tables[i].table->name);
        list->tables[list->count++] = &tables[i];
    }
    statement_add(&list->statement, list->count == 0 ? "{}" : "}");
    list->text = statement_text(&list->statement, error);
    if (list->text == NULL)
        rebuild_list_free(list);
    return list->text != NULL;
}

bool rebuild_list_query(const struct rebuild_list *list, const char *sql, int columns,
                        PGresult **rows, struct error *error)
{
    const struct query query = {
        .sql = sql, .parameters = &list->text, .parameter_count = 1, .columns = columns};

    return connection_query(list->statement.connection, &query, rows, error);
}

struct rebuild_table *rebuild_list_table(const struct rebuild_list *list, const PGresult *rows,
                                         int row, int column)
{
    unsigned long place = strtoul(PQgetvalue(rows, row, column), NULL, 10);

    assert(place >= 1 && place <= list->count);
    return list->tables[place - 1];
}

void rebuild_list_free(struct rebuild_list *list)
{
    statement_free(&list->statement);
}
