#include "pg/merge.h"

#include <stdlib.h>
#include <string.h>

static void add_columns(struct statement *statement, const struct table *table,
                        const struct catalog_table *found)
{
    const char *separator = "";

    for (size_t i = 0; i < table->column_count; i++) {
        if (!found->columns[i].present)
            continue;
        statement_add(statement, "%s", separator);
        statement_identifier(statement, table->columns[i].name);
        separator = ", ";
    }
}

void merge_add_same_key(struct statement *statement, const struct table *table, const char *one,
                        const char *other)
{
    for (size_t i = 0; i < table->key_count; i++) {
        statement_add(statement, "%s%s.", i == 0 ? "" : " AND ", one);
        statement_identifier(statement, table->columns[table->key[i]].name);
        statement_add(statement, " = %s.", other);
        statement_identifier(statement, table->columns[table->key[i]].name);
    }
}

void merge_add_stage(struct statement *statement, const struct table *table)
{
    statement_add(statement, "pg_temp.timele_load_%s", table->name);
}

bool merge_create_stage(const struct merge *merge, struct error *error)
{
    const struct table *table = merge->table;
    struct statement statement;
    bool created;

    if (!statement_open(&statement, merge->connection, error))
        return false;
    statement_add(&statement, "CREATE TEMPORARY TABLE timele_load_%s ON COMMIT DROP AS SELECT ",
                  table->name);
    add_columns(&statement, table, merge->found);
    statement_add(&statement, ", 0 AS " MERGE_FILE_COLUMN " FROM ");
    statement_qualified(&statement, table->schema, table->name);
    statement_add(&statement, " WITH NO DATA");
    created = statement_execute(&statement, error);
    statement_free(&statement);
    return created;
}

bool merge_analyze_stage(const struct merge *merge, struct error *error)
{
    struct statement statement;
    bool analyzed;

    if (!statement_open(&statement, merge->connection, error))
        return false;
    statement_add(&statement, "ANALYZE ");
    merge_add_stage(&statement, merge->table);
    analyzed = statement_execute(&statement, error);
    statement_free(&statement);
    return analyzed;
}

bool merge_vacate(const struct merge *merge, size_t column, const char *ids, struct error *error)
{
    const struct table *table = merge->table;
    struct query query = {.parameters = &ids, .parameter_count = 1, .columns = 1};
    struct statement statement;
    PGresult *counted = NULL;
    bool vacated = false;

    if (!statement_open(&statement, merge->connection, error))
        return false;
    statement_add(&statement, "WITH vacated AS (UPDATE ");
    statement_qualified(&statement, table->schema, table->name);
    statement_add(&statement, " SET ");
    statement_identifier(&statement, table->columns[column].name);
    statement_add(&statement, " = gen_random_uuid()%s WHERE ",
                  table->columns[column].type == COLUMN_TEXT ? "::text" : "");
    statement_identifier(&statement, table->columns[table->key[0]].name);
    statement_add(&statement, " = ANY ($1::bigint[]) RETURNING 1) SELECT count(*) FROM vacated");
    query.sql = statement_text(&statement, error);
    if (query.sql != NULL)
        vacated = connection_query_row(merge->connection, &query, &counted, error);
    PQclear(counted);
    statement_free(&statement);
    return vacated;
}

/* The value that a column gets from the stage. */
static void add_new_value(struct statement *statement, const struct column *column)
{
    if (column->absent != ABSENT_LOAD_TIME) {
        statement_add(statement, "s.");
        statement_identifier(statement, column->name);
        return;
    }
    statement_add(statement, "coalesce(s.");
    statement_identifier(statement, column->name);
    statement_add(statement, ", t.");
    statement_identifier(statement, column->name);
    statement_add(statement, ")");
}

/* UPDATE table t SET ... FROM stage s WHERE the keys are the same. */
static void add_update(struct statement *statement, const struct merge *merge,
                       const bool columns[TABLE_COLUMNS_MAX])
{
    const struct table *table = merge->table;
    const char *separator = " t SET ";

    statement_add(statement, "UPDATE ");
    statement_qualified(statement, table->schema, table->name);
    for (size_t i = 0; i < table->column_count; i++) {
        if (!columns[i])
            continue;
        statement_add(statement, "%s", separator);
        statement_identifier(statement, table->columns[i].name);
        statement_add(statement, " = ");
        add_new_value(statement, &table->columns[i]);
        separator = ", ";
    }
    statement_add(statement, " FROM ");
    merge_add_stage(statement, table);
    statement_add(statement, " s WHERE ");
    merge_add_same_key(statement, table, "t", "s");
}

