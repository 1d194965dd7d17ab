#include "write/existing_id_map.h"

#include "pg/array_parameter.h"
#include "pg/copy_out.h"
#include "pg/query.h"
#include "pg/query_rows.h"
#include "pg/statement.h"
#include "write/id_map.h"

/* So many ids are asked for at most, and only of a table that has ROWS_AN_ID times as many rows: to
 * find a row by an index costs as much as to read some dozens of rows. */
enum { IDS_MAX = 10 * 1000, ROWS_AN_ID = 20 };

struct mapping {
    const struct dataset *dataset;
    struct pending_file *id_map;
    const struct session *session;
    struct array_parameter ids; /* that are asked for */
    uint64_t count;             /* of ids that are wanted */
};

/* Whether the database has the row of a line, and it stays the line's. */
static bool is_wanted(const struct dataset *dataset, uint32_t line)
{
    const struct dataset_files *files = &dataset->files;

    return (id_set_contains(&files->updates, line) || id_set_contains(&files->unchanged, line)) &&
           !id_set_contains(&files->left_out, line);
}

static bool add_id(int64_t id, const void *line, void *context)
{
    struct mapping *mapping = context;

    if (!is_wanted(mapping->dataset, *(const uint32_t *)line))
        return true;
    mapping->count++;
    return mapping->count > IDS_MAX || array_parameter_add_integer(&mapping->ids, id);
}

/* SELECT id, external id FROM table. */
static bool open_query(const struct mapping *mapping, struct statement *query)
{
    const struct table *table = mapping->dataset->table;
    int external = table_column_derived(table, ABSENT_RANDOM_UUID);

    if (!statement_open(query, mapping->session->connection, mapping->session->error))
        return false;
    statement_add(query, "SELECT ");
    statement_identifier(query, table->columns[table->key[0]].name);
    statement_add(query, ", ");
    statement_identifier(query, table->columns[external].name);
    statement_add(query, " FROM ");
    statement_qualified(query, table->schema, table->name);
    return true;
}

static bool take_row(void *context, const struct copy_out_field *fields, struct error *error)
{
    const struct mapping *mapping = context;
    int64_t id = copy_out_integer(&fields[0]);

    return !is_wanted(mapping->dataset, line_index_get(&mapping->dataset->files.lines, id)) ||
           id_map_add(mapping->id_map, mapping->dataset->table, id, fields[1].bytes, error);
}

static bool read_table(struct mapping *mapping)
{
    struct copy_out copy = {.field_count = 2, .row = take_row, .context = mapping};
    struct statement query;
    bool done = false;

    if (!open_query(mapping, &query))
        return false;
    copy.query = statement_text(&query, mapping->session->error);
    if (copy.query != NULL)
        done = copy_out_rows(mapping->session->connection, &copy, mapping->session->error);
    statement_free(&query);
    return done;
}

static bool ask_for_ids(struct mapping *mapping)
{
    const struct table *table = mapping->dataset->table;
    struct error *error = mapping->session->error;
    const char *ids = array_parameter_text(&mapping->ids);
    struct query query = {.parameters = &ids, .parameter_count = 1, .columns = 2};
    struct statement statement;
    bool done = false;

    if (ids == NULL)
        return error_memory(error);
    if (!open_query(mapping, &statement))
        return false;
    statement_add(&statement, " WHERE ");
    statement_identifier(&statement, table->columns[table->key[0]].name);
    statement_add(&statement, " = ANY ($1::bigint[])");
    query.sql = statement_text(&statement, error);
    if (query.sql != NULL)
        done = query_rows(mapping->session->connection, &query, take_row, mapping, error);
    statement_free(&statement);
    return done;
}

static bool has_few(const struct mapping *mapping)
{
    return mapping->count <= IDS_MAX &&
           mapping->count < mapping->dataset->database.catalog.rows / ROWS_AN_ID;
}

bool existing_id_map_add(const struct dataset *dataset, struct pending_file *id_map,
                         const struct session *session)
{
    struct mapping mapping = {.dataset = dataset, .id_map = id_map, .session = session};
    bool added;

    if (table_column_derived(dataset->table, ABSENT_RANDOM_UUID) < 0)
        return true;
    added = paged_array_each(&dataset->files.lines.lines, sizeof(uint32_t), add_id, &mapping) ||
            error_memory(session->error);
    if (added && mapping.count > 0)
        added = has_few(&mapping) ? ask_for_ids(&mapping) : read_table(&mapping);
    array_parameter_free(&mapping.ids);
    return added;
}
