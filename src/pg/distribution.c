#include "pg/distribution.h"

#include "pg/query.h"
#include "pg/statement.h"

#include <stdlib.h>
#include <string.h>

/* No parameters. The first gives a row a table of Citus: FOUND_COLUMNS; the second a row a
 * statement. */
extern const char distributed_tables_sql[];
extern const char transaction_settings_again_sql[];

enum { FOUND_SCHEMA, FOUND_TABLE, FOUND_KIND, FOUND_COLUMN, FOUND_GROUP, FOUND_COLUMNS };

/* A table that Citus knows, and keeps on the coordinator; and one that each node has. */
#define LOCAL_KIND     "as a local table"
#define REFERENCE_KIND "as a reference table"

#define LAYOUT_HINT "contrib/citus.sql distributes TimeL-E's tables as this program needs them."

static bool ask_row(struct connection *connection, const char *sql, int columns, PGresult **row,
                    struct error *error)
{
    const struct query query = {.sql = sql, .columns = columns};

    return connection_query_row(connection, &query, row, error);
}

static bool is_possible(struct connection *connection, bool *possible, struct error *error)
{
    PGresult *row;

    if (!ask_row(connection,
                 "SELECT pg_catalog.to_regclass('pg_catalog.pg_dist_partition') IS NOT NULL", 1,
                 &row, error))
        return false;
    *possible = PQgetvalue(row, 0, 0)[0] == 't';
    PQclear(row);
    return true;
}

/* A node has a group of its own; the coordinator's is 0. Only there are all commands allowed. */
static bool require_coordinator(struct connection *connection, struct error *error)
{
    PGresult *row;
    bool is_coordinator;

    if (!ask_row(connection,
                 "SELECT groupid = 0, (SELECT min(nodename || ':' || nodeport) "
                 "FROM pg_dist_node WHERE groupid = 0) FROM pg_dist_local_group",
                 2, &row, error))
        return false;
    is_coordinator = PQgetvalue(row, 0, 0)[0] == 't';
    if (!is_coordinator) {
        (void)error_set(error, ERROR_DATABASE,
                        "%s is a worker node of Citus: each run goes through the coordinator",
                        connection_name(connection));
        if (!PQgetisnull(row, 0, 1))
            (void)error_hint(error, "Connect to the coordinator, %s.", PQgetvalue(row, 0, 1));
        else
            (void)error_hint(error, "Connect to the coordinator of the cluster.");
    }
    PQclear(row);
    return is_coordinator;
}

/* TABLE_NONE: it is not one of TimeL-E's. */
static enum table_id find_table(const PGresult *rows, int row)
{
    enum table_id id = table_find(PQgetvalue(rows, row, FOUND_TABLE));

    if (id == TABLE_NONE || strcmp(table_get(id)->schema, PQgetvalue(rows, row, FOUND_SCHEMA)) != 0)
        return TABLE_NONE;
    return id;
}

static bool refuse_kind(const PGresult *rows, int row, struct error *error)
{
    const char *kind = PQgetvalue(rows, row, FOUND_KIND);
    bool by_hash = strcmp(kind, "hash") == 0;

    (void)error_set(error, ERROR_DATABASE, "%s.%s is distributed %s%s, and cannot be loaded into",
                    PQgetvalue(rows, row, FOUND_SCHEMA), PQgetvalue(rows, row, FOUND_TABLE),
                    by_hash ? "by its column " : kind,
                    by_hash ? PQgetvalue(rows, row, FOUND_COLUMN) : "");
    if (strcmp(kind, LOCAL_KIND) == 0)
        return error_hint(error,
                          "SELECT undistribute_table('%s.%s', cascade_via_foreign_keys => true) "
                          "makes an ordinary table of it.",
                          PQgetvalue(rows, row, FOUND_SCHEMA), PQgetvalue(rows, row, FOUND_TABLE));
    return error_hint(error, LAYOUT_HINT);
}

static const char *key_column(const struct table *table)
{
    return table->columns[table->key[0]].name;
}

/* Of a reference table each node tells what it has done to its copy of a row, which is then known
 * by one column (schema/deletion). */
static bool take_table(struct distribution *distribution, enum table_id id, const PGresult *rows,
                       int row, struct error *error)
{
    const struct table *table = table_get(id);
    const char *kind = PQgetvalue(rows, row, FOUND_KIND);

    if (strcmp(kind, LOCAL_KIND) == 0 && table->dataset == NULL)
        return true;
    if (strcmp(kind, REFERENCE_KIND) == 0 && (table->key_count == 1 || table->dataset == NULL))
        distribution->kinds[id] = DISTRIBUTION_REFERENCE;
    else if (strcmp(kind, "hash") == 0 &&
             strcmp(PQgetvalue(rows, row, FOUND_COLUMN), key_column(table)) == 0)
        distribution->kinds[id] = DISTRIBUTION_HASH;
    else
        return refuse_kind(rows, row, error);
    distribution->groups[id] = strtoul(PQgetvalue(rows, row, FOUND_GROUP), NULL, 10);
    distribution->any = true;
    return true;
}

static bool refuse_apart(const struct table *one, const struct table *other, struct error *error)
{
    (void)error_set(error, ERROR_DATABASE,
                    "the rows of %s.%s do not lie with those of %s.%s: nothing can be loaded",
                    one->schema, one->name, other->schema, other->name);
    return error_hint(error, LAYOUT_HINT);
}

