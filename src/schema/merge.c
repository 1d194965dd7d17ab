#include "schema/merge.h"

#include "pg/search_path.h"
#include "pg/stage.h"
#include "schema/shortfall.h"

#include <inttypes.h>
#include <stdio.h>

/* Of a place: a run has less than 2^32 lines of a table. */
enum { LINE_BITS = 32 };

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

int64_t merge_place(size_t file, uint32_t line)
{
    return ((int64_t)file << LINE_BITS) + line;
}

size_t merge_place_file(int64_t place)
{
    return (size_t)(place >> LINE_BITS);
}

const char *merge_stage_name(const struct table *table, char name[MERGE_STAGE_NAME_SIZE])
{
    (void)snprintf(name, MERGE_STAGE_NAME_SIZE, "timele_load_%s", table->name);
    return name;
}

void merge_add_stage(struct statement *statement, const struct table *table)
{
    char name[MERGE_STAGE_NAME_SIZE];

    stage_add_name(statement, merge_stage_name(table, name));
}

bool merge_create_stage(const struct merge *merge, struct error *error)
{
    const struct table *table = merge->table;
    char name[MERGE_STAGE_NAME_SIZE];
    const struct stage stage = {.connection = merge->connection,
                                .name = merge_stage_name(table, name),
                                .beside = table,
                                .key = table->columns[table->key[0]].name};
    struct statement query;
    const char *sql;
    bool created;

    if (!statement_open(&query, merge->connection, error))
        return false;
    statement_add(&query, "SELECT ");
    add_columns(&query, table, merge->found);
    statement_add(&query, ", 0::bigint AS " MERGE_PLACE_COLUMN " FROM ");
    statement_qualified(&query, table->schema, table->name);
    sql = statement_text(&query, error);
    created = sql != NULL && stage_create_like(&stage, sql, error);
    statement_free(&query);
    return created;
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

/* A statement that has to write rows of the stage. */
struct updating {
    struct merge *merge;
    const bool *columns; /* that are set; none: only whether the rows are there is looked at */
    const struct merge_files *files; /* that the rows come from; NULL: they take the place of
                                      * placeholders, whatever file they come from */
    unsigned long long gone, kept;   /* rows that were not written, see look_for_missed */
    struct error *error;
};

static bool sets_columns(const struct updating *updating)
{
    for (size_t i = 0; i < updating->merge->table->column_count; i++)
        if (updating->columns[i])
            return true;
    return false;
}

/* IS DISTINCT FROM looks its operator up in the search path. */
static void add_column_differs(struct statement *statement, const struct column *column)
{
    statement_add(statement, "(t.");
    statement_identifier(statement, column->name);
    statement_add(statement, " OPERATOR(pg_catalog.=) ");
    add_new_value(statement, column);
    statement_add(statement, ") IS NOT TRUE AND (t.");
    statement_identifier(statement, column->name);
    statement_add(statement, " IS NOT NULL OR ");
    add_new_value(statement, column);
    statement_add(statement, " IS NOT NULL)");
}

/* Whether the row t has to be written, as an SQL condition that holds under any search path. */
static void add_has_to_be_written(struct statement *statement, const struct updating *updating)
{
    const struct table *table = updating->merge->table;
    const char *separator = "(";

    if (updating->files == NULL) {
        statement_add(statement, "t.");
        statement_identifier(statement, table->columns[table_inferred_column(table)].name);
        return;
    }
    for (size_t i = 0; i < table->column_count; i++) {
        if (!updating->columns[i])
            continue;
        statement_add(statement, "%s", separator);
        add_column_differs(statement, &table->columns[i]);
        separator = " OR ";
    }
    statement_add(statement, ")");
}

/* How many of the files from the first on are chosen. */
static size_t count_chosen(const struct merge_files *files, size_t first)
{
    size_t file = first;

    while (file < files->count && files->chosen[file])
        file++;
    return file - first;
}

/* The row s comes from one of the files. */
static void add_is_from_files(struct statement *statement, const struct merge_files *files)
{
    const char *separator = "(";

    for (size_t file = 0; file < files->count; file++) {
        size_t count = count_chosen(files, file);

        if (count == 0)
            continue;
        statement_add(statement,
                      "%ss." MERGE_PLACE_COLUMN " OPERATOR(pg_catalog.>=) %" PRId64
                      " AND s." MERGE_PLACE_COLUMN " OPERATOR(pg_catalog.<) %" PRId64,
                      separator, merge_place(file, 0), merge_place(file + count, 0));
        separator = " OR ";
        file += count;
    }
    statement_add(statement, ")");
}

/* UPDATE table t SET ... FROM stage s WHERE the keys are the same AND the rows differ RETURNING the
 * place of the staged row, and its key. */
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
    statement_add(statement, " FROM ");
    merge_add_stage(statement, table);
    statement_add(statement, " s WHERE ");
    merge_add_same_key_anywhere(statement, table, "t", "s");
    statement_add(statement, " AND ");
    if (updating->files != NULL) {
        add_is_from_files(statement, updating->files);
        statement_add(statement, " AND ");
    }
    add_has_to_be_written(statement, updating);
    statement_add(statement, " RETURNING s." MERGE_PLACE_COLUMN ", t.");
    statement_identifier(statement, table->columns[table->key[0]].name);
}

