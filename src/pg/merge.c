#include "pg/merge.h"

void merge_add_columns(struct statement *statement, const struct table *table,
                       const struct catalog_table *found, const char *prefix)
{
    const char *separator = "";

    for (size_t i = 0; i < table->column_count; i++) {
        if (!found->columns[i].present)
            continue;
        statement_add(statement, "%s%s", separator, prefix);
        statement_identifier(statement, table->columns[i].name);
        separator = ", ";
    }
}

void merge_add_stage(struct statement *statement, const struct table *table)
{
    statement_add(statement, "pg_temp.timele_load_%s", table->name);
}

bool merge_create_stage(struct connection *connection, const struct table *table,
                        const struct catalog_table *found, struct error *error)
{
    struct statement statement;
    bool created;

    if (!statement_open(&statement, connection, error))
        return false;
    statement_add(&statement, "CREATE TEMPORARY TABLE timele_load_%s ON COMMIT DROP AS SELECT ",
                  table->name);
    merge_add_columns(&statement, table, found, "");
    statement_add(&statement, " FROM ");
    statement_qualified(&statement, table->schema, table->name);
    statement_add(&statement, " WITH NO DATA");
    created = statement_execute(&statement, error);
    statement_free(&statement);
    return created;
}

/* t and s are the table and its stage. */
static void add_same_key(struct statement *statement, const struct table *table)
{
    for (size_t i = 0; i < table->key_count; i++) {
        statement_add(statement, "%st.", i == 0 ? "" : " AND ");
        statement_identifier(statement, table->columns[table->key[i]].name);
        statement_add(statement, " = s.");
        statement_identifier(statement, table->columns[table->key[i]].name);
    }
}

static bool is_key(const struct table *table, size_t column)
{
    for (size_t i = 0; i < table->key_count; i++)
        if (table->key[i] == column)
            return true;
    return false;
}

static void build_update(struct statement *statement, const struct table *table,
                         const struct catalog_table *found)
{
    const char *separator = " SET ";

    statement_add(statement, "UPDATE ");
    statement_qualified(statement, table->schema, table->name);
    statement_add(statement, " t");
    for (size_t i = 0; i < table->column_count; i++) {
        if (!found->columns[i].present || table->columns[i].stable || is_key(table, i))
            continue;
        statement_add(statement, "%s", separator);
        statement_identifier(statement, table->columns[i].name);
        statement_add(statement, " = s.");
        statement_identifier(statement, table->columns[i].name);
        separator = ", ";
    }
    statement_add(statement, " FROM ");
    merge_add_stage(statement, table);
    statement_add(statement, " s WHERE ");
    add_same_key(statement, table);
    statement_add(statement, " AND t.");
    statement_identifier(statement, table->columns[table_inferred_column(table)].name);
}

static void build_insert(struct statement *statement, const struct table *table,
                         const struct catalog_table *found)
{
    statement_add(statement, "INSERT INTO ");
    statement_qualified(statement, table->schema, table->name);
    statement_add(statement, " (");
    merge_add_columns(statement, table, found, "");
    statement_add(statement, ") SELECT ");
    merge_add_columns(statement, table, found, "s.");
    statement_add(statement, " FROM ");
    merge_add_stage(statement, table);
    statement_add(statement, " s WHERE NOT EXISTS (SELECT FROM ");
    statement_qualified(statement, table->schema, table->name);
    statement_add(statement, " t WHERE ");
    add_same_key(statement, table);
    statement_add(statement, ")");
}

static bool execute_counted(struct connection *connection, const struct table *table,
                            const struct catalog_table *found,
                            void (*build)(struct statement *, const struct table *,
                                          const struct catalog_table *),
                            unsigned long long *rows, struct error *error)
{
    struct statement statement;
    const char *sql;
    bool executed = false;

    if (!statement_open(&statement, connection, error))
        return false;
    build(&statement, table, found);
    sql = statement_text(&statement, error);
    if (sql != NULL)
        executed = connection_execute_counted(connection, sql, rows, error);
    statement_free(&statement);
    return executed;
}

bool merge_stage(struct connection *connection, const struct table *table,
                 const struct catalog_table *found, unsigned long long *rows, struct error *error)
{
    unsigned long long updated = 0, inserted = 0;

    /* Placeholders first: a new row may bear a unique name that a placeholder has until then. */
    if (!execute_counted(connection, table, found, build_update, &updated, error) ||
        !execute_counted(connection, table, found, build_insert, &inserted, error))
        return false;
    *rows = updated + inserted;
    return true;
}
