#include "table/table.h"

#include "table/catalogue.h"
#include "table/orders.h"
#include "table/users.h"

#include <string.h>

static const struct table *const tables[TABLE_COUNT] = {
    [TABLE_DEPARTMENTS] = &table_departments,
    [TABLE_AISLES] = &table_aisles,
    [TABLE_PRODUCTS] = &table_products,
    [TABLE_PRODUCT_ENRICHED] = &table_product_enriched,
    [TABLE_USERS] = &table_users,
    [TABLE_ORDERS] = &table_orders,
    [TABLE_ORDER_ITEMS] = &table_order_items,
    [TABLE_ORDER_STATUS_HISTORY] = &table_order_status_history,
    [TABLE_CARTS] = &table_carts,
    [TABLE_CART_ITEMS] = &table_cart_items,
};

const struct table *table_get(enum table_id id)
{
    return tables[id];
}

enum table_id table_find(const char *name)
{
    for (int id = 0; id < TABLE_COUNT; id++)
        if (strcmp(tables[id]->name, name) == 0)
            return (enum table_id)id;
    return TABLE_NONE;
}

enum table_id table_streamed(void)
{
    int id = 0;

    while (id < TABLE_COUNT && !tables[id]->streamed)
        id++;
    return (enum table_id)id;
}

int table_column_of_header(const struct table *table, const char *header, size_t length)
{
    for (size_t i = 0; i < table->column_count; i++) {
        const char *candidate = table->columns[i].header;

        if (candidate != NULL && strlen(candidate) == length &&
            memcmp(candidate, header, length) == 0)
            return (int)i;
    }
    return -1;
}

int table_inferred_column(const struct table *table)
{
    return table_column_derived(table, ABSENT_INFERRED);
}

int table_column_named(const struct table *table, const char *name)
{
    for (size_t i = 0; i < table->column_count; i++)
        if (strcmp(table->columns[i].name, name) == 0)
            return (int)i;
    return -1;
}

int table_column_with_role(const struct table *table, enum column_role role)
{
    for (size_t i = 0; i < table->column_count; i++)
        if (table->columns[i].role == role)
            return (int)i;
    return -1;
}

int table_column_derived(const struct table *table, enum column_absent absent)
{
    for (size_t i = 0; i < table->column_count; i++)
        if (table->columns[i].absent == absent)
            return (int)i;
    return -1;
}

int table_column_delivering(const struct table *table, enum delivery_detail detail)
{
    for (size_t i = 0; i < table->column_count; i++)
        if (table->columns[i].absent == ABSENT_DELIVERY && table->columns[i].detail == detail)
            return (int)i;
    return -1;
}

/* The index of the foreign key to a table; -1 when there is none. */
static int column_referencing(const struct table *table, const struct table *referenced)
{
    for (size_t i = 0; i < table->column_count; i++)
        if (table->columns[i].has_reference && tables[table->columns[i].references] == referenced)
            return (int)i;
    return -1;
}

int table_column_naming(const struct table *table, const struct table *named)
{
    const struct column *key = &named->columns[named->key[0]];

    if (named->key_kind != KEY_ID)
        return -1;
    if (table == named)
        return (int)named->key[0];
    if (table_column_with_role(table, ROLE_PRICE) >= 0 &&
        table_column_with_role(named, ROLE_CATALOGUE_PRICE) >= 0)
        return column_referencing(table, tables[key->references]);
    return column_referencing(table, named);
}

void table_key_names(const struct table *table, const char *names[TABLE_KEY_MAX])
{
    for (size_t i = 0; i < table->key_count; i++)
        names[i] = table->columns[table->key[i]].name;
}

bool table_is_key(const struct table *table, size_t column)
{
    for (size_t i = 0; i < table->key_count; i++)
        if (table->key[i] == column)
            return true;
    return false;
}

void table_column_range(const struct column *column, int64_t *minimum, int64_t *maximum)
{
    *minimum = column->minimum;
    *maximum = column->maximum;
    if (*maximum == 0 && *minimum == 0) {
        *minimum = column->type == COLUMN_INTEGER ? INT32_MIN : INT64_MIN;
        *maximum = column->type == COLUMN_INTEGER ? INT32_MAX : INT64_MAX;
    } else if (*maximum == 0) {
        *maximum = INT64_MAX;
    }
}

static const char *const order_statuses[ORDER_STATUS_COUNT] = {
    "pending", "processing",       "shipped",  "delivered", "cancelled",
    "failed",  "return_requested", "returned", "refunded"};

const char *table_order_status(int number)
{
    return order_statuses[number];
}

int table_order_status_number(const char *text, size_t length)
{
    for (int i = 0; i < ORDER_STATUS_COUNT; i++)
        if (strlen(order_statuses[i]) == length && memcmp(order_statuses[i], text, length) == 0)
            return i;
    return -1;
}
