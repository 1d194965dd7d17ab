#include "write/encode.h"

#include "table/table.h"
#include "value/decimal.h"

#include <string.h>

void encode_status(struct copy_in *copy, int status)
{
    const char *label = table_order_status(status);

    copy_in_bytes(copy, label, strlen(label));
}

static void encode_numeric(struct copy_in *copy, int64_t units, unsigned scale)
{
    uint8_t binary[DECIMAL_BINARY_SIZE];

    copy_in_bytes(copy, binary, decimal_encode_numeric(units, scale, binary));
}

void encode_integer(struct copy_in *copy, const struct column *column, int64_t integer)
{
    switch (column->type) {
    case COLUMN_BIGINT:
    case COLUMN_TIMESTAMPTZ:
        copy_in_bigint(copy, integer);
        break;
    case COLUMN_INTEGER:
        copy_in_integer(copy, (int32_t)integer);
        break;
    case COLUMN_BOOLEAN:
        copy_in_boolean(copy, integer != 0);
        break;
    case COLUMN_DOUBLE:
        copy_in_double(copy, decimal_to_double(integer, column->scale));
        break;
    case COLUMN_NUMERIC:
        encode_numeric(copy, integer, column->scale);
        break;
    case COLUMN_ORDER_STATUS:
        encode_status(copy, (int)integer);
        break;
    case COLUMN_TEXT:
    case COLUMN_UUID_V4:
        break;
    }
}

void encode_value(struct copy_in *copy, const struct column *column, const struct value *value)
{
    if (column->type == COLUMN_TEXT)
        copy_in_bytes(copy, value->text, value->length);
    else if (column->type == COLUMN_UUID_V4)
        copy_in_bytes(copy, value->uuid, UUID_SIZE);
    else
        encode_integer(copy, column, value->integer);
}