/* A row that a trigger changed on its way may be written again. */
static bool take_row(void *context, const struct copy_out_field *fields, struct error *error)
{
    struct merge *merge = ((struct updating *)context)->merge;
    int64_t place = copy_out_integer(&fields[0]);

    if (id_set_contains(&merge->written, place))
        return true;
    if (!id_set_add(&merge->written, place))
        return error_memory(error);
    return merge->row(merge->context, fields, error);
}

static bool update(struct updating *updating)
{
    struct connection *connection = updating->merge->connection;
    struct copy_out copy = {.field_count = 2, .row = take_row, .context = updating};
    struct statement statement;
    bool updated = false;

    if (!statement_open(&statement, connection, updating->error))
        return false;
    add_update(&statement, updating);
    copy.query = statement_text(&statement, updating->error);
    if (copy.query != NULL)
        updated = search_path_use_session(connection, updating->error) &&
                  copy_out_rows(connection, &copy, updating->error) &&
                  search_path_restrict(connection, updating->error);
    statement_free(&statement);
    return updated;
}

static bool take_missed(void *context, const struct copy_out_field *fields, struct error *error)
{
    struct updating *updating = context;

    (void)error;
    if (id_set_contains(&updating->merge->written, copy_out_integer(&fields[0])))
        return true;
    if (copy_out_boolean(&fields[1]))
        updating->gone++;
    else
        updating->kept++;
    return true;
}

/* The staged rows that have no row in the table, and those whose row has to be written still. */
static void add_missed(struct statement *query, const struct updating *updating)
{
    const struct table *table = updating->merge->table;
    const char *key = table->columns[table->key[0]].name;

    statement_add(query, "SELECT s." MERGE_PLACE_COLUMN ", t.");
    statement_identifier(query, key);
    statement_add(query, " IS NULL FROM ");
    merge_add_stage(query, table);
    statement_add(query, " s LEFT JOIN ");
    statement_qualified(query, table->schema, table->name);
    statement_add(query, " t ON ");
    merge_add_same_key(query, table, "t", "s");
    statement_add(query, " WHERE ");
    if (updating->files != NULL) {
        add_is_from_files(query, updating->files);
        statement_add(query, " AND ");
    }
    statement_add(query, "(t.");
    statement_identifier(query, key);
    statement_add(query, " IS NULL");
    if (sets_columns(updating)) {
        statement_add(query, " OR ");
        add_has_to_be_written(query, updating);
    }
    statement_add(query, ")");
}

/* Counts the staged rows that were not written although they had to: their row in the table is
 * gone, or it is there and was kept as it was. */
static bool look_for_missed(struct updating *updating)
{
    struct copy_out copy = {.field_count = 2, .row = take_missed, .context = updating};
    struct statement query;
    bool looked = false;

    updating->gone = updating->kept = 0;
    if (!statement_open(&query, updating->merge->connection, updating->error))
        return false;
    add_missed(&query, updating);
    copy.query = statement_text(&query, updating->error);
    if (copy.query != NULL)
        looked = copy_out_rows(updating->merge->connection, &copy, updating->error);
    statement_free(&query);
    return looked;
}

static bool refuse_gone(const struct updating *updating)
{
    const struct table *table = updating->merge->table;

    (void)error_set(updating->error, ERROR_DATABASE,
                    "rows of %s.%s were deleted by somebody else during the run", table->schema,
                    table->name);
    return error_hint(updating->error, "Nothing was changed. Run it again.");
}

static bool refuse_kept(const struct updating *updating)
{
    return shortfall_refuse(&(struct shortfall){.connection = updating->merge->connection,
                                                .table = updating->merge->table,
                                                .change = ACCESS_UPDATE},
                            updating->kept, updating->error);
}

/* Writes `rows` rows of the stage. When fewer were written, the others may be as they should be.
 * Else somebody else has just changed them, and they are written in the next attempt; what that one
 * cannot write either, a trigger keeps. */
static bool write_staged(struct updating *updating, uint64_t rows)
{
    const struct id_set *written = &updating->merge->written;
    uint64_t before = id_set_count(written), reached = before, last;
    bool again = false;

    do {
        last = reached;
        if (sets_columns(updating) && !update(updating))
            return false;
        reached = id_set_count(written);
        if (reached - before >= rows)
            return true;
        if (!look_for_missed(updating))
            return false;
        if (updating->gone > 0)
            return refuse_gone(updating);
        if (again && reached == last)
            break;
        again = true;
    } while (updating->kept > 0);
    return updating->kept == 0 || refuse_kept(updating);
}

bool merge_placeholders(struct merge *merge, uint64_t rows, struct error *error)
{
    bool columns[TABLE_COLUMNS_MAX] = {false};
    struct updating updating = {.merge = merge, .columns = columns, .error = error};

    for (size_t i = 0; i < merge->table->column_count; i++)
        columns[i] = merge->found->columns[i].present && !merge->table->columns[i].stable &&
                     !table_is_key(merge->table, i);
    return write_staged(&updating, rows);
}

bool merge_update(struct merge *merge, const bool columns[TABLE_COLUMNS_MAX],
                  const struct merge_files *files, struct error *error)
{
    struct updating updating = {.merge = merge, .columns = columns, .files = files, .error = error};

    return write_staged(&updating, files->rows);
}

void merge_free(struct merge *merge)
{
    id_set_free(&merge->written);
}