/* Rows with the same parent are joined with it on the node that has them. */
static bool require_together(const struct distribution *distribution, struct error *error)
{
    for (int id = 0; id < TABLE_COUNT; id++) {
        const struct table *table = table_get((enum table_id)id);
        const struct column *key = &table->columns[table->key[0]];

        if (distribution->kinds[id] == DISTRIBUTION_HASH && key->has_reference &&
            distribution->kinds[key->references] == DISTRIBUTION_HASH &&
            distribution->groups[key->references] != distribution->groups[id])
            return refuse_apart(table, table_get(key->references), error);
    }
    return true;
}

static bool find_table_in_catalog(struct connection *connection, const struct table *table,
                                  bool *found, struct error *error)
{
    const char *const parameters[] = {table->schema, table->name};
    const struct query query = {
        .sql = "SELECT to_regclass(format('%I.%I', $1::name, $2::name)) IS NOT NULL",
        .parameters = parameters,
        .parameter_count = 2,
        .columns = 1};
    PGresult *row;

    if (!connection_query_row(connection, &query, &row, error))
        return false;
    *found = PQgetvalue(row, 0, 0)[0] == 't';
    PQclear(row);
    return true;
}

/* What is joined with distributed tables must be so, too. A table that no file fills may stay. */
static bool require_all(struct connection *connection, struct error *error)
{
    for (int id = 0; id < TABLE_COUNT; id++) {
        const struct table *table = table_get((enum table_id)id);
        bool found = false;

        if (table->dataset == NULL || distribution_of(connection, table) != DISTRIBUTION_LOCAL)
            continue;
        if (!find_table_in_catalog(connection, table, &found, error))
            return false;
        if (found) {
            (void)error_set(error, ERROR_DATABASE,
                            "%s.%s is not distributed, and other tables are: nothing can be loaded",
                            table->schema, table->name);
            return error_hint(error, LAYOUT_HINT);
        }
    }
    return true;
}

static bool take_tables(struct distribution *distribution, const PGresult *rows,
                        struct error *error)
{
    for (int row = 0; row < PQntuples(rows); row++) {
        enum table_id id = find_table(rows, row);

        if (id != TABLE_NONE && !take_table(distribution, id, rows, row, error))
            return false;
    }
    return require_together(distribution, error);
}

static bool find_tables(struct connection *connection, struct error *error)
{
    const struct query query = {.sql = distributed_tables_sql, .columns = FOUND_COLUMNS};
    PGresult *rows;
    bool taken;

    if (!connection_query(connection, &query, &rows, error))
        return false;
    taken = take_tables(connection_distribution(connection), rows, error);
    PQclear(rows);
    return taken && (!distribution_is_any(connection) || require_all(connection, error));
}

/* The other nodes have limits of their own. */
static bool set_again(struct connection *connection, struct error *error)
{
    const struct query query = {.sql = transaction_settings_again_sql, .columns = 1};
    PGresult *rows;
    bool set = true;

    if (!connection_query(connection, &query, &rows, error))
        return false;
    for (int row = 0; set && row < PQntuples(rows); row++)
        set = connection_execute(connection, PQgetvalue(rows, row, 0), error);
    PQclear(rows);
    return set;
}

/*
 * Citus refuses to change a reference table once the transaction has worked on several connections
 * to a node (citus.multi_shard_modify_mode). It refuses to ANALYZE a table once the coordinator has
 * used its own copy without a connection (citus.enable_local_execution).
 */
static bool set_for_distribution(struct connection *connection, struct error *error)
{
    static const char *const settings[] = {
        "SET LOCAL citus.multi_shard_modify_mode = 'sequential'",
        "SET LOCAL citus.enable_local_execution = off",
        "SET LOCAL citus.propagate_set_commands = 'local'",
        /* A role may have it off: what is made and dropped here would stay on the other nodes. */
        "SET LOCAL citus.enable_ddl_propagation = on",
        /* Citus cannot distribute a plan that is made before the parameters are known. */
        "SET LOCAL plan_cache_mode = auto",
        NULL,
    };

    return statement_execute_each(connection, settings, error) && set_again(connection, error);
}

bool distribution_use_own_copies(struct connection *connection, struct error *error)
{
    return !distribution_is_any(connection) ||
           connection_execute(connection, "SET LOCAL citus.enable_local_execution = on", error);
}

bool distribution_find(struct connection *connection, struct error *error)
{
    bool possible = false;

    *connection_distribution(connection) = (struct distribution){0};
    if (!is_possible(connection, &possible, error))
        return false;
    if (!possible)
        return true;
    if (!require_coordinator(connection, error) || !find_tables(connection, error))
        return false;
    return !distribution_is_any(connection) || set_for_distribution(connection, error);
}

bool distribution_is_any(const struct connection *connection)
{
    return connection_distribution(connection)->any;
}

enum distribution_kind distribution_of(const struct connection *connection,
                                       const struct table *table)
{
    const struct distribution *distribution = connection_distribution(connection);

    for (int id = 0; id < TABLE_COUNT; id++)
        if (table_get((enum table_id)id) == table)
            return distribution->kinds[id];
    return DISTRIBUTION_LOCAL;
}

const char *distribution_column(const struct connection *connection, const struct table *table)
{
    return distribution_of(connection, table) == DISTRIBUTION_HASH ? key_column(table) : NULL;
}
