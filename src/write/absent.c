#include "write/absent.h"

#include "write/encode.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const struct column *described(const struct tuple *tuple, size_t column)
{
    return &tuple->dataset->table->columns[column];
}

static int64_t row_id(const struct tuple *tuple)
{
    return tuple->row->values[tuple->dataset->table->key[0]].integer;
}

static const struct catalog_column *found(const struct dataset *dataset, size_t column)
{
    return &dataset->database.catalog.columns[column];
}

static bool has_default_integer(const struct catalog_column *column, int64_t integer)
{
    char *end;

    return column->has_default && column->default_value[0] != '\0' &&
           strtod(column->default_value, &end) == (double)integer && *end == '\0';
}

static bool has_default_text(const struct catalog_column *column, const char *text)
{
    return column->has_default && strcmp(column->default_value, text) == 0;
}

/* ABSENT_REFUSED, of a placeholder alone; ABSENT_NULL */
static bool send_null(const struct tuple *tuple, size_t column)
{
    (void)column;
    copy_in_null(tuple->copy);
    return true;
}

static bool default_is_null(const struct dataset *dataset, const struct derived *derived,
                            size_t column)
{
    (void)derived;
    return !found(dataset, column)->has_default;
}

/* ABSENT_INTEGER */
static bool send_integer(const struct tuple *tuple, size_t column)
{
    encode_integer(tuple->copy, described(tuple, column),
                   described(tuple, column)->default_integer);
    return true;
}

static bool default_is_integer(const struct dataset *dataset, const struct derived *derived,
                               size_t column)
{
    const struct column *description = &dataset->table->columns[column];

    (void)derived;
    return description->type == COLUMN_BOOLEAN
               ? has_default_text(found(dataset, column),
                                  description->default_integer != 0 ? "true" : "false")
               : has_default_integer(found(dataset, column), description->default_integer);
}

/* ABSENT_RANDOM_UUID. The external id, the file's or a fresh one, goes to the id map as well. */
static bool send_external_id(const struct tuple *tuple, size_t column)
{
    struct tuple_context *context = tuple->context;
    const struct value *given = &tuple->row->values[column];
    uint8_t fresh[UUID_SIZE];
    const uint8_t *uuid = given->present ? given->uuid : fresh;

    if (context->staged)
        return send_null(tuple, column);
    if (!given->present && !uuid_generate_v4(&context->uuids, fresh))
        return error_set(tuple->error, ERROR_INTERNAL, "the system gives no random bytes: %s",
                         strerror(errno));
    copy_in_bytes(tuple->copy, uuid, UUID_SIZE);
    return context->id_map == NULL ||
           id_map_add(context->id_map, tuple->dataset->table, row_id(tuple), uuid, tuple->error);
}

/* ABSENT_LOAD_TIME */
static bool send_load_time(const struct tuple *tuple, size_t column)
{
    if (tuple->context->staged)
        return send_null(tuple, column);
    copy_in_bigint(tuple->copy, tuple->context->load_time);
    return true;
}

/* The time at which the transaction began, which is the load time where that is the run's. */
static bool default_is_now(const struct dataset *dataset, const struct derived *derived,
                           size_t column)
{
    const struct catalog_column *in_database = found(dataset, column);

    (void)derived;
    return !dataset->database.filled_apart &&
           (has_default_text(in_database, "now()") ||
            has_default_text(in_database, "CURRENT_TIMESTAMP") ||
            has_default_text(in_database, "transaction_timestamp()"));
}

/* ABSENT_INFERRED. Placeholders are never left to a default. */
static bool send_inferred(const struct tuple *tuple, size_t column)
{
    (void)column;
    copy_in_boolean(tuple->copy, tuple->inferred);
    return true;
}

static bool default_is_false(const struct dataset *dataset, const struct derived *derived,
                             size_t column)
{
    (void)derived;
    return has_default_text(found(dataset, column), "false");
}

/* ABSENT_COPY */
static bool send_copy(const struct tuple *tuple, size_t column)
{
    size_t original = tuple->dataset->copy_of[column];
    const struct value *value = &tuple->row->values[original];

    if (value->present)
        encode_integer(tuple->copy, described(tuple, column),
                       value->integer + described(tuple, column)->copy_offset);
    else if (described(tuple, original)->absent == ABSENT_LOAD_TIME)
        copy_in_bigint(tuple->copy, tuple->context->load_time);
    else
        copy_in_null(tuple->copy);
    return true;
}

static bool default_is_copy(const struct dataset *dataset, const struct derived *derived,
                            size_t column)
{
    size_t original = dataset->copy_of[column];

    if (dataset_has_column(dataset, original))
        return false;
    return dataset->table->columns[original].absent == ABSENT_LOAD_TIME
               ? default_is_now(dataset, derived, column)
               : default_is_null(dataset, derived, column);
}

/* ABSENT_GIVEN */
static bool send_given(const struct tuple *tuple, size_t column)
{
    if (!tuple->row->values[tuple->dataset->copy_of[column]].present)
        return send_null(tuple, column);
    copy_in_boolean(tuple->copy, true);
    return true;
}

static bool default_is_not_given(const struct dataset *dataset, const struct derived *derived,
                                 size_t column)
{
    return !dataset_has_column(dataset, dataset->copy_of[column]) &&
           default_is_null(dataset, derived, column);
}

/* ABSENT_DELIVERY */
static bool send_delivery(const struct tuple *tuple, size_t column)
{
    size_t user = (size_t)table_column_with_role(tuple->dataset->table, ROLE_RECIPIENT);
    struct delivery delivery =
        delivery_get(&tuple->context->derived->deliveries, tuple->row->values[user].integer);
    enum delivery_detail detail = described(tuple, column)->detail;

    if (delivery.texts[detail] == NULL)
        return send_null(tuple, column);
    copy_in_bytes(tuple->copy, delivery.texts[detail], delivery.lengths[detail]);
    return true;
}

