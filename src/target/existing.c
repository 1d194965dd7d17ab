#include "target/existing.h"

#include "pg/copy_out.h"
#include "schema/row_lookup.h"
#include "target/existing_digest.h"

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

/* The id, the mark of placeholders, and the compared columns. A placeholder has no digest: the
 * file's row takes its place, whatever it has. */
static bool take_row(void *context, const struct copy_out_field *fields, struct error *error)
{
    struct dataset *dataset = context;

    return take_id(dataset, fields, error) &&
           (dataset->database.compared.table == NULL || copy_out_boolean(&fields[1]) ||
            existing_digest_note(dataset, copy_out_integer(&fields[0]), &fields[2], error));
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

/* The rows that a lookup of the table's ids is about; NULL: all. */
static const struct lookup_values *named_ids(const struct dataset *dataset,
                                             struct lookup_values *values)
{
    values->ids = &dataset->files.named.ids;
    return dataset->database.lookup == LOOKUP_NAMED ? values : NULL;
}

static bool read_rows(struct dataset *dataset, const struct session *session)
{
    const struct table *table = dataset->table;
    struct lookup_values values = {0};
    struct row_lookup lookup;

    if (!row_lookup_open(&lookup, table, session))
        return false;
    statement_identifier(&lookup.statement, table->columns[table->key[0]].name);
    statement_add(&lookup.statement, ", ");
    add_inferred(&lookup.statement, dataset);
    row_digest_add_columns(&lookup.statement, &dataset->database.compared);
    row_lookup_from(&lookup, table->key[0], named_ids(dataset, &values));
    return row_lookup_run(
        &lookup, (struct copy_out){.field_count = (uint16_t)(dataset->database.compared.count + 2),
                                   .row = take_row,
                                   .context = dataset});
}

/* A unique column while its values are read. */
struct unique_reading {
    struct dataset *dataset;
    size_t column;
};

/* The row with the value is one that is known from now on, named by its id or not. */
static bool take_unique(void *context, const struct copy_out_field *fields, struct error *error)
{
    const struct unique_reading *reading = context;
    const struct text_value value = {.bytes = fields[0].bytes, .length = fields[0].length};
    bool added;

    return take_id(reading->dataset, &fields[1], error) &&
           (text_index_add(&reading->dataset->files.unique[reading->column], value, 0,
                           copy_out_integer(&fields[1]), &added) != NULL ||
            error_memory(error));
}

/* Rows that are placeholders are passed over, except for external ids: the files' values replace
 * theirs. */
static bool read_unique(struct dataset *dataset, size_t column, const struct session *session)
{
    const struct table *table = dataset->table;
    struct unique_reading reading = {.dataset = dataset, .column = column};
    const struct lookup_values values = {.texts = &dataset->files.named.values[column]};
    struct row_lookup lookup;

    if (!row_lookup_open(&lookup, table, session))
        return false;
    statement_identifier(&lookup.statement, table->columns[column].name);
    statement_add(&lookup.statement, ", ");
    statement_identifier(&lookup.statement, table->columns[table->key[0]].name);
    statement_add(&lookup.statement, ", ");
    add_inferred(&lookup.statement, dataset);
    row_lookup_from(&lookup, column, dataset->database.lookup == LOOKUP_NAMED ? &values : NULL);
    statement_add(&lookup.statement, " WHERE ");
    statement_identifier(&lookup.statement, table->columns[column].name);
    statement_add(&lookup.statement, " IS NOT NULL");
    if (!table->columns[column].stable) {
        statement_add(&lookup.statement, " AND NOT ");
        add_inferred(&lookup.statement, dataset);
    }
    return row_lookup_run(
        &lookup, (struct copy_out){.field_count = 3, .row = take_unique, .context = &reading});
}

/* Of a table that is read whole the ids tell; of another it has to be asked, and matters only where
 * placeholders may be made because it has none (check/infer). */
static bool find_real_row(struct dataset *dataset, const struct session *session)
{
    const struct table *table = dataset->table;
    struct statement query;
    bool asked;

    if (dataset->database.lookup == LOOKUP_WHOLE) {
        dataset->database.has_real_row = id_set_count(&dataset->database.existing) >
                                         id_set_count(&dataset->database.existing_inferred);
        return true;
    }
    if (!table->inferred_if_empty || dataset->source_count > 0)
        return true;
    if (!statement_open(&query, session->connection, session->error))
        return false;
    statement_add(&query, "SELECT EXISTS (SELECT 1 FROM ");
    statement_qualified(&query, table->schema, table->name);
    statement_add(&query, " WHERE NOT ");
    add_inferred(&query, dataset);
    statement_add(&query, " LIMIT 1)");
    asked = statement_ask(&query, &dataset->database.has_real_row, session->error);
    statement_free(&query);
    return asked;
}

bool existing_read(struct dataset *dataset, const struct session *session)
{
    if (dataset->database.catalog.empty || dataset->table->key_kind != KEY_ID)
        return true;
    if (!read_rows(dataset, session) || !find_real_row(dataset, session))
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
    struct lookup_values values = {0};
    struct row_lookup lookup;

    if (users->database.catalog.empty)
        return true;
    if (!row_lookup_open(&lookup, table, session))
        return false;
    statement_identifier(&lookup.statement, table->columns[table->key[0]].name);
    add_column(&lookup.statement, table, table_column_with_role(table, ROLE_FIRST_NAME));
    add_column(&lookup.statement, table, table_column_with_role(table, ROLE_LAST_NAME));
    for (int detail = DELIVERY_NAME + 1; detail < DELIVERY_COUNT; detail++)
        for (size_t i = 0; i < table->column_count; i++)
            if (table->columns[i].role == ROLE_DELIVERY && (int)table->columns[i].detail == detail)
                add_column(&lookup.statement, table, (int)i);
    row_lookup_from(&lookup, table->key[0], named_ids(users, &values));
    return row_lookup_run(&lookup,
                          (struct copy_out){.field_count = OTHER_DETAILS + DELIVERY_COUNT - 1,
                                            .row = take_delivery,
                                            .context = derived});
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
                         " that is negative, too large or not a number, so its items cannot be "
                         "priced",
                         table->schema, table->name, product);
    return derived_note_price(reading->derived, product, price, reading->scale) ||
           error_memory(error);
}

