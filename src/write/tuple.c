#include "write/tuple.h"

#include "value/decimal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void send_status(struct copy_in *copy, int64_t status)
{
    const char *label = table_order_status((int)status);

    copy_in_bytes(copy, label, strlen(label));
}

static void send_numeric(struct copy_in *copy, int64_t units, unsigned scale)
{
    uint8_t binary[DECIMAL_BINARY_SIZE];

    copy_in_bytes(copy, binary, decimal_encode_numeric(units, scale, binary));
}

/* Everything but texts and UUIDs is an integer in some unit. */
static void send_integer(struct copy_in *copy, const struct column *column, int64_t integer)
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
        send_numeric(copy, integer, column->scale);
        break;
    case COLUMN_ORDER_STATUS:
        send_status(copy, integer);
        break;
    case COLUMN_TEXT:
    case COLUMN_UUID_V4:
        break;
    }
}

static void send_value(struct copy_in *copy, const struct column *column, const struct value *value)
{
    if (column->type == COLUMN_TEXT)
        copy_in_bytes(copy, value->text, value->length);
    else if (column->type == COLUMN_UUID_V4)
        copy_in_bytes(copy, value->uuid, UUID_SIZE);
    else
        send_integer(copy, column, value->integer);
}

/* One row being written. */
struct tuple {
    struct copy_in *copy;
    const struct dataset *dataset;
    const struct row *row;
    struct tuple_context *context;
    bool inferred;
    struct error *error;
};

static int64_t row_id(const struct tuple *tuple)
{
    return tuple->row->values[tuple->dataset->table->key[0]].integer;
}

/* The external id, the file's or a fresh one, goes to the id map as well. */
static bool send_external_id(const struct tuple *tuple, const struct value *given)
{
    uint8_t fresh[UUID_SIZE];
    const uint8_t *uuid = given->present ? given->uuid : fresh;

    if (!given->present && !uuid_generate_v4(&tuple->context->uuids, fresh))
        return error_set(tuple->error, ERROR_INTERNAL, "the system gives no random bytes: %s",
                         strerror(errno));
    copy_in_bytes(tuple->copy, uuid, UUID_SIZE);
    return tuple->context->id_map == NULL ||
           id_map_add(tuple->context->id_map, tuple->dataset->table, row_id(tuple), uuid,
                      tuple->error);
}

static void send_copy(const struct tuple *tuple, const struct column *column, size_t index)
{
    const struct value *original = &tuple->row->values[tuple->dataset->copy_of[index]];
    const struct column *copied = &tuple->dataset->table->columns[tuple->dataset->copy_of[index]];

    if (original->present)
        send_integer(tuple->copy, column, original->integer + column->absent_integer);
    else if (copied->absent == ABSENT_LOAD_TIME)
        copy_in_bigint(tuple->copy, tuple->context->load_time);
    else
        copy_in_null(tuple->copy);
}

static void send_given(const struct tuple *tuple, size_t index)
{
    if (tuple->row->values[tuple->dataset->copy_of[index]].present)
        copy_in_boolean(tuple->copy, true);
    else
        copy_in_null(tuple->copy);
}

static void send_delivery(const struct tuple *tuple, const struct column *column)
{
    const struct table *table = tuple->dataset->table;
    size_t user = (size_t)table_column_referencing(table, TABLE_USERS);
    struct delivery delivery =
        delivery_get(&tuple->context->derived->deliveries, tuple->row->values[user].integer);

    if (delivery.texts[column->absent_integer] == NULL)
        copy_in_null(tuple->copy);
    else
        copy_in_bytes(tuple->copy, delivery.texts[column->absent_integer],
                      delivery.lengths[column->absent_integer]);
}

static void send_last_status(const struct tuple *tuple, const struct column *column)
{
    const struct event *last = event_index_last(&tuple->context->derived->events, row_id(tuple));

    send_status(tuple->copy, last != NULL ? last->status : column->absent_integer);
}

static void send_last_status_time(const struct tuple *tuple, const struct column *column,
                                  size_t index)
{
    const struct event *last = event_index_last(&tuple->context->derived->events, row_id(tuple));

    if (last != NULL)
        copy_in_bigint(tuple->copy, last->time);
    else
        send_copy(tuple, column, index);
}

static void send_previous_status(const struct tuple *tuple)
{
    const struct event *last;
    int32_t status = PREVIOUS_STATUS_NONE;

    if (!previous_status_get(&tuple->context->derived->previous, tuple->context->line, &status)) {
        last = event_index_last(tuple->context->events, row_id(tuple));
        status = last != NULL ? last->status : PREVIOUS_STATUS_NONE;
    }
    if (status != PREVIOUS_STATUS_NONE)
        send_status(tuple->copy, status);
    else
        copy_in_null(tuple->copy);
}

