#include "schema/merge.h"

#include "pg/search_path.h"
#include "schema/shortfall.h"

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

static void add_same_key(struct statement *statement, const struct table *table,
                         const char *const sides[2], const char *equals)
{
    for (size_t i = 0; i < table->key_count; i++) {
        statement_add(statement, "%s%s.", i == 0 ? "" : " AND ", sides[0]);
        statement_identifier(statement, table->columns[table->key[i]].name);
        statement_add(statement, " %s %s.", equals, sides[1]);
        statement_identifier(statement, table->columns[table->key[i]].name);
    }
}

void merge_add_same_key(struct statement *statement, const struct table *table, const char *one,
                        const char *other)
{
    add_same_key(statement, table, (const char *const[]){one, other}, "=");
}

void merge_add_same_key_anywhere(struct statement *statement, const struct table *table,
                                 const char *one, const char *other)
{
    add_same_key(statement, table, (const char *const[]){one, other}, "OPERATOR(pg_catalog.=)");
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

/* The rows of a list that has to be updated. */
struct updating {
    const struct merge *merge;
    const bool *columns; /* that are set */
    char list[64];       /* a table in pg_temp: rows of the stage */
    unsigned long long listed, updated;
    struct error *error;
};

static bool require_updated(const struct updating *updating)
{
    const struct merge *merge = updating->merge;
    const char *keys[TABLE_KEY_MAX];
    const struct shortfall shortfall = {.connection = merge->connection,
                                        .table = merge->table,
                                        .change = ACCESS_UPDATE,
                                        .list = updating->list,
                                        .keys = keys,
                                        .key_count = merge->table->key_count,
                                        .written = updating->updated};

    if (updating->updated == updating->listed)
        return true;
    table_key_names(merge->table, keys);
    return shortfall_check(&shortfall, updating->error);
}

/* Runs under the session's search path. *vacated is how many rows were. */
static bool vacate(const struct merge *merge, size_t column, const char *ids,
                   unsigned long long *vacated, struct error *error)
{
    const struct table *table = merge->table;
    struct query query = {.parameters = &ids, .parameter_count = 1, .columns = 1};
    struct statement statement;
    PGresult *counted = NULL;
    bool done = false;

    if (!statement_open(&statement, merge->connection, error))
        return false;
    statement_add(&statement, "WITH vacated AS (UPDATE ");
    statement_qualified(&statement, table->schema, table->name);
    statement_add(&statement, " SET ");
    statement_identifier(&statement, table->columns[column].name);
    statement_add(&statement, " = pg_catalog.gen_random_uuid()%s WHERE ",
                  table->columns[column].type == COLUMN_TEXT ? "::pg_catalog.text" : "");
    statement_identifier(&statement, table->columns[table->key[0]].name);
    statement_add(&statement, " OPERATOR(pg_catalog.=) ANY ($1::bigint[]) RETURNING 1) "
                              "SELECT pg_catalog.count(*) FROM vacated");
    query.sql = statement_text(&statement, error);
    if (query.sql != NULL)
        done = connection_query_row(merge->connection, &query, &counted, error);
    if (done)
        *vacated = strtoull(PQgetvalue(counted, 0, 0), NULL, 10);
    PQclear(counted);
    statement_free(&statement);
    return done;
}

/* Rows that somebody else has deleted meanwhile need not be. */
static bool require_vacated(const struct merge *merge, const char *ids, unsigned long long vacated,
                            struct error *error)
{
    const struct table *table = merge->table;
    const char *key = table->columns[table->key[0]].name;
    struct query query = {.parameters = &ids, .parameter_count = 1, .columns = 1};
    struct statement statement;
    PGresult *counted = NULL;
    unsigned long long present = 0;
    bool asked = false;

    if (!statement_open(&statement, merge->connection, error))
        return false;
    statement_add(&statement, "SELECT count(*) FROM ");
    statement_qualified(&statement, table->schema, table->name);
    statement_add(&statement, " WHERE ");
    statement_identifier(&statement, key);
    statement_add(&statement, " = ANY ($1::bigint[])");
    query.sql = statement_text(&statement, error);
    if (query.sql != NULL)
        asked = connection_query_row(merge->connection, &query, &counted, error);
    if (asked)
        present = strtoull(PQgetvalue(counted, 0, 0), NULL, 10);
    PQclear(counted);
    statement_free(&statement);
    return asked && (present <= vacated ||
                     shortfall_refuse(&(struct shortfall){.connection = merge->connection,
                                                          .table = table,
                                                          .change = ACCESS_UPDATE},
                                      present - vacated, error));
}

bool merge_vacate(const struct merge *merge, size_t column, const char *ids, size_t count,
                  struct error *error)
{
    unsigned long long vacated = 0;

    return search_path_use_session(merge->connection, error) &&
           vacate(merge, column, ids, &vacated, error) &&
           search_path_restrict(merge->connection, error) &&
           (vacated == count || require_vacated(merge, ids, vacated, error));
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

/* UPDATE table t SET ... FROM list s WHERE the keys are the same RETURNING file, key. */
static void add_update(struct statement *statement, const struct updating *updating)
{
    const struct table *table = updating->merge->table;
    const char *separator = " t SET ";

    statement_add(statement, "UPDATE ");
    statement_qualified(statement, table->schema, table->name);
    for (size_t i = 0; i < table->column_count; i++) {
        if (!updating->columns[i])
            continue;
        statement_add(statement, "%s", separator);
        statement_identifier(statement, table->columns[i].name);
        statement_add(statement, " = ");
        add_new_value(statement, &table->columns[i]);
        separator = ", ";
    }
    statement_add(statement, " FROM pg_temp.%s s WHERE ", updating->list);
    merge_add_same_key_anywhere(statement, table, "t", "s");
    statement_add(statement, " RETURNING s." MERGE_FILE_COLUMN ", t.");
    statement_identifier(statement, table->columns[table->key[0]].name);
}

static bool take_row(void *context, const struct copy_out_field *fields, struct error *error)
{
    struct updating *updating = context;

    updating->updated++;
    return updating->merge->row(updating->merge->context, fields, error);
}

/* Runs under the session's search path. */
static bool update_listed(struct updating *updating)
{
    struct copy_out copy = {.field_count = 2, .row = take_row, .context = updating};
    struct statement statement;
    bool updated = false;

    if (!statement_open(&statement, updating->merge->connection, updating->error))
        return false;
    add_update(&statement, updating);
    copy.query = statement_text(&statement, updating->error);
    if (copy.query != NULL)
        updated = copy_out_rows(updating->merge->connection, &copy, updating->error);
    statement_free(&statement);
    return updated;
}

static bool analyze_list(const struct updating *updating)
{
    struct statement statement;
    bool analyzed;

    if (!statement_open(&statement, updating->merge->connection, updating->error))
        return false;
    statement_add(&statement, "ANALYZE pg_temp.%s", updating->list);
    analyzed = statement_execute(&statement, updating->error);
    statement_free(&statement);
    return analyzed;
}

/* Starts the statement that lists the rows of the stage that meet a condition, which follows. */
static bool open_list(const struct updating *updating, struct statement *statement)
{
    const struct table *table = updating->merge->table;

    if (!statement_open(statement, updating->merge->connection, updating->error))
        return false;
    statement_add(statement, "CREATE TEMPORARY TABLE %s ON COMMIT DROP AS SELECT s.* FROM ",
                  updating->list);
    statement_qualified(statement, table->schema, table->name);
    statement_add(statement, " t JOIN ");
    merge_add_stage(statement, table);
    statement_add(statement, " s ON ");
    merge_add_same_key(statement, table, "t", "s");
    statement_add(statement, " WHERE ");
    return true;
}

/* Makes the list, frees its statement, and updates the rows of the list. */
static bool update_rows(struct updating *updating, struct statement *statement)
{
    struct connection *connection = updating->merge->connection;
    const char *sql = statement_text(statement, updating->error);
    bool listed = sql != NULL && connection_execute_counted(connection, NULL, sql,
                                                            &updating->listed, updating->error);

    statement_free(statement);
    if (!listed || updating->listed == 0)
        return listed;
    return analyze_list(updating) && search_path_use_session(connection, updating->error) &&
           update_listed(updating) && search_path_restrict(connection, updating->error) &&
           require_updated(updating);
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

bool merge_placeholders(const struct merge *merge, struct error *error)
{
    bool columns[TABLE_COLUMNS_MAX] = {false};
    struct updating updating = {.merge = merge, .columns = columns, .error = error};
    struct statement statement;

    for (size_t i = 0; i < merge->table->column_count; i++)
        columns[i] = merge->found->columns[i].present && !merge->table->columns[i].stable &&
                     !table_is_key(merge->table, i);
    (void)snprintf(updating.list, sizeof updating.list, "timele_load_place_%s", merge->table->name);
    if (!open_list(&updating, &statement))
        return false;
    add_is_placeholder(&statement, merge);
    return update_rows(&updating, &statement);
}

/* The row comes from one of the files AND differs from what the table has. */
static void add_difference(struct statement *statement, const struct updating *updating,
                           const bool *files, size_t file_count)
{
    const struct table *table = updating->merge->table;
    const char *separator = "s." MERGE_FILE_COLUMN " IN (";

    for (size_t file = 0; file < file_count; file++) {
        if (!files[file])
            continue;
        statement_add(statement, "%s%zu", separator, file);
        separator = ", ";
    }
    separator = ") AND (";
    for (size_t i = 0; i < table->column_count; i++) {
        if (!updating->columns[i])
            continue;
        statement_add(statement, "%st.", separator);
        statement_identifier(statement, table->columns[i].name);
        statement_add(statement, " IS DISTINCT FROM ");
        add_new_value(statement, &table->columns[i]);
        separator = " OR ";
    }
    statement_add(statement, ")");
}

/* Each file is updated from once, so the number of the first one makes the list's name unique. */
bool merge_update(const struct merge *merge, const bool columns[TABLE_COLUMNS_MAX],
                  const bool *files, size_t file_count, struct error *error)
{
    struct updating updating = {.merge = merge, .columns = columns, .error = error};
    struct statement statement;
    size_t first = 0;

    while (first + 1 < file_count && !files[first])
        first++;
    (void)snprintf(updating.list, sizeof updating.list, "timele_load_update_%s_%zu",
                   merge->table->name, first);
    if (!open_list(&updating, &statement))
        return false;
    add_difference(&statement, &updating, files, file_count);
    return update_rows(&updating, &statement);
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
