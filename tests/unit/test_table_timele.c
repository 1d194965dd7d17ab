#include "described_table.h"
#include "suite.h"

START_TEST(knows_no_other_table)
{
    ck_assert_int_eq(table_find(""), TABLE_NONE);
    ck_assert_int_eq(table_find("user"), TABLE_NONE);
    ck_assert_int_eq(table_find("Users"), TABLE_NONE);
    ck_assert_int_eq(table_find("users.users"), TABLE_NONE);
}
END_TEST

START_TEST(a_hashed_password_is_secret)
{
    const struct column *column = column_of_header(table_get(TABLE_USERS), "hashed_password");

    ck_assert_ptr_nonnull(column);
    ck_assert(column->secret);
}
END_TEST

/* The datasets as people were told of them. */
static const struct {
    enum table_id id;
    const char *dataset;
    const char *schema;
    const char *name;
    int64_t floor;
    const char *sequence_column;
} loaded_tables[] = {
    {TABLE_DEPARTMENTS, "departments", "products", "departments", 0, "department_id"},
    {TABLE_AISLES, "aisles", "products", "aisles", 0, "aisle_id"},
    {TABLE_PRODUCTS, "products", "products", "products", 0, "product_id"},
    {TABLE_PRODUCT_ENRICHED, "enriched products", "products", "product_enriched", 0, NULL},
    {TABLE_USERS, "users", "users", "users", 400000, "id"},
    {TABLE_ORDERS, "orders", "orders", "orders", 3422000, "id"},
    {TABLE_ORDER_ITEMS, "order items", "orders", "order_items", 0, NULL},
    {TABLE_ORDER_STATUS_HISTORY, "order status history", "orders", "order_status_history", 0,
     "history_id"},
};

/* NULL: there is none. */
static void expect_name(const char *name, const char *expected)
{
    if (expected == NULL)
        ck_assert_ptr_null(name);
    else
        ck_assert_str_eq(name, expected);
}

START_TEST(describes_the_tables_that_are_loaded)
{
    const struct table *table = table_get(loaded_tables[_i].id);

    ck_assert_str_eq(table->dataset, loaded_tables[_i].dataset);
    ck_assert_str_eq(table->schema, loaded_tables[_i].schema);
    ck_assert_str_eq(table->name, loaded_tables[_i].name);
    ck_assert_int_eq(table->floor, loaded_tables[_i].floor);
    expect_name(table->sequence_column, loaded_tables[_i].sequence_column);
}
END_TEST

START_TEST(carts_have_a_floor_and_no_files)
{
    const struct table *table = table_get(TABLE_CARTS);

    ck_assert_ptr_null(table->dataset);
    ck_assert_int_eq(table->floor, 1);
    ck_assert_str_eq(table->sequence_column, "id");
}
END_TEST