/* Whether the row is a placeholder, as an SQL condition. */
static void add_is_placeholder(struct statement *statement, const struct merge *merge)
{
    int mark = table_inferred_column(merge->table);

    if (mark < 0 || !merge->found->columns[mark].present) {
        statement_add(statement, "false");
        return;
    }
    statement_add(statement, "t.");
    statement_identifier(statement, merge->table->columns[mark].name);
}

static bool run_update(const struct merge *merge, struct statement *statement, struct error *error)
{
    const struct table *table = merge->table;
    struct copy_out copy = {.field_count = 2, .row = merge->row, .context = merge->context};

    statement_add(statement, " RETURNING s." MERGE_FILE_COLUMN ", t.");
    statement_identifier(statement, table->columns[table->key[0]].name);
    copy.query = statement_text(statement, error);
    return copy.query != NULL && copy_out_rows(merge->connection, &copy, error);
}

bool merge_placeholders(const struct merge *merge, struct error *error)
{
    bool columns[TABLE_COLUMNS_MAX] = {false};
    struct statement statement;
    bool placed;

    if (!statement_open(&statement, merge->connection, error))
        return false;
    for (size_t i = 0; i < merge->table->column_count; i++)
        columns[i] = merge->found->columns[i].present && !merge->table->columns[i].stable &&
                     !table_is_key(merge->table, i);
    add_update(&statement, merge, columns);
    statement_add(&statement, " AND ");
    add_is_placeholder(&statement, merge);
    placed = run_update(merge, &statement, error);
    statement_free(&statement);
    return placed;
}

/* AND the row comes from one of the files AND differs from what the table has. */
static void add_difference(struct statement *statement, const struct merge *merge,
                           const bool columns[TABLE_COLUMNS_MAX], const bool *files,
                           size_t file_count)
{
    const struct table *table = merge->table;
    const char *separator = " AND s." MERGE_FILE_COLUMN " IN (";

    for (size_t file = 0; file < file_count; file++) {
        if (!files[file])
            continue;
        statement_add(statement, "%s%zu", separator, file);
        separator = ", ";
    }
    separator = ") AND (";
    for (size_t i = 0; i < table->column_count; i++) {
        if (!columns[i])
            continue;
        statement_add(statement, "%st.", separator);
        statement_identifier(statement, table->columns[i].name);
        statement_add(statement, " IS DISTINCT FROM ");
        add_new_value(statement, &table->columns[i]);
        separator = " OR ";
    }
    statement_add(statement, ")");
}

bool merge_update(const struct merge *merge, const bool columns[TABLE_COLUMNS_MAX],
                  const bool *files, size_t file_count, struct error *error)
{
    struct statement statement;
    bool updated;

    if (!statement_open(&statement, merge->connection, error))
        return false;
    add_update(&statement, merge, columns);
    add_difference(&statement, merge, columns, files, file_count);
    updated = run_update(merge, &statement, error);
    statement_free(&statement);
    return updated;
}

bool merge_prove(const struct merge *merge, struct error *error)
{
    const struct table *table = merge->table;
    struct statement query;
    bool missing = false;
    bool asked;

    if (!statement_open(&query, merge->connection, error))
        return false;
    statement_add(&query, "SELECT EXISTS (SELECT FROM ");
    merge_add_stage(&query, table);
    statement_add(&query, " s WHERE NOT EXISTS (SELECT FROM ");
    statement_qualified(&query, table->schema, table->name);
    statement_add(&query, " t WHERE ");
    merge_add_same_key(&query, table, "t", "s");
    statement_add(&query, "))");
    asked = statement_ask(&query, &missing, error);
    statement_free(&query);
    if (!asked || !missing)
        return asked;
    (void)error_set(error, ERROR_DATABASE,
                    "rows of %s.%s were deleted by somebody else during the run", table->schema,
                    table->name);
    return error_hint(error, "Nothing was changed. Run it again.");
}
