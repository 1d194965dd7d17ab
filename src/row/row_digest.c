#include "row/row_digest.h"

#include "value/decimal.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <xxhash.h>

/* A value in the form that is the same wherever it comes from. NULL has a length that nothing else
 * has. */
struct digest_field {
    uint64_t length;
    uint64_t content; /* a number; of all that may be longer, its hash */
};

static const struct digest_field null_field = {.length = UINT64_MAX};

bool row_digest_draw_seed(uint64_t *seed)
{
    ssize_t received;

    /* So few bytes come whole or not at all. */
    do
        received = getrandom(seed, sizeof *seed, 0);
    while (received < 0 && errno == EINTR);
    return received == (ssize_t)sizeof *seed;
}

static struct digest_field number_field(int64_t number)
{
    return (struct digest_field){.length = sizeof number, .content = (uint64_t)number};
}

static struct digest_field bytes_field(const void *bytes, size_t length, uint64_t seed)
{
    return (struct digest_field){.length = length,
                                 .content = XXH3_64bits_withSeed(bytes, length, seed)};
}

static struct digest_field double_field(int64_t units, unsigned scale)
{
    double number = decimal_to_double(units, scale);
    struct digest_field field = {.length = sizeof number};

    memcpy(&field.content, &number, sizeof number);
    return field;
}

static struct digest_field numeric_field(int64_t units, unsigned scale, uint64_t seed)
{
    uint8_t binary[DECIMAL_BINARY_SIZE];

    return bytes_field(binary, decimal_encode_numeric(units, scale, binary), seed);
}

static struct digest_field integer_field(const struct column *column, int64_t integer,
                                         uint64_t seed)
{
    const char *label;

    switch (column->type) {
    case COLUMN_DOUBLE:
        return double_field(integer, column->scale);
    case COLUMN_NUMERIC:
        return numeric_field(integer, column->scale, seed);
    case COLUMN_ORDER_STATUS:
        label = table_order_status((int)integer);
        return bytes_field(label, strlen(label), seed);
    case COLUMN_BIGINT:
    case COLUMN_INTEGER:
    case COLUMN_BOOLEAN:
    case COLUMN_TIMESTAMPTZ:
    case COLUMN_TEXT:
    case COLUMN_UUID_V4:
        break;
    }
    return number_field(integer);
}

static struct digest_field value_field(const struct column *column, const struct value *value,
                                       uint64_t seed)
{
    if (column->type == COLUMN_TEXT)
        return bytes_field(value->text, value->length, seed);
    if (column->type == COLUMN_UUID_V4)
        return bytes_field(value->uuid, UUID_SIZE, seed);
    return integer_field(column, value->integer, seed);
}

/* What an update would set a column to for which the file gives no value. */
static bool absent_field(const struct row_digest_columns *columns, const struct row *row,
                         const struct column *column, struct digest_field *field)
{
    *field = null_field;
    if (column->absent == ABSENT_INTEGER)
        *field = integer_field(column, column->default_integer, columns->seed);
    else if (column->absent == ABSENT_GIVEN &&
             row->values[table_column_named(columns->table, column->copy_of)].present)
        *field = number_field(true);
    return column->absent == ABSENT_NULL || column->absent == ABSENT_INTEGER ||
           column->absent == ABSENT_GIVEN;
}

bool row_digest(const struct row_digest_columns *columns, const struct row *row, uint64_t *digest)
{
    struct digest_field fields[TABLE_COLUMNS_MAX];

    for (size_t i = 0; i < columns->count; i++) {
        const struct column *column = &columns->table->columns[columns->columns[i]];
        const struct value *value = &row->values[columns->columns[i]];

        if (value->present)
            fields[i] = value_field(column, value, columns->seed);
        else if (!absent_field(columns, row, column, &fields[i]))
            return false;
    }
    *digest = XXH3_64bits_withSeed(fields, columns->count * sizeof *fields, columns->seed);
    return true;
}

void row_digest_add_columns(struct statement *query, const struct row_digest_columns *columns)
{
    for (size_t i = 0; i < columns->count; i++) {
        statement_add(query, ", ");
        statement_identifier(query, columns->table->columns[columns->columns[i]].name);
    }
}

/* A number of another size than the description says stays what it is. */
static struct digest_field field_of_database(const struct column *column,
                                             const struct copy_out_field *field, uint64_t seed)
{
    switch (column->type) {
    case COLUMN_BIGINT:
    case COLUMN_INTEGER:
    case COLUMN_TIMESTAMPTZ:
        return number_field(copy_out_integer(field));
    case COLUMN_BOOLEAN:
        return number_field(copy_out_boolean(field));
    case COLUMN_DOUBLE:
        return (struct digest_field){.length = field->length,
                                     .content = (uint64_t)copy_out_integer(field)};
    case COLUMN_NUMERIC:
    case COLUMN_ORDER_STATUS:
    case COLUMN_TEXT:
    case COLUMN_UUID_V4:
        break;
    }
    return bytes_field(field->bytes, field->length, seed);
}

uint64_t row_digest_of_fields(const struct row_digest_columns *columns,
                              const struct copy_out_field *fields)
{
    struct digest_field found[TABLE_COLUMNS_MAX];

    for (size_t i = 0; i < columns->count; i++)
        found[i] = fields[i].bytes == NULL
                       ? null_field
                       : field_of_database(&columns->table->columns[columns->columns[i]],
                                           &fields[i], columns->seed);
    return XXH3_64bits_withSeed(found, columns->count * sizeof *found, columns->seed);
}