/* Every column that a file may have: its column in the database, its limits. */
static const struct {
    enum table_id table;
    const char *header;
    const char *name;
    enum column_type type;
    bool identifies;
    int64_t minimum, maximum;
    size_t length;
} file_columns[] = {
    {TABLE_USERS, "user_id", "id", COLUMN_BIGINT, true, 1, 0, 0},
    {TABLE_USERS, "email_address", "email_address", COLUMN_TEXT, true, 0, 0, 0},
    {TABLE_USERS, "first_name", "first_name", COLUMN_TEXT, false, 0, 0, 0},
    {TABLE_USERS, "last_name", "last_name", COLUMN_TEXT, false, 0, 0, 0},
    {TABLE_USERS, "hashed_password", "hashed_password", COLUMN_TEXT, false, 0, 0, 128},
    {TABLE_USERS, "phone_number", "phone_number", COLUMN_TEXT, false, 0, 0, 50},
    {TABLE_USERS, "street_address", "street_address", COLUMN_TEXT, false, 0, 0, 255},
    {TABLE_USERS, "city", "city", COLUMN_TEXT, false, 0, 0, 100},
    {TABLE_USERS, "postal_code", "postal_code", COLUMN_TEXT, false, 0, 0, 20},
    {TABLE_USERS, "country", "country", COLUMN_TEXT, false, 0, 0, 100},
    {TABLE_USERS, "last_login", "last_login", COLUMN_TIMESTAMPTZ, false, 0, 0, 0},
    {TABLE_USERS, "last_notifications_viewed_at", "last_notifications_viewed_at",
     COLUMN_TIMESTAMPTZ, false, 0, 0, 0},
    {TABLE_USERS, "external_user_id", "external_user_id", COLUMN_UUID_V4, false, 0, 0, 0},
    {TABLE_ORDERS, "order_id", "id", COLUMN_BIGINT, true, 1, 0, 0},
    {TABLE_ORDERS, "user_id", "user_id", COLUMN_BIGINT, true, 1, 0, 0},
    {TABLE_ORDERS, "order_number", "order_number", COLUMN_INTEGER, true, 0, 0, 0},
    {TABLE_ORDERS, "order_dow", "order_dow", COLUMN_INTEGER, false, 0, 6, 0},
    {TABLE_ORDERS, "order_hour_of_day", "order_hour_of_day", COLUMN_INTEGER, false, 0, 23, 0},
    {TABLE_ORDERS, "days_since_prior_order", "days_since_prior_order", COLUMN_INTEGER, false, 0, 0,
     0},
    {TABLE_ORDERS, "created_at", "created_at", COLUMN_TIMESTAMPTZ, false, 0, 0, 0},
    {TABLE_ORDERS, "tracking_number", "tracking_number", COLUMN_TEXT, false, 0, 0, 100},
    {TABLE_ORDERS, "shipping_carrier", "shipping_carrier", COLUMN_TEXT, false, 0, 0, 50},
    {TABLE_ORDERS, "tracking_url", "tracking_url", COLUMN_TEXT, false, 0, 0, 255},
    {TABLE_ORDERS, "external_order_id", "external_order_id", COLUMN_UUID_V4, false, 0, 0, 0},
    {TABLE_ORDER_ITEMS, "order_id", "order_id", COLUMN_BIGINT, true, 1, 0, 0},
    {TABLE_ORDER_ITEMS, "product_id", "product_id", COLUMN_INTEGER, true, 1, INT32_MAX, 0},
    {TABLE_ORDER_ITEMS, "add_to_cart_order", "add_to_cart_order", COLUMN_INTEGER, true, 0,
     INT32_MAX, 0},
    {TABLE_ORDER_ITEMS, "reordered", "reordered", COLUMN_INTEGER, false, 0, 1, 0},
    {TABLE_ORDER_ITEMS, "quantity", "quantity", COLUMN_INTEGER, false, 1, INT32_MAX, 0},
    {TABLE_ORDER_ITEMS, "price", "price", COLUMN_DOUBLE, false, 0, 0, 0},
    {TABLE_ORDER_STATUS_HISTORY, "order_id", "order_id", COLUMN_BIGINT, true, 1, 0, 0},
    {TABLE_ORDER_STATUS_HISTORY, "status", "new_status", COLUMN_ORDER_STATUS, true, 0, 0, 0},
    {TABLE_ORDER_STATUS_HISTORY, "changed_at", "changed_at", COLUMN_TIMESTAMPTZ, true, 0, 0, 0},
    {TABLE_PRODUCTS, "product_id", "product_id", COLUMN_INTEGER, true, 1, INT32_MAX, 0},
    {TABLE_PRODUCTS, "product_name", "product_name", COLUMN_TEXT, true, 0, 0, 255},
    {TABLE_PRODUCTS, "aisle_id", "aisle_id", COLUMN_INTEGER, true, 1, INT32_MAX, 0},
    {TABLE_PRODUCTS, "department_id", "department_id", COLUMN_INTEGER, true, 1, INT32_MAX, 0},
    {TABLE_PRODUCT_ENRICHED, "product_id", "product_id", COLUMN_INTEGER, true, 1, INT32_MAX, 0},
    {TABLE_PRODUCT_ENRICHED, "description", "description", COLUMN_TEXT, true, 0, 0, 0},
    {TABLE_PRODUCT_ENRICHED, "price", "price", COLUMN_NUMERIC, true, 0, 0, 0},
    {TABLE_PRODUCT_ENRICHED, "image_url", "image_url", COLUMN_TEXT, false, 0, 0, 0},
    {TABLE_AISLES, "aisle_id", "aisle_id", COLUMN_INTEGER, true, 1, INT32_MAX, 0},
    {TABLE_AISLES, "aisle", "aisle", COLUMN_TEXT, true, 0, 0, 0},
    {TABLE_DEPARTMENTS, "department_id", "department_id", COLUMN_INTEGER, true, 1, INT32_MAX, 0},
    {TABLE_DEPARTMENTS, "department", "department", COLUMN_TEXT, true, 0, 0, 0},
    {TABLE_DEPARTMENTS, "description", "description", COLUMN_TEXT, false, 0, 0, 0},
    {TABLE_DEPARTMENTS, "image_url", "image_url", COLUMN_TEXT, false, 0, 0, 0},
};

