#include "schema/catalog.h"

#include "pg/search_path.h"
#include "pg/statement.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* $1 to $6 are schema, table and column, then schema, name and key column of the referenced table:
 * a row a foreign key, one that proves first, then a validated one: name, whether it is validated,
 * is enforced, proves. */
extern const char foreign_keys_of_column_sql[];

/* $1 to $3 are schema, table and column: a row an index that keeps it unique: name. */
extern const char unique_indexes_of_column_sql[];

bool catalog_table_exists(struct connection *connection, const struct table *table, bool *exists,
                          struct error *error)
{
    const char *const parameters[] = {table->schema, table->name};
    const struct query query = {
        .sql = "SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
               "WHERE n.nspname = $1 AND c.relname = $2 AND c.relkind IN ('r', 'p')",
        .parameters = parameters,
        .parameter_count = 2,
        .columns = 1};
    PGresult *rows;

    if (!connection_query(connection, &query, &rows, error))
        return false;
    *exists = PQntuples(rows) > 0;
    PQclear(rows);
    return true;
}

bool catalog_read_foreign_key(struct connection *connection, const struct table *table,
                              const struct column *column, struct catalog_foreign_key *found,
                              struct error *error)
{
    const struct table *parent = table_get(column->references);
    const char *const parameters[] = {table->schema, table->name,
                                      column->name,  parent->schema,
                                      parent->name,  parent->columns[parent->key[0]].name};
    const struct query query = {.sql = foreign_keys_of_column_sql,
                                .parameters = parameters,
                                .parameter_count = 6,
                                .columns = 4};
    PGresult *rows;

    assert(column->has_reference);
    *found = (struct catalog_foreign_key){0};
    if (!connection_query(connection, &query, &rows, error))
        return false;
    if (PQntuples(rows) > 0) {
        found->present = true;
        found->validated = PQgetvalue(rows, 0, 1)[0] == 't';
        found->enforced = PQgetvalue(rows, 0, 2)[0] == 't';
        found->proves = PQgetvalue(rows, 0, 3)[0] == 't';
        (void)snprintf(found->name, sizeof found->name, "%s", PQgetvalue(rows, 0, 0));
    }
    PQclear(rows);
    return true;
}

bool catalog_find_unique_index(struct connection *connection, const struct table *table,
                               const struct column *column, char name[CATALOG_NAME_SIZE],
                               struct error *error)
{
    const char *const parameters[] = {table->schema, table->name, column->name};
    const struct query query = {.sql = unique_indexes_of_column_sql,
                                .parameters = parameters,
                                .parameter_count = 3,
                                .columns = 1};
    PGresult *rows;

    if (!connection_query(connection, &query, &rows, error))
        return false;
    (void)snprintf(name, CATALOG_NAME_SIZE, "%s",
                   PQntuples(rows) > 0 ? PQgetvalue(rows, 0, 0) : "");
    PQclear(rows);
    return true;
}

bool catalog_validate_foreign_key(struct connection *connection, const struct table *table,
                                  const char *name, struct error *error)
{
    struct statement statement;
    bool validated;

    if (!statement_open(&statement, connection, error))
        return false;
    statement_add(&statement, "ALTER TABLE ");
    statement_qualified(&statement, table->schema, table->name);
    statement_add(&statement, " VALIDATE CONSTRAINT ");
    statement_identifier(&statement, name);
    validated = statement_execute(&statement, error);
    statement_free(&statement);
    return validated;
}

bool catalog_analyze(struct connection *connection, const struct table *table, struct error *error)
{
    struct statement statement;
    bool analyzed;

    if (!statement_open(&statement, connection, error))
        return false;
    statement_add(&statement, "ANALYZE ");
    statement_qualified(&statement, table->schema, table->name);
    analyzed = search_path_use_session(connection, error) && statement_execute(&statement, error) &&
               search_path_restrict(connection, error);
    statement_free(&statement);
    return analyzed;
}

size_t catalog_column_length(const struct catalog_table *found, const struct table *table,
                             size_t column)
{
    return found->columns[column].present ? found->columns[column].length
                                          : table->columns[column].length;
}
