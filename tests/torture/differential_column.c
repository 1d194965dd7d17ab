#include "differential_column.h"

#include "row/row_read.h"
#include "schema/catalog_reading.h"
#include "table/table.h"

#include <inttypes.h>
#include <string.h>

const struct differential_type differential_types[] = {
    {"bigint", COLUMN_BIGINT, "bigint", "int8send"},
    {"integer", COLUMN_INTEGER, "integer", "int4send"},
    {"numeric", COLUMN_NUMERIC, "numeric", "numeric_send"},
    {"double", COLUMN_DOUBLE, "double precision", "float8send"},
    {"timestamp", COLUMN_TIMESTAMPTZ, "timestamptz", "timestamptz_send"},
    {"uuid", COLUMN_UUID_V4, "uuid", "uuid_send"},
    {"status", COLUMN_ORDER_STATUS, TABLE_ENUM_SCHEMA "." TABLE_ENUM_NAME, "enum_send"},
    {"text", COLUMN_TEXT, "varchar", "varcharsend"},
    {0},
};

/* Whether two columns of one type are read in the same way. */
static bool is_alike(const struct column *one, const struct column *other)
{
    return one->minimum == other->minimum && one->maximum == other->maximum &&
           one->length == other->length && one->precision == other->precision &&
           one->scale == other->scale && one->unique == other->unique &&
           (one->absent == ABSENT_REFUSED) == (other->absent == ABSENT_REFUSED);
}

/* Goes to the column that comes next, in this table or another. */
static bool go_on(enum table_id *id, size_t *index)
{
    ++*index;
    while (*id < TABLE_COUNT && *index >= table_get(*id)->column_count) {
        ++*id;
        *index = 0;
    }
    return *id < TABLE_COUNT;
}

static bool is_of(const struct differential_type *type, const struct column *column)
{
    return column->header != NULL && column->type == type->type;
}

static bool stands_before(const struct differential_type *type, enum table_id id, size_t index)
{
    const struct column *column = &table_get(id)->columns[index];
    enum table_id earlier_id = 0;
    size_t earlier = 0;

    while (earlier_id != id || earlier != index) {
        const struct column *candidate = &table_get(earlier_id)->columns[earlier];

        if (is_of(type, candidate) && is_alike(candidate, column))
            return true;
        (void)go_on(&earlier_id, &earlier);
    }
    return false;
}

bool differential_column_find(const struct differential_type *type, size_t number,
                              struct differential_column *found)
{
    enum table_id id = 0;
    size_t index = 0, before = 0;

    do {
        const struct table *table = table_get(id);

        if (!is_of(type, &table->columns[index]) || stands_before(type, id, index) ||
            before++ < number)
            continue;
        found->type = type;
        found->number = number;
        found->table = table;
        found->index = index;
        found->column = &table->columns[index];
        return true;
    } while (go_on(&id, &index));
    return false;
}

/* The column has the first field of a record. A row of nothing but empty fields is none, so the
 * table's first key has the second one. */
enum { FIELD_COUNT = 2 };

static void bind(struct source *source, size_t column, size_t field)
{
    const struct column *description = &source->table->columns[column];
    struct source_binding *binding = &source->bindings[source->binding_count++];

    source->field_of_column[column] = (int)field;
    *binding = (struct source_binding){.column = column, .field = field};
    binding->is_integer = description->type == COLUMN_INTEGER || description->type == COLUMN_BIGINT;
    table_column_range(description, &binding->minimum, &binding->maximum);
}

bool differential_column_open(struct differential_column *column, const struct session *session)
{
    struct source *source = &column->source;

    memset(source, 0, sizeof *source);
    source->table = column->table;
    source->field_count = FIELD_COUNT;
    for (size_t i = 0; i < TABLE_COLUMNS_MAX; i++)
        source->field_of_column[i] = -1;
    bind(source, column->index, 0);
    if (column->table->key[0] != column->index)
        bind(source, column->table->key[0], 1);
    row_clear(&column->row, source);
    return catalog_read_table(session->connection, column->table, 0, &column->catalog,
                              session->error);
}

const struct value *differential_column_read(struct differential_column *column,
                                             const struct differential_text *text)
{
    const struct csv_field fields[FIELD_COUNT] = {{.text = text->bytes, .length = text->length},
                                                  {.text = "1", .length = 1}};
    const struct csv_record record = {
        .line = 2, .end_line = 3, .field_count = FIELD_COUNT, .fields = fields};
    const struct row_reading reading = {
        .source = &column->source, .catalog = &column->catalog, .record = &record, .quiet = true};
    const struct value *value = &column->row.values[column->index];

    return row_read(&reading, &column->row) && value->present ? value : NULL;
}