START_TEST(finds_columns_by_their_header)
{
    const struct column *column =
        column_of_header(table_get(file_columns[_i].table), file_columns[_i].header);

    ck_assert_ptr_nonnull(column);
    ck_assert_str_eq(column->name, file_columns[_i].name);
    ck_assert_int_eq(column->type, file_columns[_i].type);
    ck_assert_int_eq(column->identifies, file_columns[_i].identifies);
    ck_assert_int_eq(column->minimum, file_columns[_i].minimum);
    ck_assert_int_eq(column->maximum, file_columns[_i].maximum);
    ck_assert_uint_eq(column->length, file_columns[_i].length);
}
END_TEST

START_TEST(finds_no_column_by_another_header)
{
    const struct table *orders = table_get(TABLE_ORDERS);

    ck_assert_int_eq(table_column_of_header(orders, "", 0), -1);
    ck_assert_int_eq(table_column_of_header(orders, NULL, 0), -1);
    ck_assert_int_eq(table_column_of_header(orders, "id", 2), -1);
    ck_assert_int_eq(table_column_of_header(orders, "order_id", 7), -1);
    ck_assert_int_eq(table_column_of_header(orders, "order_id\0", 9), -1);
    ck_assert_int_eq(table_column_of_header(orders, "ORDER_ID", 8), -1);
    ck_assert_int_eq(table_column_of_header(orders, " order_id", 9), -1);
    ck_assert_int_eq(table_column_of_header(orders, "eval_set", 8), -1);
    ck_assert_int_eq(table_column_of_header(orders, "total_items", 11), -1);
    ck_assert_int_eq(table_column_of_header(table_get(TABLE_PRODUCT_ENRICHED), "product_name", 12),
                     -1);
    ck_assert_int_eq(
        table_column_of_header(table_get(TABLE_ORDER_STATUS_HISTORY), "new_status", 10), -1);
}
END_TEST

static const struct {
    enum table_id table, parent;
    const char *header;
} references[] = {
    {TABLE_ORDERS, TABLE_USERS, "user_id"},
    {TABLE_ORDER_ITEMS, TABLE_ORDERS, "order_id"},
    {TABLE_ORDER_ITEMS, TABLE_PRODUCTS, "product_id"},
    {TABLE_ORDER_STATUS_HISTORY, TABLE_ORDERS, "order_id"},
    {TABLE_PRODUCT_ENRICHED, TABLE_PRODUCTS, "product_id"},
    {TABLE_PRODUCTS, TABLE_AISLES, "aisle_id"},
    {TABLE_PRODUCTS, TABLE_DEPARTMENTS, "department_id"},
};

START_TEST(knows_every_foreign_key)
{
    const struct column *column =
        column_of_header(table_get(references[_i].table), references[_i].header);

    ck_assert(column->has_reference);
    ck_assert_int_eq(column->references, references[_i].parent);
}
END_TEST

START_TEST(finds_no_column_that_is_not_there)
{
    const struct table *orders = table_get(TABLE_ORDERS);

    ck_assert_int_eq(table_column_named(orders, ""), -1);
    ck_assert_int_eq(table_column_named(orders, "order_id"), -1);
    ck_assert_int_eq(table_column_named(orders, "ID"), -1);
    ck_assert_int_eq(table_column_with_role(orders, ROLE_PRICE), -1);
    ck_assert_int_eq(table_column_derived(orders, ABSENT_INFERRED), -1);
    ck_assert_int_eq(table_column_derived(table_get(TABLE_AISLES), ABSENT_RANDOM_UUID), -1);
}
END_TEST

static const struct {
    enum table_id table;
    enum column_role role;
    const char *name;
} roles[] = {
    {TABLE_ORDER_ITEMS, ROLE_PRICE, "price"},
    {TABLE_ORDER_ITEMS, ROLE_QUANTITY, "quantity"},
    {TABLE_PRODUCT_ENRICHED, ROLE_CATALOGUE_PRICE, "price"},
    {TABLE_USERS, ROLE_FIRST_NAME, "first_name"},
    {TABLE_USERS, ROLE_LAST_NAME, "last_name"},
    {TABLE_ORDERS, ROLE_RECIPIENT, "user_id"},
};

START_TEST(items_alone_are_sent_while_they_are_checked)
{
    ck_assert_int_eq(table_streamed(), TABLE_ORDER_ITEMS);
    for (int id = 0; id < TABLE_COUNT; id++)
        ck_assert_int_eq(table_get((enum table_id)id)->streamed, id == TABLE_ORDER_ITEMS);
}
END_TEST

START_TEST(knows_what_derived_values_are_made_from)
{
    const struct table *table = table_get(roles[_i].table);
    int column = table_column_with_role(table, roles[_i].role);

    ck_assert_int_ge(column, 0);
    ck_assert_str_eq(table->columns[column].name, roles[_i].name);
}
END_TEST

