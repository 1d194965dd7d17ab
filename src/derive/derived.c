#include "derive/derived.h"

#include <assert.h>

/* value × 10^(to - from); false when it does not fit. */
static bool rescale(int64_t value, unsigned from, unsigned to, int64_t *result)
{
    *result = value;
    for (; from < to; from++)
        if (__builtin_mul_overflow(*result, INT64_C(10), result))
            return false;
    return true;
}

void derived_prepare(struct derived *derived)
{
    const struct table *items = table_get(TABLE_ORDER_ITEMS);

    derived->item_price = (size_t)table_column_with_role(items, ROLE_PRICE);
    derived->item_quantity = (size_t)table_column_with_role(items, ROLE_QUANTITY);
}

/* The price as it is kept: in an item's units, plus 1. False when it does not fit. */
static bool pack_price(const struct derived *derived, int64_t price, unsigned scale,
                       int64_t *packed)
{
    unsigned item_scale = table_get(TABLE_ORDER_ITEMS)->columns[derived->item_price].scale;

    return price >= 0 && rescale(price, scale, item_scale, packed) &&
           !__builtin_add_overflow(*packed, 1, packed);
}

bool derived_price_fits(const struct derived *derived, int64_t price, unsigned scale)
{
    int64_t packed;

    return pack_price(derived, price, scale, &packed);
}

bool derived_note_price(struct derived *derived, int64_t product, int64_t price, unsigned scale)
{
    int64_t *place = paged_array_at(&derived->prices, sizeof *place, product);
    bool fits;

    if (place == NULL)
        return false;
    fits = pack_price(derived, price, scale, place);
    assert(fits);
    (void)fits;
    return true;
}

bool derived_forget_price(struct derived *derived, int64_t product)
{
    int64_t *place = paged_array_at(&derived->prices, sizeof *place, product);

    if (place != NULL)
        *place = 0;
    return place != NULL;
}

static bool note_product(struct derived *derived, const struct table *table, const struct row *row,
                         bool exists)
{
    int column = table_column_with_role(table, ROLE_CATALOGUE_PRICE);
    int64_t product = row->values[table->key[0]].integer;

    /* The row may take the place of an earlier one that had a price. */
    if (!row->values[column].present)
        return derived_forget_price(derived, product);
    return (exists || id_set_add(&derived->products, product)) &&
           derived_note_price(derived, product, row->values[column].integer,
                              table->columns[column].scale);
}

static struct delivery_name name_of(const struct value *value)
{
    return (struct delivery_name){.text = value->text,
                                  .length = value->present ? value->length : 0};
}

/* The details of a user's row, but for the name. */
static struct delivery details_of(const struct table *table, const struct row *row)
{
    struct delivery delivery = {0};

    for (size_t i = 0; i < table->column_count; i++) {
        const struct column *column = &table->columns[i];

        if (column->role != ROLE_DELIVERY || !row->values[i].present)
            continue;
        delivery.texts[column->detail] = row->values[i].text;
        delivery.lengths[column->detail] = row->values[i].length;
    }
    return delivery;
}

static bool note_user(struct derived *derived, const struct table *table, const struct row *row,
                      bool exists)
{
    const struct value *first = &row->values[table_column_with_role(table, ROLE_FIRST_NAME)];
    const struct value *last = &row->values[table_column_with_role(table, ROLE_LAST_NAME)];
    const struct delivery delivery = details_of(table, row);
    int64_t user = row->values[table->key[0]].integer;

    if (!derived->keeps_deliveries)
        return true;
    if (exists && !id_set_add(&derived->known_users, user))
        return false;
    return delivery_add(&derived->deliveries, user, &delivery, name_of(first), name_of(last));
}

/* The column of a user's row that has a detail. */
static size_t column_of_detail(const struct table *users, enum delivery_detail detail)
{
    size_t column = 0;

    while (users->columns[column].role != ROLE_DELIVERY || users->columns[column].detail != detail)
        column++;
    return column;
}

bool derived_delivery_fits(const struct derived *derived, enum table_id id, const struct row *row,
                           bool exists, struct delivery_misfit *misfit)
{
    const struct delivery_room *room = &derived->deliveries.room;
    const struct table *table = table_get(id);
    struct delivery delivery = {0};
    enum delivery_detail detail;

    if (id == TABLE_USERS && exists)
        delivery = details_of(table, row);
    else if (id == TABLE_ORDERS)
        delivery = delivery_get(&derived->deliveries,
                                row->values[table_column_with_role(table, ROLE_RECIPIENT)].integer);
    detail = delivery_too_long(room, &delivery, &misfit->length);
    if (detail == DELIVERY_COUNT)
        return true;
    misfit->column = id == TABLE_ORDERS ? (size_t)table_column_with_role(table, ROLE_RECIPIENT)
                                        : column_of_detail(table, detail);
    misfit->orders = table_get(TABLE_ORDERS);
    misfit->orders_column = (size_t)table_column_delivering(misfit->orders, detail);
    misfit->limit = room->limits[detail];
    misfit->unit = room->in_bytes ? "bytes" : "characters";
    return false;
}

