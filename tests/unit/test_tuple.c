#include "hand_made_row.h"
#include "scripted_libpq.h"
#include "suite.h"
#include "written_tuple.h"

#define LOAD_TIME_FIELD "\0\0\0\10\0\0\0\0\1\2\3\4"

/* Sends a row of which the database has these columns (NULL ends them) and expects their fields. */
static void expect_fields(struct writing *writing, const char *const *columns, const char *fields,
                          size_t length)
{
    uint8_t count = 0;

    while (columns[count] != NULL)
        have(writing, columns[count++]);
    send(writing);
    expect_tuple(writing, count, fields, length);
    end(writing);
}

/* The same for one column. */
static void expect_field(struct writing *writing, const char *column, const char *field,
                         size_t length)
{
    const char *const columns[] = {column, NULL};

    writing->name = column;
    expect_fields(writing, columns, field, length);
}

/* A value of each type that a file can give. */
static const struct {
    enum table_id table;
    const char *column;
    int64_t integer;
    const char *text;
    const char *field;
    size_t length;
} given_values[] = {
    {TABLE_ORDERS, "id", 0x0102030405, NULL, BYTES("\0\0\0\10\0\0\0\1\2\3\4\5")},
    {TABLE_ORDERS, "order_number", 7, NULL, BYTES("\0\0\0\4\0\0\0\7")},
    {TABLE_ORDERS, "order_number", -1, NULL, BYTES("\0\0\0\4\377\377\377\377")},
    {TABLE_ORDERS, "created_at", -1, NULL, BYTES("\0\0\0\10\377\377\377\377\377\377\377\377")},
    {TABLE_ORDERS, "tracking_url", 0, "", BYTES("\0\0\0\0")},
    {TABLE_ORDERS, "tracking_url", 0, "caf\303\251", BYTES("\0\0\0\5caf\303\251")},
    {TABLE_ORDER_ITEMS, "price", 150000000, NULL, BYTES("\0\0\0\10\x3f\xf8\0\0\0\0\0\0")},
    {TABLE_ORDER_ITEMS, "quantity", 0, NULL, BYTES("\0\0\0\4\0\0\0\0")},
    {TABLE_PRODUCT_ENRICHED, "price", 2458, NULL, BYTES("\0\0\0\14\0\2\0\0\0\0\0\2\0\30\26\250")},
    {TABLE_PRODUCT_ENRICHED, "price", 0, NULL, BYTES("\0\0\0\10\0\0\0\0\0\0\0\2")},
    {TABLE_ORDER_STATUS_HISTORY, "new_status", 2, NULL, BYTES("\0\0\0\7shipped")},
    {TABLE_ORDER_STATUS_HISTORY, "changed_at", 1, NULL, BYTES("\0\0\0\10\0\0\0\0\0\0\0\1")},
};

START_TEST(writes_what_the_file_gave)
{
    enum table_id table = given_values[_i].table;
    struct writing *writing = begin(table);

    if (given_values[_i].text != NULL)
        set_text(&writing->row, table, given_values[_i].column, given_values[_i].text);
    else
        set_integer(&writing->row, table, given_values[_i].column, given_values[_i].integer);
    expect_field(writing, given_values[_i].column, given_values[_i].field, given_values[_i].length);
}
END_TEST

/* What fills columns that the file does not, when nothing else is known. */
static const struct {
    enum table_id table;
    const char *column;
    const char *field;
    size_t length;
} absent_values[] = {
    {TABLE_USERS, "city", BYTES(NO_VALUE)},
    {TABLE_USERS, "last_login", BYTES(NO_VALUE)},
    {TABLE_USERS, "days_between_order_notifications", BYTES("\0\0\0\4\0\0\0\7")},
    {TABLE_USERS, "pending_order_notification", BYTES(TRUE)},
    {TABLE_USERS, "order_notifications_via_email", BYTES(FALSE)},
    {TABLE_USERS, "order_notifications_start_date_time", BYTES(NO_VALUE)},
    {TABLE_USERS, "order_notifications_next_scheduled_time", BYTES(NO_VALUE)},
    {TABLE_USERS, "last_notification_sent_at", BYTES(NO_VALUE)},
    {TABLE_USERS, "inferred", BYTES(FALSE)},
    {TABLE_ORDERS, "days_since_prior_order", BYTES(NO_VALUE)},
    {TABLE_ORDERS, "total_items", BYTES("\0\0\0\4\0\0\0\0")},
    {TABLE_ORDERS, "total_price", BYTES("\0\0\0\10\0\0\0\0\0\0\0\0")},
    {TABLE_ORDERS, "status", BYTES("\0\0\0\7pending")},
    {TABLE_ORDERS, "delivery_name", BYTES(NO_VALUE)},
    {TABLE_ORDERS, "country", BYTES(NO_VALUE)},
    {TABLE_ORDERS, "created_at", BYTES(LOAD_TIME_FIELD)},
    {TABLE_ORDERS, "updated_at", BYTES(LOAD_TIME_FIELD)},
    {TABLE_ORDER_ITEMS, "reordered", BYTES("\0\0\0\4\0\0\0\0")},
    {TABLE_ORDER_ITEMS, "quantity", BYTES("\0\0\0\4\0\0\0\1")},
    {TABLE_ORDER_ITEMS, "price", BYTES("\0\0\0\10\0\0\0\0\0\0\0\0")},
    {TABLE_ORDER_ITEMS, "price_given", BYTES(NO_VALUE)},
    {TABLE_ORDER_STATUS_HISTORY, "old_status", BYTES(NO_VALUE)},
    {TABLE_PRODUCTS, "inferred", BYTES(FALSE)},
    {TABLE_PRODUCT_ENRICHED, "price", BYTES(NO_VALUE)},
};