/* Columns of one table whose values come from others, and which rule they follow. */
static const struct {
    enum table_id table;
    const char *name;
    enum column_absent absent;
} derived_columns[] = {
    {TABLE_ORDERS, "total_items", ABSENT_ITEM_COUNT},
    {TABLE_ORDERS, "total_price", ABSENT_ITEM_TOTAL},
    {TABLE_ORDERS, "status", ABSENT_LAST_STATUS},
    {TABLE_ORDERS, "updated_at", ABSENT_LAST_STATUS_TIME},
    {TABLE_ORDERS, "delivery_name", ABSENT_DELIVERY},
    {TABLE_ORDERS, "country", ABSENT_DELIVERY},
    {TABLE_ORDER_ITEMS, "price", ABSENT_CATALOGUE_PRICE},
    {TABLE_ORDER_ITEMS, "price_given", ABSENT_GIVEN},
    {TABLE_ORDER_STATUS_HISTORY, "old_status", ABSENT_PREVIOUS_STATUS},
    {TABLE_USERS, "order_notifications_start_date_time", ABSENT_COPY},
    {TABLE_USERS, "order_notifications_next_scheduled_time", ABSENT_COPY},
    {TABLE_USERS, "last_notification_sent_at", ABSENT_COPY},
};

START_TEST(knows_which_columns_are_derived)
{
    const struct table *table = table_get(derived_columns[_i].table);
    int column = table_column_named(table, derived_columns[_i].name);

    ck_assert_int_ge(column, 0);
    ck_assert_int_eq(table->columns[column].absent, derived_columns[_i].absent);
}
END_TEST

/* An order has room for whatever its user has, detail by detail. */
START_TEST(orders_can_hold_what_users_have)
{
    const struct table *orders = table_get(TABLE_ORDERS), *users = table_get(TABLE_USERS);
    bool seen[DELIVERY_COUNT] = {[DELIVERY_NAME] = true};

    for (size_t i = 0; i < users->column_count; i++) {
        const struct column *detail = &users->columns[i];
        const struct column *taken;

        if (detail->role != ROLE_DELIVERY)
            continue;
        ck_assert_msg(!seen[detail->detail], "%s", detail->name);
        seen[detail->detail] = true;
        taken = &orders->columns[table_column_named(orders, detail->name)];
        ck_assert_int_eq(taken->absent, ABSENT_DELIVERY);
        ck_assert_int_eq(taken->detail, detail->detail);
        ck_assert_uint_eq(taken->length, detail->length);
    }
    for (int detail = 0; detail < DELIVERY_COUNT; detail++)
        ck_assert_msg(seen[detail], "%d", detail);
}
END_TEST

START_TEST(totals_are_in_the_units_of_prices)
{
    const struct table *items = table_get(TABLE_ORDER_ITEMS), *orders = table_get(TABLE_ORDERS);
    const struct table *enriched = table_get(TABLE_PRODUCT_ENRICHED);
    const struct column *price = &items->columns[table_column_with_role(items, ROLE_PRICE)];
    const struct column *catalogue_price =
        &enriched->columns[table_column_with_role(enriched, ROLE_CATALOGUE_PRICE)];

    ck_assert_uint_eq(price->scale,
                      orders->columns[table_column_derived(orders, ABSENT_ITEM_TOTAL)].scale);
    ck_assert_uint_ge(price->scale, catalogue_price->scale);
    ck_assert_uint_eq(catalogue_price->precision, 10);
    ck_assert_uint_eq(catalogue_price->scale, 2);
}
END_TEST

static const struct {
    struct column column;
    int64_t minimum, maximum;
} ranges[] = {
    {{.type = COLUMN_INTEGER}, INT32_MIN, INT32_MAX},
    {{.type = COLUMN_BIGINT}, INT64_MIN, INT64_MAX},
    {{.type = COLUMN_BIGINT, .minimum = 1}, 1, INT64_MAX},
    {{.type = COLUMN_INTEGER, .minimum = 0, .maximum = 6}, 0, 6},
    {{.type = COLUMN_INTEGER, .minimum = 1, .maximum = INT32_MAX}, 1, INT32_MAX},
};

START_TEST(knows_the_range_of_integers)
{
    int64_t minimum, maximum;

    table_column_range(&ranges[_i].column, &minimum, &maximum);
    ck_assert_int_eq(minimum, ranges[_i].minimum);
    ck_assert_int_eq(maximum, ranges[_i].maximum);
}
END_TEST

