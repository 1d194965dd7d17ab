#include "schema/catalog.h"

#include "pg/query.h"
#include "pg/search_path.h"
#include "pg/statement.h"
#include "schema/name_arrays.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* $1 to $6 are arrays of schemas, tables and columns, then of schemas, names and key columns of the
 * referenced tables: a row a column that has a foreign key, its place, and of one that proves,
 * where there is one, name, whether it is validated, is enabled, proves, is NOT ENFORCED. */
extern const char foreign_keys_of_columns_sql[];

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

static bool add_reference(struct name_arrays *arrays, const struct catalog_reference *reference,
                          struct error *error)
{
    const struct table *table = reference->table;
    const struct column *column = reference->column;
    const struct table *parent = table_get(column->references);
    const char *const names[] = {table->schema, table->name,
                                 column->name,  parent->schema,
                                 parent->name,  parent->columns[parent->key[0]].name};

    assert(column->has_reference);
    *reference->found = (struct catalog_foreign_key){0};
    return name_arrays_add(arrays, names, 6, error);
}

static void take_foreign_key(const PGresult *rows, int row, struct catalog_foreign_key *found)
{
    found->unenforced = PQgetvalue(rows, row, 5)[0] == 't';
    found->present = !found->unenforced;
    (void)snprintf(found->name, sizeof found->name, "%s", PQgetvalue(rows, row, 1));
    found->validated = PQgetvalue(rows, row, 2)[0] == 't';
    found->enabled = PQgetvalue(rows, row, 3)[0] == 't';
    found->proves = PQgetvalue(rows, row, 4)[0] == 't';
}

bool catalog_read_foreign_keys(struct connection *connection,
                               const struct catalog_reference *references, size_t count,
                               struct error *error)
{
    const struct query query = {.sql = foreign_keys_of_columns_sql, .columns = 6};
    struct name_arrays arrays = {0};
    PGresult *rows = NULL;
    bool read = true;

    for (size_t i = 0; read && i < count; i++)
        read = add_reference(&arrays, &references[i], error);
    read = read && (count == 0 || name_arrays_ask(&arrays, 6, query, connection, &rows, error));
    for (int row = 0; read && row < PQntuples(rows); row++)
        take_foreign_key(rows, row, references[name_arrays_place(rows, row, count)].found);
    PQclear(rows);
    name_arrays_free(&arrays);
    return read;
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

/* Citus does not see that one row is enough: it would have each node send all of its own. */
bool catalog_ask_empty(struct connection *connection, const struct table *table, bool *empty,
                       struct error *error)
{
    struct statement query;
    bool asked;

    if (!statement_open(&query, connection, error))
        return false;
    statement_add(&query, "SELECT NOT EXISTS (SELECT 1 FROM ");
    statement_qualified(&query, table->schema, table->name);
    statement_add(&query, " LIMIT 1)");
    asked = statement_ask(&query, empty, error);
    statement_free(&query);
    return asked;
}

bool catalog_truncate(struct connection *connection, const struct table *table, struct error *error)
{
    struct statement statement;
    bool truncated;

    if (!statement_open(&statement, connection, error))
        return false;
    statement_add(&statement, "TRUNCATE ");
    statement_qualified(&statement, table->schema, table->name);
    truncated = statement_execute(&statement, error);
    statement_free(&statement);
    return truncated;
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

/* From PostgreSQL 18 on, ANALYZE goes on to the tables that inherit from the table, unless told not
 * to: nothing was loaded into those, and others may own them. */
bool catalog_analyze(struct connection *connection, const struct table *table, bool partitioned,
                     struct error *error)
{
    bool only = !partitioned && PQserverVersion(connection_handle(connection)) >= 180000;
    struct statement statement;
    bool analyzed;

    if (!statement_open(&statement, connection, error))
        return false;
    statement_add(&statement, "ANALYZE %s", only ? "ONLY " : "");
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