/* ABSENT_ITEM_COUNT */
static bool send_item_count(const struct tuple *tuple, size_t column)
{
    encode_integer(tuple->copy, described(tuple, column),
                   derived_item_count(tuple->context->derived, row_id(tuple)));
    return true;
}

static bool default_is_no_items(const struct dataset *dataset, const struct derived *derived,
                                size_t column)
{
    return paged_array_is_empty(&derived->item_counts) &&
           has_default_integer(found(dataset, column), 0);
}

/* ABSENT_ITEM_TOTAL */
static bool send_item_total(const struct tuple *tuple, size_t column)
{
    encode_integer(tuple->copy, described(tuple, column),
                   derived_item_total(tuple->context->derived, row_id(tuple)));
    return true;
}

static bool default_is_no_total(const struct dataset *dataset, const struct derived *derived,
                                size_t column)
{
    return paged_array_is_empty(&derived->item_totals) &&
           has_default_integer(found(dataset, column), 0);
}

/* ABSENT_LAST_STATUS */
static bool send_last_status(const struct tuple *tuple, size_t column)
{
    const struct event *last = event_index_last(&tuple->context->derived->events, row_id(tuple));

    encode_status(tuple->copy,
                  last != NULL ? last->status : described(tuple, column)->initial_status);
    return true;
}

static bool default_is_initial_status(const struct dataset *dataset, const struct derived *derived,
                                      size_t column)
{
    return paged_array_is_empty(&derived->events.events) &&
           has_default_text(found(dataset, column),
                            table_order_status(dataset->table->columns[column].initial_status));
}

/* ABSENT_LAST_STATUS_TIME */
static bool send_last_status_time(const struct tuple *tuple, size_t column)
{
    const struct event *last = event_index_last(&tuple->context->derived->events, row_id(tuple));

    if (last == NULL)
        return send_copy(tuple, column);
    copy_in_bigint(tuple->copy, last->time);
    return true;
}

static bool default_is_initial_time(const struct dataset *dataset, const struct derived *derived,
                                    size_t column)
{
    return paged_array_is_empty(&derived->events.events) &&
           default_is_copy(dataset, derived, column);
}

/* ABSENT_PREVIOUS_STATUS */
static bool send_previous_status(const struct tuple *tuple, size_t column)
{
    const struct tuple_context *context = tuple->context;
    const struct event *last;
    int32_t status = PREVIOUS_STATUS_NONE;

    if (!previous_status_get(&context->derived->previous, context->line, &status)) {
        last = event_index_last(context->events, row_id(tuple));
        status = last != NULL ? last->status : PREVIOUS_STATUS_NONE;
    }
    if (status == PREVIOUS_STATUS_NONE)
        return send_null(tuple, column);
    encode_status(tuple->copy, status);
    return true;
}

/* ABSENT_CATALOGUE_PRICE */
static bool send_catalogue_price(const struct tuple *tuple, size_t column)
{
    encode_integer(tuple->copy, described(tuple, column),
                   derived_item_price(tuple->context->derived, tuple->dataset->table, tuple->row));
    return true;
}

static bool default_is_no_price(const struct dataset *dataset, const struct derived *derived,
                                size_t column)
{
    return paged_array_is_empty(&derived->prices) && has_default_integer(found(dataset, column), 0);
}

static const struct rule {
    bool (*send)(const struct tuple *tuple, size_t column);

    /* NULL: no default does the same. */
    bool (*is_default)(const struct dataset *dataset, const struct derived *derived, size_t column);
} rules[ABSENT_COUNT] = {
    [ABSENT_REFUSED] = {.send = send_null},
    [ABSENT_NULL] = {.send = send_null, .is_default = default_is_null},
    [ABSENT_INTEGER] = {.send = send_integer, .is_default = default_is_integer},
    [ABSENT_RANDOM_UUID] = {.send = send_external_id},
    [ABSENT_LOAD_TIME] = {.send = send_load_time, .is_default = default_is_now},
    [ABSENT_INFERRED] = {.send = send_inferred, .is_default = default_is_false},
    [ABSENT_COPY] = {.send = send_copy, .is_default = default_is_copy},
    [ABSENT_GIVEN] = {.send = send_given, .is_default = default_is_not_given},
    [ABSENT_DELIVERY] = {.send = send_delivery},
    [ABSENT_ITEM_COUNT] = {.send = send_item_count, .is_default = default_is_no_items},
    [ABSENT_ITEM_TOTAL] = {.send = send_item_total, .is_default = default_is_no_total},
    [ABSENT_LAST_STATUS] = {.send = send_last_status, .is_default = default_is_initial_status},
    [ABSENT_LAST_STATUS_TIME] = {.send = send_last_status_time,
                                 .is_default = default_is_initial_time},
    [ABSENT_PREVIOUS_STATUS] = {.send = send_previous_status},
    [ABSENT_CATALOGUE_PRICE] = {.send = send_catalogue_price, .is_default = default_is_no_price},
};

bool absent_send(const struct tuple *tuple, size_t column)
{
    return rules[described(tuple, column)->absent].send(tuple, column);
}

bool absent_is_default(const struct dataset *dataset, const struct derived *derived, size_t column)
{
    const struct rule *rule = &rules[dataset->table->columns[column].absent];

    return rule->is_default != NULL && rule->is_default(dataset, derived, column);
}
