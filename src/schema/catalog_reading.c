#include "schema/catalog_reading.h"

#include "base/short_text.h"
#include "pg/distribution.h"
#include "pg/query.h"
#include "pg/statement.h"
#include "schema/missing_table.h"
#include "schema/row_security.h"
#include "schema/rules.h"
#include "schema/shortfall.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

/* $1 to $3 are arrays of schemas, tables and privileges: a row a table, its place, whether there is
 * one, and whether something may be in the way. */
extern const char table_obstacles_sql[];

/* $1 to $4 are arrays of schemas and tables, then schema and name of the enum: a row a column, its
 * members in the order of the enum below. */
extern const char columns_of_tables_sql[];

/* A query without an end, so that it can be part of another. $1 and $2 are schema and table: one
 * row, whether the user may analyze it, how many rows the planner thinks that it has, how many may
 * change until its statistics are out of date, and whether it is partitioned. */
extern const char table_state_sql[];

enum { OBSTACLE_PLACE, OBSTACLE_EXISTS, OBSTACLE_IN_THE_WAY, OBSTACLE_COLUMNS };

enum { PRIVILEGES_SIZE = 48 };

/* The privileges that it takes, with commas between. */
static void write_privileges(unsigned access, char privileges[PRIVILEGES_SIZE])
{
    (void)snprintf(privileges, PRIVILEGES_SIZE, "SELECT%s%s%s",
                   (access & ACCESS_INSERT) != 0 ? ",INSERT" : "",
                   (access & ACCESS_UPDATE) != 0 ? ",UPDATE" : "",
                   (access & ACCESS_DELETE) != 0 ? ",DELETE" : "");
}

