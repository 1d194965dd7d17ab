#include "table/table.h"

#include "table/catalogue.h"
#include "table/orders.h"
#include "table/users.h"

#include <string.h>

static const struct table *const tables[TABLE_COUNT] = {
    [TABLE_DEPARTMENTS] = &table_departments,
    [TABLE_AISLES] = &table_aisles,
    [TABLE_PRODUCTS] = &table_products,
    [TABLE_USERS] = &table_users,
    [TABLE_ORDERS] = &table_orders,
    [TABLE_ORDER_ITEMS] = &table_order_items,
    [TABLE_CARTS] = &table_carts,
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
    for (size_t i = 0; i < table->column_count; i++)
        if (table->columns[i].absent == ABSENT_INFERRED)
            return (int)i;
    return -1;
}
