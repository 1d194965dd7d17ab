#include "schema/deletion_list.h"

#include "pg/stage.h"
#include "schema/merge.h"

#include <stdio.h>

#define PARENTS_PREFIX "timele_load_parent_"

enum { LIST_NAME_SIZE = 64 };

void deletion_list_add_name(struct statement *statement, const struct table *table)
{
    char name[LIST_NAME_SIZE];

    (void)snprintf(name, sizeof name, DELETION_LIST_PREFIX "%s", table->name);
    stage_add_name(statement, name);
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

/* The stage of a list, or of parents; `name` has room for its name. */
static struct stage stage_of(struct connection *connection, const struct table *table,
                             const char *prefix, char name[LIST_NAME_SIZE])
{
    (void)snprintf(name, LIST_NAME_SIZE, "%s%s", prefix, table->name);
    return (struct stage){.connection = connection,
                          .name = name,
                          .beside = table,
                          .key = table->columns[table->key[0]].name};
}

/* A stage with the first column of the key. */
static bool create_ids(const struct stage *stage, struct error *error)
{
    struct statement query;
    const char *sql;
    bool created;

    if (!statement_open(&query, stage->connection, error))
        return false;
    statement_add(&query, "SELECT ");
    add_first_key(&query, stage->beside);
    statement_add(&query, " FROM ");
    statement_qualified(&query, stage->beside->schema, stage->beside->name);
    sql = statement_text(&query, error);
    created = sql != NULL && stage_create_like(stage, sql, error);
    statement_free(&query);
    return created;
}

static bool open_ids(const struct stage *stage, struct copy_in **copy, struct error *error)
{
    struct statement statement;
    const char *sql;
    bool opened = false;

    if (!create_ids(stage, error) || !statement_open(&statement, stage->connection, error))
        return false;
    statement_add(&statement, "COPY ");
    stage_add_name(&statement, stage->name);
    statement_add(&statement, " FROM STDIN (FORMAT binary)");
    sql = statement_text(&statement, error);
    if (sql != NULL)
        opened = copy_in_open(stage->connection, sql, copy, error);
    statement_free(&statement);
    return opened;
}

bool deletion_list_open_ids(struct connection *connection, const struct table *table,
                            struct copy_in **copy, struct error *error)
{
    char name[LIST_NAME_SIZE];
    const struct stage stage = stage_of(connection, table, DELETION_LIST_PREFIX, name);

    return open_ids(&stage, copy, error);
}

bool deletion_list_open_parents(struct connection *connection, const struct table *table,
                                struct copy_in **copy, struct error *error)
{
    char name[LIST_NAME_SIZE];
    const struct stage stage = stage_of(connection, table, PARENTS_PREFIX, name);

    return open_ids(&stage, copy, error);
}

static void add_list(struct statement *query, const struct table *table, const char *parents)
{
    statement_add(query, "SELECT ");
    deletion_list_add_key(query, table);
    statement_add(query, " FROM ");
    statement_qualified(query, table->schema, table->name);
    statement_add(query, " t JOIN ");
    stage_add_name(query, parents);
    statement_add(query, " p ON p.");
    add_first_key(query, table);
    statement_add(query, " = t.");
    add_first_key(query, table);
    statement_add(query, " WHERE NOT EXISTS (SELECT 1 FROM ");
    merge_add_stage(query, table);
    statement_add(query, " s WHERE ");
    merge_add_same_key(query, table, "s", "t");
    statement_add(query, ")");
}

bool deletion_list_of_parents(struct connection *connection, const struct table *table,
                              uint64_t *count, struct error *error)
{
    char name[LIST_NAME_SIZE], parents[LIST_NAME_SIZE];
    const struct stage stage = stage_of(connection, table, DELETION_LIST_PREFIX, name);
    unsigned long long rows = 0;
    struct statement query;
    const char *sql;
    bool listed = false;

    *count = 0;
    (void)stage_of(connection, table, PARENTS_PREFIX, parents);
    /* However few they are: without, the planner takes them for ten pages of ids, thousands, and
     * may read the whole table for them. */
    if (!stage_analyze(connection, parents, error) || !statement_open(&query, connection, error))
        return false;
    add_list(&query, table, parents);
    sql = statement_text(&query, error);
    if (sql != NULL)
        listed = stage_create_filled(&stage, sql, NULL, &rows, error);
    statement_free(&query);
    *count = rows;
    return listed;
}