static bool ask_for_obstacles(struct catalog_reading *reading, struct error *error)
{
    const struct query query = {.sql = table_obstacles_sql, .columns = OBSTACLE_COLUMNS};
    struct name_arrays arrays = {0};
    bool asked = true;

    for (size_t i = 0; asked && i < reading->count; i++) {
        const struct table *table = reading->requests[i].table;
        char privileges[PRIVILEGES_SIZE];
        const char *const words[] = {table->schema, table->name, privileges};

        write_privileges(reading->requests[i].access, privileges);
        asked = name_arrays_add(&arrays, words, 3, error);
    }
    asked = asked &&
            name_arrays_ask(&arrays, 3, query, reading->connection, &reading->obstacles, error);
    name_arrays_free(&arrays);
    return asked;
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

enum { COLUMNS_NAMED = 12 }; /* by a message */

/* Whether a column of this type takes the binary form that is sent. Those of text and varchar are
 * the same. */
static bool type_fits(enum column_type type, unsigned long oid)
{
    return oid == server_types[type].oid || (type == COLUMN_TEXT && oid == OID_OF_TEXT);
}

/* The columns of columns_of_tables.sql. */
enum {
    ROW_PLACE,
    ROW_NAME,
    ROW_TYPE_OID,
    ROW_TYPE,
    ROW_LENGTH,
    ROW_NOT_NULL,
    ROW_MUST_BE_GIVEN,
    ROW_HAS_DEFAULT,
    ROW_DEFAULT,
    ROW_GENERATED,
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

/* The server takes no value for it, be it stored or virtual. */
static bool refuse_generated(const struct table *table, const char *name, struct error *error)
{
    (void)error_set(error, ERROR_DATABASE,
                    "%s.%s.%s is a generated column: nothing can be loaded into it", table->schema,
                    table->name, name);
    return error_hint(error,
                      "ALTER TABLE %s.%s ALTER COLUMN %s DROP EXPRESSION makes it an "
                      "ordinary one; a virtual one has to be dropped and added again.",
                      table->schema, table->name, name);
}

/* This program gives each column that it knows a value, and none to another. */
static bool accept_written(const struct table *table, const PGresult *rows, int row,
                           struct error *error)
{
    const char *name = PQgetvalue(rows, row, ROW_NAME);

    if (table_column_named(table, name) >= 0)
        return PQgetvalue(rows, row, ROW_GENERATED)[0] != 't' ||
               refuse_generated(table, name, error);
    if (PQgetvalue(rows, row, ROW_MUST_BE_GIVEN)[0] != 't')
        return true;
    return error_set(error, ERROR_DATABASE,
                     "%s.%s.%s must be given a value (NOT NULL without a default), "
                     "but no file has one",
                     table->schema, table->name, name);
}

/* By them, people see that it is another application's table. */
static void detail_columns(const struct catalog_reading *reading, size_t place, struct error *error)
{
    struct short_text names = {0};
    size_t count = 0;

    for (int row = 0; row < PQntuples(reading->columns); row++)
        if (name_arrays_place(reading->columns, row, reading->count) == place &&
            ++count <= COLUMNS_NAMED)
            short_text_append(&names, "%s%s", count > 1 ? ", " : "",
                              PQgetvalue(reading->columns, row, ROW_NAME));
    if (count > COLUMNS_NAMED)
        (void)error_detail(error, "The table has these columns, and %zu more: %s.",
                           count - COLUMNS_NAMED, names.bytes);
    else
        (void)error_detail(error, "The table has these columns: %s.", names.bytes);
}

static bool require_columns(const struct catalog_reading *reading, size_t place,
                            const struct catalog_table *found, struct error *error)
{
    const struct table *table = reading->requests[place].table;

    for (size_t i = 0; i < table->column_count; i++)
        if (!found->columns[i].present && !table->columns[i].optional) {
            (void)error_set(error, ERROR_DATABASE, "%s.%s has no column %s", table->schema,
                            table->name, table->columns[i].name);
            detail_columns(reading, place, error);
            return error_hint(error, "--create-schema adds the columns that older databases lack; "
                                     "any other must be added by hand, as in schema.sql.");
        }
    return true;
}

static bool ask_for_columns(struct catalog_reading *reading, struct error *error)
{
    const struct query query = {.sql = columns_of_tables_sql, .columns = ROW_COLUMNS};
    struct name_arrays arrays = {0};
    bool asked = true;

    for (size_t i = 0; asked && i < reading->count; i++) {
        const struct table *table = reading->requests[i].table;
        const char *const names[] = {table->schema, table->name, TABLE_ENUM_SCHEMA,
                                     TABLE_ENUM_NAME};

        asked = name_arrays_add(&arrays, names, 4, error);
    }
    asked =
        asked && name_arrays_ask(&arrays, 4, query, reading->connection, &reading->columns, error);
    name_arrays_free(&arrays);
    return asked;
}

static bool is_distributed(struct connection *connection, const struct table *table)
{
    return distribution_of(connection, table) != DISTRIBUTION_LOCAL;
}

static bool ask_for_shards(struct catalog_reading *reading, struct error *error)
{
    const struct table *tables[TABLE_COUNT];

    assert(reading->count <= TABLE_COUNT);
    for (size_t i = 0; i < reading->count; i++)
        tables[i] = reading->requests[i].table;
    return shard_statistics_ask(&reading->shards, tables, reading->count, reading->connection,
                                error);
}

static bool start(struct catalog_reading *reading, const struct catalog_request *requests,
                  size_t count, struct connection *connection, struct error *error)
{
    *reading =
        (struct catalog_reading){.connection = connection, .requests = requests, .count = count};
    return count == 0 || (ask_for_obstacles(reading, error) && ask_for_columns(reading, error));
}

bool catalog_reading_start(struct catalog_reading *reading, const struct catalog_request *requests,
                           size_t count, struct connection *connection, struct error *error)
{
    return start(reading, requests, count, connection, error) && ask_for_shards(reading, error);
}

/* What the obstacles' row of a table says. */
static bool says(const struct catalog_reading *reading, size_t place, int column)
{
    for (int row = 0; row < PQntuples(reading->obstacles); row++)
        if (name_arrays_place(reading->obstacles, row, reading->count) == place)
            return PQgetvalue(reading->obstacles, row, column)[0] == 't';
    return true; /* not known: look closer */
}

bool catalog_reading_exists(const struct catalog_reading *reading, size_t place)
{
    return says(reading, place, OBSTACLE_EXISTS);
}

static bool take_columns(const struct catalog_reading *reading, size_t place,
                         struct catalog_table *found, struct error *error)
{
    const struct table *table = reading->requests[place].table;
    bool written = (reading->requests[place].access & ACCESS_INSERT) != 0;
    const PGresult *rows = reading->columns;
    bool any = false;

    for (int row = 0; row < PQntuples(rows); row++) {
        if (name_arrays_place(rows, row, reading->count) != place)
            continue;
        any = true;
        if (!take_column(table, rows, row, found, error) ||
            (written && !accept_written(table, rows, row, error)))
            return false;
    }
    if (!any)
        return missing_table_refuse(reading->connection, table, error);
    return require_columns(reading, place, found, error);
}

static bool check_privileges(struct connection *connection, const struct table *table,
                             unsigned access, struct error *error)
{
    char privileges[PRIVILEGES_SIZE];
    const char *const parameters[] = {table->schema, table->name, privileges};
    const struct query query = {
        .sql = "SELECT p FROM unnest(string_to_array($3, ',')) p "
               "WHERE NOT has_table_privilege(format('%I.%I', $1::text, $2::text), p)",
        .parameters = parameters,
        .parameter_count = 3,
        .columns = 1};
    PGresult *rows;
    bool allowed = true;

    write_privileges(access, privileges);
    if (!connection_query(connection, &query, &rows, error))
        return false;
    if (PQntuples(rows) > 0)
        allowed = error_set(error, ERROR_DATABASE, "no %s privilege on %s.%s",
                            PQgetvalue(rows, 0, 0), table->schema, table->name);
    PQclear(rows);
    return allowed;
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

/* Whether it is empty is asked together with its state, but not where that would be asked of a node
 * that has its rows: the functions that tell of it would wait there for the locks of this one. */
static void add_emptiness(struct statement *statement, const struct table *table)
{
    if (is_distributed(statement->connection, table)) {
        statement_add(statement, "true");
        return;
    }
    statement_add(statement, "NOT EXISTS (SELECT 1 FROM ");
    statement_qualified(statement, table->schema, table->name);
    statement_add(statement, ")");
}

/* Reads what decides how the table is loaded, and locks it against changes of its columns. */
static bool read_state(struct connection *connection, const struct table *table,
                       struct catalog_table *found, struct error *error)
{
    const char *const parameters[] = {table->schema, table->name};
    struct query query = {.parameters = parameters, .parameter_count = 2, .columns = 5};
    struct statement statement;
    PGresult *row = NULL;
    bool asked = false;

    if (!statement_open(&statement, connection, error))
        return false;
    statement_add(&statement, "SELECT state.*, ");
    add_emptiness(&statement, table);
    statement_add(&statement, " FROM (%s) state", table_state_sql);
    query.sql = statement_text(&statement, error);
    if (query.sql != NULL && connection_query_row(connection, &query, &row, error)) {
        found->analyzable = PQgetvalue(row, 0, 0)[0] == 't';
        found->rows = strtoull(PQgetvalue(row, 0, 1), NULL, 10);
        found->changes_until_analyze = strtoull(PQgetvalue(row, 0, 2), NULL, 10);
        found->partitioned = PQgetvalue(row, 0, 3)[0] == 't';
        found->empty = PQgetvalue(row, 0, 4)[0] == 't';
        asked = true;
    }
    PQclear(row);
    statement_free(&statement);
    return asked && (!is_distributed(connection, table) ||
                     catalog_ask_empty(connection, table, &found->empty, error));
}

/* Asks what may be in the way, one thing after the other, for the message about it. */
static bool refuse_obstacles(struct connection *connection, const struct catalog_request *request,
                             struct error *error)
{
    return check_privileges(connection, request->table, request->access, error) &&
           row_security_refuse(connection, request->table, error) &&
           rules_refuse(connection, request->table, request->access, error);
}

bool catalog_reading_take(const struct catalog_reading *reading, size_t place,
                          struct catalog_table *found, struct error *error)
{
    struct connection *connection = reading->connection;
    const struct catalog_request *request = &reading->requests[place];
    bool obstructed = says(reading, place, OBSTACLE_IN_THE_WAY);

    assert(place < reading->count);
    *found = (struct catalog_table){
        .read = true,
        .counts_bytes = encoding_counts_bytes(connection_encoding(connection)),
        .encoding = connection_encoding(connection),
    };
    if ((obstructed && !check_schema_usage(connection, request->table, error)) ||
        !take_columns(reading, place, found, error) ||
        (obstructed && !refuse_obstacles(connection, request, error)) ||
        ((request->access & ACCESS_INSERT) != 0 &&
         !shortfall_require_counted(connection, request->table, error)) ||
        !read_state(connection, request->table, found, error))
        return false;
    shard_statistics_take(&reading->shards, place, found);
    return true;
}

void catalog_reading_free(struct catalog_reading *reading)
{
    PQclear(reading->obstacles);
    PQclear(reading->columns);
    shard_statistics_free(&reading->shards);
    *reading = (struct catalog_reading){0};
}

bool catalog_read_table(struct connection *connection, const struct table *table, unsigned access,
                        struct catalog_table *found, struct error *error)
{
    const struct catalog_request request = {.table = table, .access = access};
    struct catalog_reading reading;
    bool read = start(&reading, &request, 1, connection, error) &&
                catalog_reading_take(&reading, 0, found, error);

    catalog_reading_free(&reading);
    return read;
}