/* Of a number that every bigint has room for. */
enum { PRICE_DIGITS_MAX = 18 };

bool existing_read_prices(const struct dataset *enriched, struct derived *derived,
                          const struct session *session)
{
    const struct table *table = enriched->table;
    const struct column *price =
        &table->columns[table_column_with_role(table, ROLE_CATALOGUE_PRICE)];
    struct price_reading reading = {.derived = derived, .table = table, .scale = price->scale};
    struct lookup_values values = {0};
    struct row_lookup lookup;

    if (!enriched->database.catalog.read || enriched->database.catalog.empty)
        return true;
    if (!row_lookup_open(&lookup, table, session))
        return false;
    /* As an integer in the price's smallest unit: exact, and no binary numeric to decode. What is
     * no price, and what a bigint may be too small for, is -1; NaN is above all. */
    statement_identifier(&lookup.statement, table->columns[table->key[0]].name);
    statement_add(&lookup.statement, ", CASE WHEN ");
    statement_identifier(&lookup.statement, price->name);
    statement_add(&lookup.statement, " BETWEEN 0 AND 1e%d THEN (",
                  PRICE_DIGITS_MAX - (int)price->scale);
    statement_identifier(&lookup.statement, price->name);
    statement_add(&lookup.statement, " * 1e%u)::bigint ELSE -1 END", price->scale);
    row_lookup_from(&lookup, table->key[0], named_ids(enriched, &values));
    statement_add(&lookup.statement, " WHERE ");
    statement_identifier(&lookup.statement, price->name);
    statement_add(&lookup.statement, " IS NOT NULL");
    return row_lookup_run(
        &lookup, (struct copy_out){.field_count = 2, .row = take_price, .context = &reading});
}
