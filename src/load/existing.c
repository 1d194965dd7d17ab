#include "load/existing.h"

#include "pg/copy_out.h"
#include "pg/statement.h"

static bool take_id(void *context, const struct copy_out_field *fields, struct error *error)
{
    struct dataset *dataset = context;
    int64_t id = copy_out_integer(&fields[0]);

    if (!id_set_add(&dataset->existing, id))
        return error_memory(error);
    if (copy_out_boolean(&fields[1]) && !id_set_add(&dataset->existing_inferred, id))
        return error_memory(error);
    return true;
}

/* The column's name when the database has the inferred mark, else the word false. */
static void add_inferred(struct statement *query, const struct dataset *dataset)
{
    int column = table_inferred_column(dataset->table);

    if (column >= 0 && dataset->catalog.columns[column].present)
        statement_identifier(query, dataset->table->columns[column].name);
    else
        statement_add(query, "false");
}

static bool run_query(struct statement *query, copy_out_row *row, void *context,
                      struct error *error)
{
    const char *sql = statement_text(query, error);
    bool read = sql != NULL && copy_out_rows(query->connection, sql, 2, row, context, error);

    statement_free(query);
    return read;
}

static bool read_ids(struct dataset *dataset, struct connection *connection, struct error *error)
{
    const struct table *table = dataset->table;
    struct statement query;

    if (!statement_open(&query, connection, error))
        return false;
    statement_add(&query, "SELECT ");
    statement_identifier(&query, table->columns[table->key[0]].name);
    statement_add(&query, ", ");
    add_inferred(&query, dataset);
    statement_add(&query, " FROM ");
    statement_qualified(&query, table->schema, table->name);
    return run_query(&query, take_id, dataset, error);
}

static bool take_unique(void *context, const struct copy_out_field *fields, struct error *error)
{
    bool added;

    return text_index_add(context, fields[0].bytes, fields[0].length, 0,
                          copy_out_integer(&fields[1]), &added) != NULL ||
           error_memory(error);
}

/* Placeholders are passed over: their values give way to those of the files. */
static bool read_unique(struct dataset *dataset, size_t column, struct connection *connection,
                        struct error *error)
{
    const struct table *table = dataset->table;
    struct statement query;

    if (!statement_open(&query, connection, error))
        return false;
    statement_add(&query, "SELECT ");
    statement_identifier(&query, table->columns[column].name);
    statement_add(&query, ", ");
    statement_identifier(&query, table->columns[table->key[0]].name);
    statement_add(&query, " FROM ");
    statement_qualified(&query, table->schema, table->name);
    statement_add(&query, " WHERE NOT ");
    add_inferred(&query, dataset);
    statement_add(&query, " AND ");
    statement_identifier(&query, table->columns[column].name);
    statement_add(&query, " IS NOT NULL");
    return run_query(&query, take_unique, &dataset->unique[column], error);
}

static bool is_in_a_file(const struct dataset *dataset, size_t column)
{
    for (size_t i = 0; i < dataset->source_count; i++)
        if (dataset->sources[i]->field_of_column[column] >= 0)
            return true;
    return false;
}

bool existing_read(struct dataset *dataset, struct connection *connection, struct error *error)
{
    if (dataset->catalog.empty || dataset->table->key_count != 1)
        return true;
    if (!read_ids(dataset, connection, error))
        return false;
    for (size_t i = 0; i < dataset->table->column_count; i++)
        if (dataset->table->columns[i].unique && is_in_a_file(dataset, i) &&
            !read_unique(dataset, i, connection, error))
            return false;
    return true;
}