START_TEST(fills_what_the_file_did_not_give)
{
    struct writing *writing = begin(absent_values[_i].table);

    expect_field(writing, absent_values[_i].column, absent_values[_i].field,
                 absent_values[_i].length);
}
END_TEST

/* Times that follow from the last login: the same time, or seven days later. */
static const struct {
    const char *column;
    int64_t days;
} copies[] = {
    {"order_notifications_start_date_time", 0},
    {"order_notifications_next_scheduled_time", 7},
    {"last_notification_sent_at", 0},
};

START_TEST(copies_a_value_with_an_offset)
{
    struct writing *writing = begin(TABLE_USERS);
    const int64_t day = INT64_C(24) * 60 * 60 * 1000000;
    char field[12] = {0, 0, 0, 8};

    set_integer(&writing->row, TABLE_USERS, "last_login", -copies[_i].days * day + 0x0504);
    field[10] = 5;
    field[11] = 4;
    expect_field(writing, copies[_i].column, field, sizeof field);
}
END_TEST

/* What the tests below put into a row and know of other rows. */
static void give_a_price(struct writing *writing)
{
    set_integer(&writing->row, TABLE_ORDER_ITEMS, "price", 0);
}

static void have_a_catalogue(struct writing *writing)
{
    ck_assert(derived_note_price(&writing->derived, 24852, 150, 2));
    set_integer(&writing->row, TABLE_ORDER_ITEMS, "product_id", 24852);
}

/* An item of order 7. */
static void add_item(struct writing *writing, int64_t product, int64_t price)
{
    struct row row = {0};
    bool overflow;

    set_integer(&row, TABLE_ORDER_ITEMS, "order_id", 7);
    set_integer(&row, TABLE_ORDER_ITEMS, "product_id", product);
    set_integer(&row, TABLE_ORDER_ITEMS, "price", price);
    ck_assert(derived_note_row(&writing->derived, TABLE_ORDER_ITEMS, &row, false, &overflow));
}

static void have_three_items(struct writing *writing)
{
    add_item(writing, 1, 100000000);
    add_item(writing, 2, 50000000);
    add_item(writing, 3, 0);
    set_integer(&writing->row, TABLE_ORDERS, "id", 7);
}

static void have_two_events(struct writing *writing)
{
    ck_assert(event_index_add(&writing->derived.events, 7, 1, 0));
    ck_assert(event_index_add(&writing->derived.events, 7, 0x0506, 3));
    set_integer(&writing->row, TABLE_ORDERS, "id", 7);
    set_integer(&writing->row, TABLE_ORDERS, "created_at", 1);
}

static void have_events_of_another(struct writing *writing)
{
    ck_assert(event_index_add(&writing->derived.events, 8, 0x0506, 3));
    set_integer(&writing->row, TABLE_ORDERS, "id", 7);
    set_integer(&writing->row, TABLE_ORDERS, "created_at", 0x0102);
}

static void have_sent_events(struct writing *writing)
{
    ck_assert(event_index_add(&writing->events, 7, 1, 1));
    ck_assert(event_index_add(&writing->events, 8, 2, 4));
    ck_assert(event_index_add(&writing->derived.events, 7, 9, 8));
    set_integer(&writing->row, TABLE_ORDER_STATUS_HISTORY, "order_id", 7);
    set_integer(&writing->row, TABLE_ORDER_STATUS_HISTORY, "changed_at", 3);
    set_integer(&writing->row, TABLE_ORDER_STATUS_HISTORY, "new_status", 2);
}

static const struct delivery_name nameless = {0};

static void have_an_empty_detail(struct writing *writing)
{
    const struct delivery delivery = {.texts[DELIVERY_CITY] = ""};

    ck_assert(delivery_add(&writing->derived.deliveries, 9, &delivery, nameless, nameless));
    set_integer(&writing->row, TABLE_ORDERS, "user_id", 9);
}

static void give_an_aisle(struct writing *writing)
{
    set_text(&writing->row, TABLE_AISLES, "aisle", "soup");
    set_integer(&writing->row, TABLE_AISLES, "aisle_id", 7);
}

enum { COLUMNS = 4 };

