#include "schema/catalog.h"

#include "pg/search_path.h"
#include "pg/statement.h"
#include "schema/row_security.h"
#include "schema/rules.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* $1 to $4 are schema and table, then schema and name of the enum: a row a column, its members in
 * the order of the enum below. */
extern const char table_columns_sql[];

/* $1 to $6 are schema, table and column, then schema, name and key column of the referenced table:
 * a row a foreign key, one that proves first, then a validated one: name, whether it is validated,
 * is enforced, proves. */
extern const char foreign_keys_of_column_sql[];

/* $1 to $3 are schema, table and column: a row an index that keeps it unique: name. */
extern const char unique_indexes_of_column_sql[];

/* Asks `query` of a table: $1 is its schema, $2 its name. */
static bool query_table(struct connection *connection, const struct table *table,
                        struct query query, PGresult **rows, struct error *error)
{
    const char *const parameters[] = {table->schema, table->name};

    query.parameters = parameters;
    query.parameter_count = 2;
    return connection_query(connection, &query, rows, error);
}

bool catalog_table_exists(struct connection *connection, const struct table *table, bool *exists,
                          struct error *error)
{
    const struct query query = {
        .sql = "SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
               "WHERE n.nspname = $1 AND c.relname = $2 AND c.relkind IN ('r', 'p')",
        .columns = 1};
    PGresult *rows;

    if (!query_table(connection, table, query, &rows, error))
        return false;
    *exists = PQntuples(rows) > 0;
    PQclear(rows);
    return true;
}

/* A type as the catalog has it. The oids of the server's own types never change (PostgreSQL's
 * catalog/pg_type.dat). */
struct server_type {
    unsigned long oid; /* 0: TimeL-E's enum */
    const char *name;  /* as format_type() has it */
};

static const struct server_type server_types[] = {
    [COLUMN_BIGINT] = {20, "bigint"},
    [COLUMN_INTEGER] = {23, "integer"},
    [COLUMN_BOOLEAN] = {16, "boolean"},
    [COLUMN_TEXT] = {1043, "character varying"},
    [COLUMN_UUID_V4] = {2950, "uuid"},
    [COLUMN_TIMESTAMPTZ] = {1184, "timestamp with time zone"},
    [COLUMN_DOUBLE] = {701, "double precision"},
    [COLUMN_NUMERIC] = {1700, "numeric"},
    [COLUMN_ORDER_STATUS] = {0, TABLE_ENUM_SCHEMA "." TABLE_ENUM_NAME},
};

enum { OID_OF_TEXT = 25 };

/* Whether a column of this type takes the binary form that is sent. Those of text and varchar are
 * the same. */
static bool type_fits(enum column_type type, unsigned long oid)
{
    return oid == server_types[type].oid || (type == COLUMN_TEXT && oid == OID_OF_TEXT);
}

/* The columns of table_columns.sql. */
enum {
    ROW_NAME,
    ROW_TYPE_OID,
    ROW_TYPE,
    ROW_LENGTH,
    ROW_NOT_NULL,
    ROW_MUST_BE_GIVEN,
    ROW_HAS_DEFAULT,
    ROW_DEFAULT,
    ROW_COLUMNS
};

static void take_properties(struct catalog_column *column, const PGresult *rows, int row)
{
    column->present = true;
    column->not_null = PQgetvalue(rows, row, ROW_NOT_NULL)[0] == 't';
    column->length = strtoul(PQgetvalue(rows, row, ROW_LENGTH), NULL, 10);
    column->has_default = PQgetvalue(rows, row, ROW_HAS_DEFAULT)[0] == 't';
    (void)snprintf(column->default_value, sizeof column->default_value, "%s",
                   PQgetvalue(rows, row, ROW_DEFAULT));
}

static bool take_column(const struct table *table, const PGresult *rows, int row,
                        struct catalog_table *found, struct error *error)
{
    int column = table_column_named(table, PQgetvalue(rows, row, ROW_NAME));
    unsigned long oid = strtoul(PQgetvalue(rows, row, ROW_TYPE_OID), NULL, 10);

    if (column < 0)
        return true;
    if (!type_fits(table->columns[column].type, oid))
        return error_set(error, ERROR_DATABASE, "%s.%s.%s is %s, expected %s", table->schema,
                         table->name, table->columns[column].name, PQgetvalue(rows, row, ROW_TYPE),
                         server_types[table->columns[column].type].name);
    take_properties(&found->columns[column], rows, row);
    return true;
}

/* A column that this program does not know gets no value from it. */
static bool accept_unknown(const struct table *table, const PGresult *rows, int row,
                           struct error *error)
{
    const char *name = PQgetvalue(rows, row, ROW_NAME);

    if (table_column_named(table, name) >= 0 || PQgetvalue(rows, row, ROW_MUST_BE_GIVEN)[0] != 't')
        return true;
    return error_set(error, ERROR_DATABASE,
                     "%s.%s.%s must be given a value (NOT NULL without a default), "
                     "but no file has one",
                     table->schema, table->name, name);
}

static bool require_columns(const struct table *table, const struct catalog_table *found,
                            struct error *error)
{
    for (size_t i = 0; i < table->column_count; i++)
        if (!found->columns[i].present && !table->columns[i].optional) {
            (void)error_set(error, ERROR_DATABASE, "%s.%s has no column %s", table->schema,
                            table->name, table->columns[i].name);
            return error_hint(error, "--create-schema adds the columns that older databases lack; "
                                     "any other must be added by hand, as in schema.sql.");
        }
    return true;
}

