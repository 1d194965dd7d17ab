#include "schema/deletion_list.h"

#include "schema/merge.h"

#include <inttypes.h>

#define PARENTS_PREFIX "timele_load_parent_"

void deletion_list_add_name(struct statement *statement, const struct table *table)
{
    statement_add(statement, "pg_temp." DELETION_LIST_PREFIX "%s", table->name);
}

void deletion_list_add_key(struct statement *statement, const struct table *table)
{
    for (size_t i = 0; i < table->key_count; i++) {
        statement_add(statement, "%st.", i == 0 ? "" : ", ");
        statement_identifier(statement, table->columns[table->key[i]].name);
    }
}

static void add_first_key(struct statement *statement, const struct table *table)
{
    statement_identifier(statement, table->columns[table->key[0]].name);
}

/* A temporary table with the first column of the key. */
static bool create_ids(struct connection *connection, const struct table *table, const char *prefix,
                       struct error *error)
{
    struct statement statement;
    bool created;

    if (!statement_open(&statement, connection, error))
        return false;
    statement_add(&statement, "CREATE TEMPORARY TABLE %s%s ON COMMIT DROP AS SELECT ", prefix,
                  table->name);
    add_first_key(&statement, table);
    statement_add(&statement, " FROM ");
    statement_qualified(&statement, table->schema, table->name);
    statement_add(&statement, " WITH NO DATA");
    created = statement_execute(&statement, error);
    statement_free(&statement);
    return created;
}

static bool open_ids(struct connection *connection, const struct table *table, const char *prefix,
                     struct copy_in **copy, struct error *error)
{
    struct statement statement;
    const char *sql;
    bool opened = false;

    if (!create_ids(connection, table, prefix, error) ||
        !statement_open(&statement, connection, error))
        return false;
    statement_add(&statement, "COPY pg_temp.%s%s FROM STDIN (FORMAT binary)", prefix, table->name);
    sql = statement_text(&statement, error);
    if (sql != NULL)
        opened = copy_in_open(connection, sql, copy, error);
    statement_free(&statement);
    return opened;
}

bool deletion_list_open_ids(struct connection *connection, const struct table *table,
                            struct copy_in **copy, struct error *error)
{
    return open_ids(connection, table, DELETION_LIST_PREFIX, copy, error);
}

bool deletion_list_open_parents(struct connection *connection, const struct table *table,
                                struct copy_in **copy, struct error *error)
{
    return open_ids(connection, table, PARENTS_PREFIX, copy, error);
}

/* However few they are: without, the planner takes them for ten pages of ids, thousands, and may
 * read the whole table for them. */
static bool analyze_parents(struct connection *connection, const struct table *table,
                            struct error *error)
{
    struct statement statement;
    bool analyzed;

    if (!statement_open(&statement, connection, error))
        return false;
    statement_add(&statement, "ANALYZE pg_temp." PARENTS_PREFIX "%s", table->name);
    analyzed = statement_execute(&statement, error);
    statement_free(&statement);
    return analyzed;
}

/* CREATE ... AS SELECT key FROM table t. */
static void add_list(struct statement *statement, const struct table *table)
{
    statement_add(statement,
                  "CREATE TEMPORARY TABLE " DELETION_LIST_PREFIX "%s ON COMMIT DROP AS SELECT ",
                  table->name);
    deletion_list_add_key(statement, table);
    statement_add(statement, " FROM ");
    statement_qualified(statement, table->schema, table->name);
    statement_add(statement, " t");
}

static void add_is_not_staged(struct statement *statement, const struct table *table)
{
    statement_add(statement, " WHERE NOT EXISTS (SELECT 1 FROM ");
    merge_add_stage(statement, table);
    statement_add(statement, " s WHERE ");
    merge_add_same_key(statement, table, "s", "t");
    statement_add(statement, ")");
}

/* Runs the statement, and frees it. */
static bool make_list(struct statement *statement, uint64_t *count, struct error *error)
{
    const char *sql = statement_text(statement, error);
    unsigned long long rows = 0;
    bool listed =
        sql != NULL && connection_execute_counted(statement->connection, NULL, sql, &rows, error);

    statement_free(statement);
    *count = rows;
    return listed;
}

bool deletion_list_of_parents(struct connection *connection, const struct table *table,
                              uint64_t *count, struct error *error)
{
    struct statement statement;

    *count = 0;
    if (!analyze_parents(connection, table, error) ||
        !statement_open(&statement, connection, error))
        return false;
    add_list(&statement, table);
    statement_add(&statement, " JOIN pg_temp." PARENTS_PREFIX "%s p ON p.", table->name);
    add_first_key(&statement, table);
    statement_add(&statement, " = t.");
    add_first_key(&statement, table);
    add_is_not_staged(&statement, table);
    return make_list(&statement, count, error);
}