/* The columns are in the order of the description, whatever the order in which they are named. */
static const struct {
    const char *name;
    enum table_id table;
    void (*set_up)(struct writing *writing);
    const char *columns[COLUMNS];
    const char *fields;
    size_t length;
} derivations[] = {
    {"a price was given", TABLE_ORDER_ITEMS, give_a_price, {"price_given"}, BYTES(TRUE)},
    {"the price of the catalogue",
     TABLE_ORDER_ITEMS,
     have_a_catalogue,
     {"price_given", "price"},
     BYTES("\0\0\0\10\x3f\xf8\0\0\0\0\0\0" NO_VALUE)},
    {"an order's totals",
     TABLE_ORDERS,
     have_three_items,
     {"total_items", "total_price"},
     BYTES("\0\0\0\4\0\0\0\3\0\0\0\10\x3f\xf8\0\0\0\0\0\0")},
    {"the last status and its time",
     TABLE_ORDERS,
     have_two_events,
     {"status", "updated_at"},
     BYTES("\0\0\0\11delivered\0\0\0\10\0\0\0\0\0\0\5\6")},
    {"an order without events was updated when it was made",
     TABLE_ORDERS,
     have_events_of_another,
     {"updated_at"},
     BYTES("\0\0\0\10\0\0\0\0\0\0\1\2")},
    {"the previous status, of the events sent so far",
     TABLE_ORDER_STATUS_HISTORY,
     have_sent_events,
     {"old_status"},
     BYTES("\0\0\0\12processing")},
    {"an empty detail", TABLE_ORDERS, have_an_empty_detail, {"city"}, BYTES("\0\0\0\0")},
    {"columns in another order",
     TABLE_AISLES,
     give_an_aisle,
     {"inferred", "aisle", "aisle_id"},
     BYTES("\0\0\0\4\0\0\0\7\0\0\0\4soup" FALSE)},
    {"columns that the database lacks",
     TABLE_AISLES,
     give_an_aisle,
     {"aisle_id", "aisle"},
     BYTES("\0\0\0\4\0\0\0\7\0\0\0\4soup")},
};

START_TEST(writes_the_columns_of_a_row)
{
    struct writing *writing = begin(derivations[_i].table);

    writing->name = derivations[_i].name;
    derivations[_i].set_up(writing);
    expect_fields(writing, derivations[_i].columns, derivations[_i].fields, derivations[_i].length);
}
END_TEST

/* User 9 has one detail alone; the others before it are sent as well. */
static const struct {
    const char *column;
    enum delivery_detail detail;
} details[] = {
    {"delivery_name", DELIVERY_NAME},
    {"phone_number", DELIVERY_PHONE_NUMBER},
    {"street_address", DELIVERY_STREET_ADDRESS},
    {"city", DELIVERY_CITY},
    {"postal_code", DELIVERY_POSTAL_CODE},
    {"country", DELIVERY_COUNTRY},
};

START_TEST(writes_a_users_details)
{
    struct writing *writing = begin(TABLE_ORDERS);
    struct delivery delivery = {0}, other = {0};
    const struct delivery_name name = {.text = "this",
                                       .length = details[_i].detail == DELIVERY_NAME ? 4 : 0};
    char fields[DELIVERY_COUNT * 4 + 4];

    delivery.texts[details[_i].detail] = "this";
    delivery.lengths[details[_i].detail] = 4;
    for (int i = 0; i < DELIVERY_COUNT; i++) {
        other.texts[i] = "another's";
        other.lengths[i] = 9;
    }
    ck_assert(delivery_add(&writing->derived.deliveries, 9, &delivery, name, nameless));
    ck_assert(delivery_add(&writing->derived.deliveries, 7, &other, nameless, nameless));
    set_integer(&writing->row, TABLE_ORDERS, "id", 7);
    set_integer(&writing->row, TABLE_ORDERS, "user_id", 9);
    writing->name = details[_i].column;
    for (int i = 0; i < TABLE_ROWS(details); i++)
        if (i <= _i)
            have(writing, details[i].column);
    send(writing);
    memset(fields, 0xff, sizeof fields);
    memcpy(fields + (size_t)_i * 4, BYTES("\0\0\0\4this"));
    expect_tuple(writing, (uint8_t)(_i + 1), fields, (size_t)_i * 4 + 8);
    end(writing);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tuple");
    TCase *tests = tcase_create("values");

    tcase_add_loop_test(tests, writes_what_the_file_gave, 0, TABLE_ROWS(given_values));
    tcase_add_loop_test(tests, fills_what_the_file_did_not_give, 0, TABLE_ROWS(absent_values));
    tcase_add_loop_test(tests, copies_a_value_with_an_offset, 0, TABLE_ROWS(copies));
    tcase_add_loop_test(tests, writes_the_columns_of_a_row, 0, TABLE_ROWS(derivations));
    tcase_add_loop_test(tests, writes_a_users_details, 0, TABLE_ROWS(details));
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