static const char *const statuses[] = {"pending",          "processing", "shipped",
                                       "delivered",        "cancelled",  "failed",
                                       "return_requested", "returned",   "refunded"};

START_TEST(numbers_the_order_statuses)
{
    ck_assert_int_eq(TABLE_ROWS(statuses), ORDER_STATUS_COUNT);
    ck_assert_str_eq(table_order_status(_i), statuses[_i]);
    ck_assert_int_eq(table_order_status_number(statuses[_i], strlen(statuses[_i])), _i);
    ck_assert_int_eq(table_order_status_number(statuses[_i], strlen(statuses[_i]) - 1), -1);
    ck_assert_int_eq(table_order_status_number(statuses[_i], strlen(statuses[_i]) + 1), -1);
}
END_TEST

START_TEST(knows_no_other_order_status)
{
    ck_assert_int_eq(table_order_status_number("", 0), -1);
    ck_assert_int_eq(table_order_status_number(NULL, 0), -1);
    ck_assert_int_eq(table_order_status_number("Pending", 7), -1);
    ck_assert_int_eq(table_order_status_number(" pending", 8), -1);
    ck_assert_int_eq(table_order_status_number("lost", 4), -1);
    ck_assert_str_eq(table_order_status(ORDER_STATUS_PENDING), "pending");
}
END_TEST

/* Which column of a table names rows of which other table, by its name. */
static const struct {
    enum table_id table, named;
    const char *column; /* NULL: none */
} names[] = {
    {TABLE_USERS, TABLE_USERS, "id"},
    {TABLE_ORDERS, TABLE_ORDERS, "id"},
    {TABLE_ORDERS, TABLE_USERS, "user_id"},
    {TABLE_ORDER_ITEMS, TABLE_ORDERS, "order_id"},
    {TABLE_ORDER_ITEMS, TABLE_PRODUCTS, "product_id"},
    {TABLE_ORDER_ITEMS, TABLE_PRODUCT_ENRICHED, "product_id"},
    {TABLE_ORDER_ITEMS, TABLE_USERS, NULL},
    {TABLE_ORDER_STATUS_HISTORY, TABLE_ORDERS, "order_id"},
    {TABLE_PRODUCT_ENRICHED, TABLE_PRODUCTS, "product_id"},
    {TABLE_PRODUCT_ENRICHED, TABLE_PRODUCT_ENRICHED, "product_id"},
    {TABLE_PRODUCTS, TABLE_PRODUCT_ENRICHED, NULL},
    {TABLE_PRODUCTS, TABLE_AISLES, "aisle_id"},
    {TABLE_USERS, TABLE_ORDERS, NULL},
    {TABLE_ORDER_ITEMS, TABLE_ORDER_ITEMS, NULL},
};

START_TEST(tells_which_column_names_rows)
{
    const struct table *table = table_get(names[_i].table);
    int column = table_column_naming(table, table_get(names[_i].named));

    ck_assert_msg((column >= 0) == (names[_i].column != NULL), "%s", table->name);
    if (column >= 0)
        ck_assert_str_eq(table->columns[column].name, names[_i].column);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("table_timele");
    TCase *tests = tcase_create("TimeL-E");

    tcase_add_test(tests, knows_no_other_table);
    tcase_add_test(tests, a_hashed_password_is_secret);
    tcase_add_loop_test(tests, describes_the_tables_that_are_loaded, 0, TABLE_ROWS(loaded_tables));
    tcase_add_test(tests, carts_have_a_floor_and_no_files);
    tcase_add_loop_test(tests, finds_columns_by_their_header, 0, TABLE_ROWS(file_columns));
    tcase_add_test(tests, finds_no_column_by_another_header);
    tcase_add_loop_test(tests, knows_every_foreign_key, 0, TABLE_ROWS(references));
    tcase_add_test(tests, finds_no_column_that_is_not_there);
    tcase_add_test(tests, items_alone_are_sent_while_they_are_checked);
    tcase_add_loop_test(tests, knows_what_derived_values_are_made_from, 0, TABLE_ROWS(roles));
    tcase_add_loop_test(tests, knows_which_columns_are_derived, 0, TABLE_ROWS(derived_columns));
    tcase_add_test(tests, orders_can_hold_what_users_have);
    tcase_add_test(tests, totals_are_in_the_units_of_prices);
    tcase_add_loop_test(tests, knows_the_range_of_integers, 0, TABLE_ROWS(ranges));
    tcase_add_loop_test(tests, numbers_the_order_statuses, 0, ORDER_STATUS_COUNT);
    tcase_add_test(tests, knows_no_other_order_status);
    tcase_add_loop_test(tests, tells_which_column_names_rows, 0, TABLE_ROWS(names));
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
