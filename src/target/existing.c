#include "target/existing.h"

#include "pg/copy_out.h"
#include "pg/statement.h"

#include <inttypes.h>

static bool take_id(void *context, const struct copy_out_field *fields, struct error *error)
{
    struct dataset *dataset = context;
    int64_t id = copy_out_integer(&fields[0]);

    if (!id_set_add(&dataset->database.existing, id))
        return error_memory(error);
    if (copy_out_boolean(&fields[1]) && !id_set_add(&dataset->database.existing_inferred, id))
        return error_memory(error);
    return true;
}

/* The column's name when the database has the inferred mark, else the word false. */
static void add_inferred(struct statement *query, const struct dataset *dataset)
{
    int column = table_inferred_column(dataset->table);

    if (column >= 0 && dataset->database.catalog.columns[column].present)
        statement_identifier(query, dataset->table->columns[column].name);
    else
        statement_add(query, "false");
}

/* `copy` is all but the query, which is freed. */
static bool run_query(struct statement *query, struct copy_out copy, struct error *error)
{
    bool read = false;

    copy.query = statement_text(query, error);
    if (copy.query != NULL)
        read = copy_out_rows(query->connection, &copy, error);
    statement_free(query);
    return read;
}

static bool read_ids(struct dataset *dataset, const struct session *session)
{
    const struct table *table = dataset->table;
    struct statement query;

    if (!statement_open(&query, session->connection, session->error))
        return false;
    statement_add(&query, "SELECT ");
    statement_identifier(&query, table->columns[table->key[0]].name);
    statement_add(&query, ", ");
    add_inferred(&query, dataset);
    statement_add(&query, " FROM ");
    statement_qualified(&query, table->schema, table->name);
    return run_query(&query,
                     (struct copy_out){.field_count = 2, .row = take_id, .context = dataset},
                     session->error);
}

static bool take_unique(void *context, const struct copy_out_field *fields, struct error *error)
{
    const struct text_value value = {.bytes = fields[0].bytes, .length = fields[0].length};
    bool added;

    return text_index_add(context, value, 0, copy_out_integer(&fields[1]), &added) != NULL ||
           error_memory(error);
}

/* Rows that are placeholders are passed over, except for external ids: the files' values replace
 * theirs. */
static bool read_unique(struct dataset *dataset, size_t column, const struct session *session)
{
    const struct table *table = dataset->table;
    struct statement query;

    if (!statement_open(&query, session->connection, session->error))
        return false;
    statement_add(&query, "SELECT ");
    statement_identifier(&query, table->columns[column].name);
    statement_add(&query, ", ");
    statement_identifier(&query, table->columns[table->key[0]].name);
    statement_add(&query, " FROM ");
    statement_qualified(&query, table->schema, table->name);
    statement_add(&query, " WHERE ");
    statement_identifier(&query, table->columns[column].name);
    statement_add(&query, " IS NOT NULL");
    if (!table->columns[column].stable) {
        statement_add(&query, " AND NOT ");
        add_inferred(&query, dataset);
    }
    return run_query(&query,
                     (struct copy_out){.field_count = 2,
                                       .row = take_unique,
                                       .context = &dataset->files.unique[column]},
                     session->error);
}

bool existing_read(struct dataset *dataset, const struct session *session)
{
    if (dataset->database.catalog.empty || dataset->table->key_kind != KEY_ID)
        return true;
    if (!read_ids(dataset, session))
        return false;
    for (size_t i = 0; i < dataset->table->column_count; i++)
        if (dataset->table->columns[i].unique &&
            (dataset_has_column(dataset, i) || dataset->table->columns[i].inferred_text != NULL) &&
            !read_unique(dataset, i, session))
            return false;
    return true;
}

/* The query's columns after the id: first and last name, then the details beside the name. */
enum { FIRST_NAME = 1, LAST_NAME, OTHER_DETAILS };

static struct delivery_name name_of(const struct copy_out_field *field)
{
    return (struct delivery_name){.text = (const char *)field->bytes, .length = field->length};
}