static int type_modifier(const struct column *column)
{
    const int header_size = 4;

    if (column->precision > 0)
        return (int)(column->precision << 16 | column->scale) + header_size;
    return column->length > 0 ? (int)column->length + header_size : -1;
}

void differential_column_add_type(const struct differential_column *column,
                                  struct statement *statement)
{
    statement_add(statement, "%s", column->type->sql_name);
    if (column->column->precision > 0)
        statement_add(statement, "(%u,%u)", column->column->precision, column->column->scale);
    else if (column->column->length > 0)
        statement_add(statement, "(%zu)", column->column->length);
}

/* Prices are rounded to so many digits as numeric rounds; a number that numeric does not take is
 * left to the class. */
static void add_double_input(const struct column *column, struct statement *statement)
{
    statement_add(statement,
                  "plain := float8in(textout(t)); BEGIN RETURN float8send(round("
                  "numeric_in(textout(t), 0, -1), %u)::float8); EXCEPTION WHEN data_exception THEN "
                  "RETURN float8send(plain); END;",
                  column->scale);
}

void differential_column_add_input(const struct differential_column *column,
                                   struct statement *statement)
{
    int modifier = type_modifier(column->column);

    switch (column->column->type) {
    case COLUMN_BIGINT:
    case COLUMN_INTEGER:
        statement_add(statement,
                      "RETURN %s(%s(textout(CASE WHEN t ~ '^[-+]?[0-9]+[.]0+$' "
                      "THEN split_part(t, '.', 1) ELSE t END)));",
                      column->type->send,
                      column->column->type == COLUMN_BIGINT ? "int8in" : "int4in");
        break;
    case COLUMN_NUMERIC:
        statement_add(statement, "RETURN numeric_send(numeric_in(textout(t), 0, %d));", modifier);
        break;
    case COLUMN_DOUBLE:
        add_double_input(column->column, statement);
        break;
    case COLUMN_TIMESTAMPTZ:
        statement_add(statement, "RETURN timestamptz_send(timestamptz_in(textout(t), 0, -1));");
        break;
    case COLUMN_UUID_V4:
        statement_add(statement, "RETURN uuid_send(uuid_in(textout(t)));");
        break;
    case COLUMN_ORDER_STATUS:
        statement_add(statement, "RETURN enum_send(t::%s);", column->type->sql_name);
        break;
    case COLUMN_TEXT:
        statement_add(statement, "RETURN varcharsend(varcharin(textout(t), 0, %d));", modifier);
        break;
    case COLUMN_BOOLEAN:
        break;
    }
}

bool differential_column_add_exception(const struct differential_column *column,
                                       struct statement *statement)
{
    switch (column->column->type) {
    case COLUMN_BIGINT:
    case COLUMN_INTEGER:
        statement_add(statement, "WHEN t ~ '[.]' THEN 'taken: a fraction of zeros'");
        return true;
    case COLUMN_DOUBLE:
        statement_add(statement,
                      "WHEN stored = float8send(0) AND t ~ '^-' THEN 'stored as 0: 0 below 0' "
                      "WHEN stored <> float8send(float8in(textout(t))) "
                      "THEN 'rounded: more than %u digits after the point'",
                      column->column->scale);
        return true;
    default:
        return false;
    }
}

void differential_column_add_class(const struct differential_column *column,
                                   struct statement *statement)
{
    const struct column *description = column->column;
    int64_t minimum, maximum;

    switch (description->type) {
    case COLUMN_BIGINT:
    case COLUMN_INTEGER:
        table_column_range(description, &minimum, &maximum);
        statement_add(statement, "pg_temp.integer_class(t, %" PRId64 ", %" PRId64 ")", minimum,
                      maximum);
        break;
    case COLUMN_NUMERIC:
        statement_add(statement, "pg_temp.decimal_class(t, %u, 1e%u)", description->scale,
                      description->precision - description->scale);
        break;
    case COLUMN_DOUBLE: /* kept in an int64_t of this unit */
        statement_add(statement, "pg_temp.decimal_class(t, %u, 9223372036854775808e-%u)",
                      description->scale, description->scale);
        break;
    case COLUMN_TIMESTAMPTZ:
        statement_add(statement, "pg_temp.timestamp_class(t)");
        break;
    case COLUMN_UUID_V4:
        statement_add(statement, "pg_temp.uuid_class(t)");
        break;
    case COLUMN_ORDER_STATUS:
        statement_add(statement, "pg_temp.status_class(t)");
        break;
    case COLUMN_TEXT:
        statement_add(statement, "pg_temp.text_class(t, %zu, %s, %s)", description->length,
                      description->unique ? "true" : "false",
                      description->absent == ABSENT_REFUSED ? "true" : "false");
        break;
    case COLUMN_BOOLEAN:
        break;
    }
}