static bool read_columns(struct connection *connection, const struct table *table, bool written,
                         struct catalog_table *found, struct error *error)
{
    const char *const parameters[] = {table->schema, table->name, TABLE_ENUM_SCHEMA,
                                      TABLE_ENUM_NAME};
    const struct query query = {.sql = table_columns_sql,
                                .parameters = parameters,
                                .parameter_count = 4,
                                .columns = ROW_COLUMNS};
    PGresult *rows;
    bool taken = true;

    if (!connection_query(connection, &query, &rows, error))
        return false;
    if (PQntuples(rows) == 0) {
        (void)error_set(error, ERROR_DATABASE, "there is no table %s.%s in %s", table->schema,
                        table->name, connection_name(connection));
        taken = error_hint(error, "--create-schema creates what is missing of the schema.");
    }
    for (int row = 0; taken && row < PQntuples(rows); row++)
        taken = take_column(table, rows, row, found, error) &&
                (!written || accept_unknown(table, rows, row, error));
    PQclear(rows);
    return taken && require_columns(table, found, error);
}

static bool check_privileges(struct connection *connection, const struct table *table,
                             unsigned access, struct error *error)
{
    char wanted[48];
    const char *const parameters[] = {table->schema, table->name, wanted};
    const struct query query = {
        .sql = "SELECT p FROM unnest($3::text[]) p "
               "WHERE NOT has_table_privilege(format('%I.%I', $1::text, $2::text), p)",
        .parameters = parameters,
        .parameter_count = 3,
        .columns = 1};
    PGresult *rows;
    bool allowed = true;

    (void)snprintf(wanted, sizeof wanted, "{SELECT%s%s%s}",
                   (access & ACCESS_INSERT) != 0 ? ",INSERT" : "",
                   (access & ACCESS_UPDATE) != 0 ? ",UPDATE" : "",
                   (access & ACCESS_DELETE) != 0 ? ",DELETE" : "");
    if (!connection_query(connection, &query, &rows, error))
        return false;
    if (PQntuples(rows) > 0)
        allowed = error_set(error, ERROR_DATABASE, "no %s privilege on %s.%s",
                            PQgetvalue(rows, 0, 0), table->schema, table->name);
    PQclear(rows);
    return allowed;
}

static bool read_empty(struct connection *connection, const struct table *table, bool *empty,
                       struct error *error)
{
    struct statement statement;
    bool asked;

    if (!statement_open(&statement, connection, error))
        return false;
    statement_add(&statement, "SELECT NOT EXISTS (SELECT FROM ");
    statement_qualified(&statement, table->schema, table->name);
    statement_add(&statement, ")");
    asked = statement_ask(&statement, empty, error);
    statement_free(&statement);
    return asked;
}

/* $1 and $2 are schema and table: one row, whether the user may analyze it, how many rows the
 * planner thinks that it has, and how many may change until its statistics are out of date. */
extern const char table_state_sql[];

/* Reads what decides how the table is loaded. */
static bool read_state(struct connection *connection, const struct table *table,
                       struct catalog_table *found, struct error *error)
{
    const struct query query = {.sql = table_state_sql, .columns = 3};
    PGresult *rows;

    if (!query_table(connection, table, query, &rows, error))
        return false;
    if (PQntuples(rows) > 0) {
        found->analyzable = PQgetvalue(rows, 0, 0)[0] == 't';
        found->rows = strtoull(PQgetvalue(rows, 0, 1), NULL, 10);
        found->changes_until_analyze = strtoull(PQgetvalue(rows, 0, 2), NULL, 10);
    }
    PQclear(rows);
    return read_empty(connection, table, &found->empty, error);
}

/* Asked before anything about the table: a user without USAGE on its schema would get an error of
 * the server that says less. */
static bool check_schema_usage(struct connection *connection, const struct table *table,
                               struct error *error)
{
    const char *const parameters[] = {table->schema};
    const struct query query = {.sql =
                                    "SELECT 1 FROM pg_namespace "
                                    "WHERE nspname = $1 AND NOT has_schema_privilege(oid, 'USAGE')",
                                .parameters = parameters,
                                .parameter_count = 1,
                                .columns = 1};
    PGresult *rows;
    bool allowed = true;

    if (!connection_query(connection, &query, &rows, error))
        return false;
    if (PQntuples(rows) > 0)
        allowed =
            error_set(error, ERROR_DATABASE, "no USAGE privilege on schema %s", table->schema);
    PQclear(rows);
    return allowed;
}

bool catalog_read_table(struct connection *connection, const struct table *table, unsigned access,
                        struct catalog_table *found, struct error *error)
{
    bool written = (access & ACCESS_INSERT) != 0;

    *found = (struct catalog_table){
        .read = true,
        .counts_bytes = encoding_counts_bytes(connection_encoding(connection)),
        .encoding = connection_encoding(connection),
    };
    return check_schema_usage(connection, table, error) &&
           read_columns(connection, table, written, found, error) &&
           check_privileges(connection, table, access, error) &&
           row_security_refuse(connection, table, error) &&
           rules_refuse(connection, table, access, error) &&
           read_state(connection, table, found, error);
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