static bool take_delivery(void *context, const struct copy_out_field *fields, struct error *error)
{
    struct derived *derived = context;
    struct delivery delivery = {0};

    for (size_t i = DELIVERY_NAME + 1; i < DELIVERY_COUNT; i++) {
        const struct copy_out_field *field = &fields[OTHER_DETAILS + i - (DELIVERY_NAME + 1)];

        delivery.texts[i] = (const char *)field->bytes;
        delivery.lengths[i] = field->length;
    }
    return delivery_add(&derived->deliveries, copy_out_integer(&fields[0]), &delivery,
                        name_of(&fields[FIRST_NAME]), name_of(&fields[LAST_NAME])) ||
           error_memory(error);
}

static void add_column(struct statement *query, const struct table *table, int column)
{
    statement_add(query, ", ");
    statement_identifier(query, table->columns[column].name);
}

bool existing_read_deliveries(const struct dataset *users, struct derived *derived,
                              const struct session *session)
{
    const struct table *table = users->table;
    struct statement query;

    if (users->database.catalog.empty)
        return true;
    if (!statement_open(&query, session->connection, session->error))
        return false;
    statement_add(&query, "SELECT ");
    statement_identifier(&query, table->columns[table->key[0]].name);
    add_column(&query, table, table_column_with_role(table, ROLE_FIRST_NAME));
    add_column(&query, table, table_column_with_role(table, ROLE_LAST_NAME));
    for (int detail = DELIVERY_NAME + 1; detail < DELIVERY_COUNT; detail++)
        for (size_t i = 0; i < table->column_count; i++)
            if (table->columns[i].role == ROLE_DELIVERY && (int)table->columns[i].detail == detail)
                add_column(&query, table, (int)i);
    statement_add(&query, " FROM ");
    statement_qualified(&query, table->schema, table->name);
    return run_query(&query,
                     (struct copy_out){.field_count = OTHER_DETAILS + DELIVERY_COUNT - 1,
                                       .row = take_delivery,
                                       .context = derived},
                     session->error);
}

struct price_reading {
    struct derived *derived;
    const struct table *table;
    unsigned scale;
};

static bool take_price(void *context, const struct copy_out_field *fields, struct error *error)
{
    const struct price_reading *reading = context;
    int64_t product = copy_out_integer(&fields[0]), price = copy_out_integer(&fields[1]);
    const struct table *table = reading->table;

    if (!derived_price_fits(reading->derived, price, reading->scale))
        return error_set(error, ERROR_DATABASE,
                         "%s.%s has a price of product %" PRId64
                         " that is negative or too large, so its items cannot be priced",
                         table->schema, table->name, product);
    return derived_note_price(reading->derived, product, price, reading->scale) ||
           error_memory(error);
}

bool existing_read_prices(const struct dataset *enriched, struct derived *derived,
                          const struct session *session)
{
    const struct table *table = enriched->table;
    const struct column *price =
        &table->columns[table_column_with_role(table, ROLE_CATALOGUE_PRICE)];
    struct price_reading reading = {.derived = derived, .table = table, .scale = price->scale};
    struct statement query;

    if (!enriched->database.catalog.read || enriched->database.catalog.empty)
        return true;
    if (!statement_open(&query, session->connection, session->error))
        return false;
    /* As an integer in the price's smallest unit: exact, and no binary numeric to decode. */
    statement_add(&query, "SELECT ");
    statement_identifier(&query, table->columns[table->key[0]].name);
    statement_add(&query, ", (");
    statement_identifier(&query, price->name);
    statement_add(&query, " * 1e%u)::bigint FROM ", price->scale);
    statement_qualified(&query, table->schema, table->name);
    statement_add(&query, " WHERE ");
    statement_identifier(&query, price->name);
    statement_add(&query, " IS NOT NULL");
    return run_query(&query,
                     (struct copy_out){.field_count = 2, .row = take_price, .context = &reading},
                     session->error);
}
