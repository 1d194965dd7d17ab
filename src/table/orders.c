#include "table/orders.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

#define TEXT(column, limit)                                                                        \
    {                                                                                              \
        .name = column, .header = column, .type = COLUMN_TEXT, .length = (limit),                  \
        .absent = ABSENT_NULL                                                                      \
    }

static const struct column order_columns[] = {
    {.name = "id", .header = "order_id", .type = COLUMN_BIGINT, .identifies = true, .minimum = 1},
    {.name = "external_order_id",
     .header = "external_order_id",
     .type = COLUMN_UUID_V4,
     .unique = true,
     .stable = true,
     .absent = ABSENT_RANDOM_UUID},
    {.name = "user_id",
     .header = "user_id",
     .type = COLUMN_BIGINT,
     .identifies = true,
     .minimum = 1,
     .has_reference = true,
     .references = TABLE_USERS},
    {.name = "order_number", .header = "order_number", .type = COLUMN_INTEGER, .identifies = true},
    {.name = "order_dow",
     .header = "order_dow",
     .type = COLUMN_INTEGER,
     .minimum = 0,
     .maximum = 6},
    {.name = "order_hour_of_day",
     .header = "order_hour_of_day",
     .type = COLUMN_INTEGER,
     .minimum = 0,
     .maximum = 23},
    {.name = "days_since_prior_order",
     .header = "days_since_prior_order",
     .type = COLUMN_INTEGER,
     .absent = ABSENT_NULL},
    {.name = "total_items", .type = COLUMN_INTEGER, .absent = ABSENT_INTEGER},
    {.name = "total_price", .type = COLUMN_DOUBLE, .absent = ABSENT_INTEGER},
    {.name = "status",
     .type = COLUMN_ORDER_STATUS,
     .absent = ABSENT_TEXT,
     .absent_text = "pending"},
    TEXT("tracking_number", 100),
    TEXT("shipping_carrier", 50),
    TEXT("tracking_url", 255),
    {.name = "created_at",
     .header = "created_at",
     .type = COLUMN_TIMESTAMPTZ,
     .absent = ABSENT_LOAD_TIME},
    {.name = "updated_at", .type = COLUMN_TIMESTAMPTZ, .absent = ABSENT_LOAD_TIME},
};

const struct table table_orders = {
    .dataset = "orders",
    .schema = "orders",
    .name = "orders",
    .row_name = "order",
    .columns = order_columns,
    .column_count = COUNT(order_columns),
    .key = {0},
    .key_count = 1,
    .floor = 3422000,
    .has_sequence = true,
};

static const struct column order_item_columns[] = {
    {.name = "order_id",
     .header = "order_id",
     .type = COLUMN_BIGINT,
     .identifies = true,
     .minimum = 1,
     .has_reference = true,
     .references = TABLE_ORDERS},
    {.name = "product_id",
     .header = "product_id",
     .type = COLUMN_INTEGER,
     .identifies = true,
     .minimum = 1,
     .maximum = INT32_MAX,
     .has_reference = true,
     .references = TABLE_PRODUCTS},
    {.name = "add_to_cart_order",
     .header = "add_to_cart_order",
     .type = COLUMN_INTEGER,
     .identifies = true,
     .minimum = 0,
     .maximum = INT32_MAX},
    {.name = "reordered",
     .header = "reordered",
     .type = COLUMN_INTEGER,
     .minimum = 0,
     .maximum = 1,
     .absent = ABSENT_INTEGER},
    {.name = "quantity",
     .header = "quantity",
     .type = COLUMN_INTEGER,
     .minimum = 1,
     .maximum = INT32_MAX,
     .absent = ABSENT_INTEGER,
     .absent_integer = 1},
    {.name = "price",
     .header = "price",
     .type = COLUMN_DOUBLE,
     .minimum = 0,
     .maximum = INT32_MAX,
     .absent = ABSENT_INTEGER},
};

const struct table table_order_items = {
    .dataset = "order items",
    .schema = "orders",
    .name = "order_items",
    .row_name = "order item",
    .columns = order_item_columns,
    .column_count = COUNT(order_item_columns),
    .key = {0, 1},
    .key_count = 2,
};

/* Carts have no history: nothing is loaded, but their sequence is set and --reset protects them. */
static const struct column cart_columns[] = {{.name = "id", .type = COLUMN_BIGINT}};

const struct table table_carts = {
    .schema = "orders",
    .name = "carts",
    .row_name = "cart",
    .columns = cart_columns,
    .column_count = COUNT(cart_columns),
    .key = {0},
    .key_count = 1,
    .floor = 1,
    .has_sequence = true,
};