static bool send_absent(const struct tuple *tuple, size_t index)
{
    const struct column *column = &tuple->dataset->table->columns[index];
    const struct derived *derived = tuple->context->derived;

    switch (column->absent) {
    case ABSENT_REFUSED:
    case ABSENT_NULL:
        copy_in_null(tuple->copy);
        break;
    case ABSENT_INTEGER:
        send_integer(tuple->copy, column, column->absent_integer);
        break;
    case ABSENT_RANDOM_UUID:
        if (!tuple->context->staged)
            return send_external_id(tuple, &tuple->row->values[index]);
        copy_in_null(tuple->copy);
        break;
    case ABSENT_LOAD_TIME:
        if (tuple->context->staged)
            copy_in_null(tuple->copy);
        else
            copy_in_bigint(tuple->copy, tuple->context->load_time);
        break;
    case ABSENT_INFERRED:
        copy_in_boolean(tuple->copy, tuple->inferred);
        break;
    case ABSENT_COPY:
        send_copy(tuple, column, index);
        break;
    case ABSENT_GIVEN:
        send_given(tuple, index);
        break;
    case ABSENT_DELIVERY:
        send_delivery(tuple, column);
        break;
    case ABSENT_ITEM_COUNT:
        send_integer(tuple->copy, column, derived_item_count(derived, row_id(tuple)));
        break;
    case ABSENT_ITEM_TOTAL:
        send_integer(tuple->copy, column, derived_item_total(derived, row_id(tuple)));
        break;
    case ABSENT_LAST_STATUS:
        send_last_status(tuple, column);
        break;
    case ABSENT_LAST_STATUS_TIME:
        send_last_status_time(tuple, column, index);
        break;
    case ABSENT_PREVIOUS_STATUS:
        send_previous_status(tuple);
        break;
    case ABSENT_CATALOGUE_PRICE:
        send_integer(tuple->copy, column,
                     derived_item_price(derived, tuple->dataset->table, tuple->row));
        break;
    }
    return true;
}

static bool send_column(const struct tuple *tuple, size_t index)
{
    const struct column *column = &tuple->dataset->table->columns[index];
    const struct value *value = &tuple->row->values[index];

    if (!value->present || column->absent == ABSENT_RANDOM_UUID)
        return send_absent(tuple, index);
    send_value(tuple->copy, column, value);
    return true;
}

static bool send(const struct tuple *tuple)
{
    const struct copied_columns *copied = tuple->context->columns;

    copy_in_row(tuple->copy, (uint16_t)(copied->count + tuple->context->staged));
    for (size_t i = 0; i < copied->count; i++)
        if (!send_column(tuple, copied->columns[i]))
            return false;
    if (tuple->context->staged)
        copy_in_integer(tuple->copy, tuple->context->file);
    return copy_in_row_end(tuple->copy, tuple->error);
}

bool tuple_send(struct copy_in *copy, const struct dataset *dataset, const struct row *row,
                struct tuple_context *context, struct error *error)
{
    const struct tuple tuple = {copy, dataset, row, context, false, error};

    return send(&tuple);
}

/* The texts of a placeholder; `numbered` holds one that has the id in it. */
static void set_inferred_text(struct value *value, const char *text, int64_t id, char *numbered,
                              size_t size)
{
    size_t length = strlen(text);

    value->present = true;
    value->text = text;
    value->length = length;
    if (text[length - 1] != '#')
        return;
    value->text = numbered;
    value->length = (size_t)snprintf(numbered, size, "%.*s%" PRId64, (int)length - 1, text, id);
}

bool tuple_send_inferred(struct copy_in *copy, const struct dataset *dataset, int64_t id,
                         struct tuple_context *context, struct error *error)
{
    const struct table *table = dataset->table;
    struct row row = {0};
    const struct tuple tuple = {copy, dataset, &row, context, true, error};
    char numbered[64];

    for (size_t i = 0; i < table->column_count; i++) {
        const struct column *column = &table->columns[i];
        struct value *value = &row.values[i];

        if (i == table->key[0])
            *value = (struct value){.present = true, .integer = id};
        else if (column->inferred_text != NULL)
            set_inferred_text(value, column->inferred_text, id, numbered, sizeof numbered);
        else if (column->inferred_integer != 0)
            *value = (struct value){.present = true, .integer = column->inferred_integer};
    }
    return send(&tuple);
}