int64_t derived_item_price(const struct derived *derived, const struct table *table,
                           const struct row *row)
{
    const struct value *given = &row->values[derived->item_price];
    const int64_t *price;

    if (given->present)
        return given->integer;
    price = paged_array_peek(&derived->prices, sizeof *price, row->values[table->key[1]].integer);
    return price == NULL || *price == 0 ? 0 : *price - 1;
}

static bool note_item(struct derived *derived, const struct table *table, const struct row *row,
                      bool *overflow)
{
    const struct value *quantity = &row->values[derived->item_quantity];
    int64_t order = row->values[table->key[0]].integer;
    int64_t price = derived_item_price(derived, table, row);
    uint32_t *count = paged_array_at(&derived->item_counts, sizeof *count, order);
    int64_t *total = NULL;

    if (count == NULL)
        return false;
    /* An order's total_items is an integer. */
    *overflow = *count == INT32_MAX;
    if (*overflow)
        return false;
    if (price != 0) {
        total = paged_array_at(&derived->item_totals, sizeof *total, order);
        if (total == NULL)
            return false;
        *overflow =
            (quantity->present && __builtin_mul_overflow(price, quantity->integer, &price)) ||
            __builtin_add_overflow(*total, price, &price);
        if (*overflow)
            return false;
        *total = price;
    }
    ++*count;
    return true;
}

static bool note_event(struct derived *derived, const struct table *table, const struct row *row)
{
    return event_index_add(&derived->events, row->values[table->key[0]].integer,
                           row->values[table->key[1]].integer,
                           (unsigned)row->values[table->key[2]].integer);
}

/* The files may lack some details of a user who is in the database, so the order's are left to
 * it. */
static bool note_order(struct derived *derived, const struct table *table, const struct row *row,
                       bool exists)
{
    size_t user = (size_t)table_column_with_role(table, ROLE_RECIPIENT);

    return exists || id_set_is_empty(&derived->known_users) ||
           !id_set_contains(&derived->known_users, row->values[user].integer) ||
           id_set_add(&derived->user_orders, row->values[table->key[0]].integer);
}

bool derived_note_row(struct derived *derived, enum table_id id, const struct row *row, bool exists,
                      bool *overflow)
{
    const struct table *table = table_get(id);

    *overflow = false;
    switch (id) {
    case TABLE_PRODUCT_ENRICHED:
        return note_product(derived, table, row, exists);
    case TABLE_USERS:
        return note_user(derived, table, row, exists);
    case TABLE_ORDERS:
        return note_order(derived, table, row, exists);
    case TABLE_ORDER_ITEMS:
        return note_item(derived, table, row, overflow);
    case TABLE_ORDER_STATUS_HISTORY:
        return note_event(derived, table, row);
    default:
        return true;
    }
}

bool derived_note_change(struct derived *derived, enum table_id id, int64_t key)
{
    switch (id) {
    case TABLE_PRODUCT_ENRICHED:
        return id_set_add(&derived->products, key);
    case TABLE_USERS:
        return id_set_add(&derived->users, key);
    case TABLE_ORDERS:
        return id_set_add(&derived->user_orders, key) &&
               (!derived->dates_orders || id_set_add(&derived->dated_orders, key));
    case TABLE_ORDER_ITEMS:
        return id_set_add(&derived->item_orders, key);
    case TABLE_ORDER_STATUS_HISTORY:
        return id_set_add(&derived->event_orders, key);
    default:
        return true;
    }
}

uint32_t derived_item_count(const struct derived *derived, int64_t order)
{
    const uint32_t *count = paged_array_peek(&derived->item_counts, sizeof *count, order);

    return count == NULL ? 0 : *count;
}

int64_t derived_item_total(const struct derived *derived, int64_t order)
{
    const int64_t *total = paged_array_peek(&derived->item_totals, sizeof *total, order);

    return total == NULL ? 0 : *total;
}

void derived_free(struct derived *derived)
{
    delivery_index_free(&derived->deliveries);
    paged_array_free(&derived->item_counts);
    paged_array_free(&derived->item_totals);
    paged_array_free(&derived->prices);
    event_index_free(&derived->events);
    previous_status_free(&derived->previous);
    id_set_free(&derived->item_orders);
    id_set_free(&derived->event_orders);
    id_set_free(&derived->users);
    id_set_free(&derived->user_orders);
    id_set_free(&derived->dated_orders);
    id_set_free(&derived->known_users);
    id_set_free(&derived->products);
}
