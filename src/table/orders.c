#include "table/orders.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

#define TEXT(column, limit)                                                                        \
    {                                                                                              \
        .name = column, .header = column, .type = COLUMN_TEXT, .length = (limit),                  \
        .absent = ABSENT_NULL                                                                      \
    }

/* The user's, at the time of the load. */
#define DELIVERED(column, limit, number)                                                           \
    {                                                                                              \
        .name = column, .type = COLUMN_TEXT, .length = (limit), .absent = ABSENT_DELIVERY,         \
        .detail = (number)                                                                         \
    }

/* Fraction digits of an item's price that count: more than any currency has. */
enum { PRICE_SCALE = 8 };

static const struct column order_columns[] = {
    {.name = "id", .header = "order_id", .type = COLUMN_BIGINT, .identifies = true, .minimum = 1},
    {.name = "external_order_id",
     .header = "external_order_id",
     .synonyms = "order_uuid uuid",
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
     .references = TABLE_USERS,
     .role = ROLE_RECIPIENT},
    {.name = "order_number",
     .header = "order_number",
     .synonyms = "order_num order_no",
     .type = COLUMN_INTEGER,
     .identifies = true},
    {.name = "order_dow",
     .header = "order_dow",
     .synonyms = "day_of_week order_day_of_week dow",
     .type = COLUMN_INTEGER,
     .minimum = 0,
     .maximum = 6},
    {.name = "order_hour_of_day",
     .header = "order_hour_of_day",
     .synonyms = "hour_of_day order_hour",
     .type = COLUMN_INTEGER,
     .minimum = 0,
     .maximum = 23},
    {.name = "days_since_prior_order",
     .header = "days_since_prior_order",
     .synonyms = "days_since_prior days_since_last_order",
     .type = COLUMN_INTEGER,
     .absent = ABSENT_NULL},
    {.name = "total_items", .type = COLUMN_INTEGER, .absent = ABSENT_ITEM_COUNT},
    {.name = "total_price",
     .type = COLUMN_DOUBLE,
     .scale = PRICE_SCALE,
     .absent = ABSENT_ITEM_TOTAL},
    {.name = "status",
     .type = COLUMN_ORDER_STATUS,
     .absent = ABSENT_LAST_STATUS,
     .initial_status = ORDER_STATUS_PENDING},
    DELIVERED("delivery_name", 100, DELIVERY_NAME),
    DELIVERED("phone_number", 50, DELIVERY_PHONE_NUMBER),
    DELIVERED("street_address", 255, DELIVERY_STREET_ADDRESS),
    DELIVERED("city", 100, DELIVERY_CITY),
    DELIVERED("postal_code", 20, DELIVERY_POSTAL_CODE),
    DELIVERED("country", 100, DELIVERY_COUNTRY),
    TEXT("tracking_number", 100),
    TEXT("shipping_carrier", 50),
    TEXT("tracking_url", 255),
    {.name = "created_at",
     .header = "created_at",
     .synonyms = "created order_date",
     .type = COLUMN_TIMESTAMPTZ,
     .absent = ABSENT_LOAD_TIME},
    {.name = "updated_at",
     .type = COLUMN_TIMESTAMPTZ,
     .absent = ABSENT_LAST_STATUS_TIME,
     .copy_of = "created_at"},
};

const struct table table_orders = {
    .dataset = "orders",
    .schema = "orders",
    .name = "orders",
    .row_name = "order",
    .unused_columns = "eval_set",
    .columns = order_columns,
    .column_count = COUNT(order_columns),
    .key = {0},
    .key_count = 1,
    .floor = 3422000,
    .sequence_column = "id",
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
     .synonyms = "cart_order position",
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
     .synonyms = "qty",
     .type = COLUMN_INTEGER,
     .minimum = 1,
     .maximum = INT32_MAX,
     .absent = ABSENT_INTEGER,
     .default_integer = 1,
     .role = ROLE_QUANTITY},
    {.name = "price",
     .header = "price",
     .synonyms = "unit_price item_price",
     .type = COLUMN_DOUBLE,
     .scale = PRICE_SCALE,
     .absent = ABSENT_CATALOGUE_PRICE,
     .role = ROLE_PRICE},
    /* Tells a price that a file gave from one that follows the catalogue. */
    {.name = "price_given",
     .type = COLUMN_BOOLEAN,
     .optional = true,
     .absent = ABSENT_GIVEN,
     .copy_of = "price"},
};

const struct table table_order_items = {
    .dataset = "order items",
    .schema = "orders",
    .name = "order_items",
    .row_name = "order item",
    .columns = order_item_columns,
    .column_count = COUNT(order_item_columns),
    .key_kind = KEY_PAIR,
    .key = {0, 1},
    .key_count = 2,
    .streamed = true,
};

static const struct column order_status_history_columns[] = {
    {.name = "order_id",
     .header = "order_id",
     .type = COLUMN_BIGINT,
     .identifies = true,
     .minimum = 1,
     .has_reference = true,
     .references = TABLE_ORDERS},
    {.name = "changed_at", .header = "changed_at", .type = COLUMN_TIMESTAMPTZ, .identifies = true},
    {.name = "new_status", .header = "status", .type = COLUMN_ORDER_STATUS, .identifies = true},
    {.name = "old_status", .type = COLUMN_ORDER_STATUS, .absent = ABSENT_PREVIOUS_STATUS},
};

const struct table table_order_status_history = {
    .dataset = "order status history",
    .schema = "orders",
    .name = "order_status_history",
    .row_name = "status change",
    .columns = order_status_history_columns,
    .column_count = COUNT(order_status_history_columns),
    .key_kind = KEY_EVENT,
    .key = {0, 1, 2},
    .key_count = 3,
    .sequence_column = "history_id",
};

/* Carts have no history: nothing is loaded, but their sequence is set, --reset protects them, and
 * --verify looks at them. */
static const struct column cart_columns[] = {
    {.name = "id", .type = COLUMN_BIGINT},
    {.name = "external_cart_id",
     .type = COLUMN_UUID_V4,
     .unique = true,
     .stable = true,
     .absent = ABSENT_RANDOM_UUID},
    {.name = "user_id", .type = COLUMN_BIGINT, .has_reference = true, .references = TABLE_USERS},
};

const struct table table_carts = {
    .schema = "orders",
    .name = "carts",
    .row_name = "cart",
    .columns = cart_columns,
    .column_count = COUNT(cart_columns),
    .key = {0},
    .key_count = 1,
    .floor = 1,
    .sequence_column = "id",
};

static const struct column cart_item_columns[] = {
    {.name = "cart_id", .type = COLUMN_BIGINT, .has_reference = true, .references = TABLE_CARTS},
    {.name = "product_id",
     .type = COLUMN_INTEGER,
     .has_reference = true,
     .references = TABLE_PRODUCTS},
};

const struct table table_cart_items = {
    .schema = "orders",
    .name = "cart_items",
    .row_name = "cart item",
    .columns = cart_item_columns,
    .column_count = COUNT(cart_item_columns),
    .key_kind = KEY_PAIR,
    .key = {0, 1},
    .key_count = 2,
};
