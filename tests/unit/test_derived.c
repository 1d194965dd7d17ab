#include "derive/derived.h"
#include "hand_made_row.h"
#include "suite.h"

enum { PENDING, PROCESSING, SHIPPED, DELIVERED };

/* What an item of `price` costs, in the units of the totals. */
#define PRICE(dollars, cents) ((dollars)*INT64_C(100000000) + (cents)*INT64_C(1000000))

static struct derived *make_derived(void)
{
    struct derived *derived = calloc(1, sizeof *derived);

    ck_assert_ptr_nonnull(derived);
    derived_prepare(derived);
    return derived;
}

static void drop_derived(struct derived *derived)
{
    derived_free(derived);
    free(derived);
}

static void note(struct derived *derived, enum table_id table, const struct row *row)
{
    bool overflow = true;

    ck_assert(derived_note_row(derived, table, row, false, &overflow));
    ck_assert(!overflow);
}

static void note_product(struct derived *derived, int64_t product, int64_t cents)
{
    struct row row = {0};

    set_integer(&row, TABLE_PRODUCT_ENRICHED, "product_id", product);
    set_text(&row, TABLE_PRODUCT_ENRICHED, "description", "An apple");
    set_integer(&row, TABLE_PRODUCT_ENRICHED, "price", cents);
    note(derived, TABLE_PRODUCT_ENRICHED, &row);
}

/* Negative: the file has none. */
static struct row item(int64_t order, int64_t product, int64_t quantity, int64_t price)
{
    struct row row = {0};

    set_integer(&row, TABLE_ORDER_ITEMS, "order_id", order);
    set_integer(&row, TABLE_ORDER_ITEMS, "product_id", product);
    set_integer(&row, TABLE_ORDER_ITEMS, "add_to_cart_order", 1);
    if (quantity >= 0)
        set_integer(&row, TABLE_ORDER_ITEMS, "quantity", quantity);
    if (price >= 0)
        set_integer(&row, TABLE_ORDER_ITEMS, "price", price);
    return row;
}

static void note_item(struct derived *derived, int64_t order, int64_t product, int64_t quantity,
                      int64_t price)
{
    const struct row row = item(order, product, quantity, price);

    note(derived, TABLE_ORDER_ITEMS, &row);
}

static void expect_totals(const struct derived *derived, int64_t order, uint32_t count,
                          int64_t total)
{
    ck_assert_uint_eq(derived_item_count(derived, order), count);
    ck_assert_int_eq(derived_item_total(derived, order), total);
}

/* One item: what the catalogue says of product 24852, what the file says of the item. */
static const struct {
    int64_t catalogue_cents, price, quantity;
    int64_t costs, total;
} prices[] = {
    {-1, -1, -1, 0, 0},
    {-1, -1, 3, 0, 0},
    {-1, PRICE(2, 50), -1, PRICE(2, 50), PRICE(2, 50)},
    {-1, PRICE(2, 50), 3, PRICE(2, 50), PRICE(7, 50)},
    {199, -1, -1, PRICE(1, 99), PRICE(1, 99)},
    {199, -1, 3, PRICE(1, 99), PRICE(5, 97)},
    {199, PRICE(2, 50), 3, PRICE(2, 50), PRICE(7, 50)},
    {199, 0, 3, 0, 0},
    {0, -1, 3, 0, 0},
    {0, PRICE(2, 50), 3, PRICE(2, 50), PRICE(7, 50)},
    {1, -1, INT32_MAX, PRICE(0, 1), INT32_MAX *INT64_C(1000000)},
    {-1, 1, INT32_MAX, 1, INT32_MAX},
    {9999999999, -1, 1, 9999999999 * INT64_C(1000000), 9999999999 * INT64_C(1000000)},
    {-1, INT64_MAX, -1, INT64_MAX, INT64_MAX},
    {-1, INT64_MAX, 1, INT64_MAX, INT64_MAX},
};

START_TEST(the_file_goes_before_the_catalogue)
{
    struct derived *derived = make_derived();
    const struct row row = item(7, 24852, prices[_i].quantity, prices[_i].price);

    if (prices[_i].catalogue_cents >= 0)
        note_product(derived, 24852, prices[_i].catalogue_cents);
    note_product(derived, 24851, 77777);
    note_product(derived, 24853, 88888);
    ck_assert_int_eq(derived_item_price(derived, table_get(TABLE_ORDER_ITEMS), &row),
                     prices[_i].costs);
    note(derived, TABLE_ORDER_ITEMS, &row);
    expect_totals(derived, 7, 1, prices[_i].total);
    drop_derived(derived);
}
END_TEST

START_TEST(a_later_price_replaces_an_earlier_one)
{
    struct derived *derived = make_derived();

    note_product(derived, 1, 199);
    note_product(derived, 1, 0);
    note_item(derived, 7, 1, -1, -1);
    expect_totals(derived, 7, 1, 0);
    note_product(derived, 1, 250);
    note_item(derived, 8, 1, -1, -1);
    expect_totals(derived, 8, 1, PRICE(2, 50));
    drop_derived(derived);
}
END_TEST

START_TEST(a_product_may_have_no_price)
{
    struct derived *derived = make_derived();
    struct row row = {0};

    set_integer(&row, TABLE_PRODUCT_ENRICHED, "product_id", 1);
    note(derived, TABLE_PRODUCT_ENRICHED, &row);
    note_item(derived, 7, 1, -1, -1);
    expect_totals(derived, 7, 1, 0);
    ck_assert(id_set_is_empty(&derived->products));
    drop_derived(derived);
}
END_TEST

/* Items in the database may have to follow them. */
START_TEST(collects_the_products_whose_price_came)
{
    struct derived *derived = make_derived();

    note_product(derived, 1, 199);
    note_product(derived, 49688, 0);
    ck_assert(id_set_contains(&derived->products, 1));
    ck_assert(id_set_contains(&derived->products, 49688));
    ck_assert_uint_eq(id_set_count(&derived->products), 2);
    drop_derived(derived);
}
END_TEST

/* A price that the database has already is no news. */
static const struct {
    int64_t price;
    unsigned scale;
    int64_t costs;
} noted_prices[] = {
    {199, 2, PRICE(1, 99)}, {3, 0, PRICE(3, 0)}, {PRICE(1, 99), 8, PRICE(1, 99)}, {0, 2, 0}};

START_TEST(takes_prices_of_any_scale)
{
    struct derived *derived = make_derived();
    const struct row row = item(7, 1, -1, -1);

    ck_assert(derived_note_price(derived, 1, noted_prices[_i].price, noted_prices[_i].scale));
    ck_assert_int_eq(derived_item_price(derived, table_get(TABLE_ORDER_ITEMS), &row),
                     noted_prices[_i].costs);
    ck_assert(id_set_is_empty(&derived->products));
    drop_derived(derived);
}
END_TEST

START_TEST(refuses_a_price_that_cannot_be_held)
{
    struct derived *derived = make_derived();

    ck_assert(!derived_note_price(derived, 1, INT64_MAX / 10, 2));
    drop_derived(derived);
}
END_TEST

START_TEST(adds_up_the_items_of_each_order)
{
    struct derived *derived = make_derived();

    note_product(derived, 1, 199);
    note_item(derived, 7, 1, -1, -1);
    note_item(derived, 3421083, 2, 2, PRICE(10, 0));
    note_item(derived, 7, 2, 3, PRICE(0, 10));
    note_item(derived, 7, 3, -1, -1);
    expect_totals(derived, 7, 3, PRICE(2, 29));
    expect_totals(derived, 3421083, 1, PRICE(20, 0));
    expect_totals(derived, 8, 0, 0);
    expect_totals(derived, 4294967303, 0, 0);
    drop_derived(derived);
}
END_TEST

/* A thousand times ten cents is a hundred dollars, which a sum of doubles misses. */
START_TEST(totals_are_exact)
{
    struct derived *derived = make_derived();

    for (int64_t product = 1; product <= 1000; product++)
        note_item(derived, 7, product, -1, PRICE(0, 10));
    expect_totals(derived, 7, 1000, PRICE(100, 0));
    for (int64_t product = 1; product <= 3; product++)
        note_item(derived, 8, product, 3, 33333333);
    expect_totals(derived, 8, 3, 299999997);
    drop_derived(derived);
}
END_TEST

/* Prices and quantities of two items, the second of which is too much. */
static const struct {
    int64_t price, quantity, next_price, next_quantity;
} overflows[] = {
    {INT64_MAX, 1, 1, 1},
    {INT64_MAX, 1, 1, -1},
    {INT64_MAX - 1, -1, 1, 2},
    {1, 1, INT64_MAX / 2 + 1, 2},
    {1, 1, INT64_MAX / INT32_MAX + 1, INT32_MAX},
    {1, 1, INT64_MAX, INT32_MAX},
};

START_TEST(notices_a_total_that_cannot_be_held)
{
    struct derived *derived = make_derived();
    const struct row row = item(7, 2, overflows[_i].next_quantity, overflows[_i].next_price);
    bool overflow = false;

    note_item(derived, 7, 1, overflows[_i].quantity, overflows[_i].price);
    ck_assert(!derived_note_row(derived, TABLE_ORDER_ITEMS, &row, false, &overflow));
    ck_assert(overflow);
    drop_derived(derived);
}
END_TEST

/* The row is refused: what it would have added must not stay behind. */
START_TEST(an_item_that_is_refused_does_not_count)
{
    struct derived *derived = make_derived();
    const struct row row = item(7, 2, overflows[_i].next_quantity, overflows[_i].next_price);
    bool overflow;
    int64_t total;

    note_item(derived, 7, 1, overflows[_i].quantity, overflows[_i].price);
    total = derived_item_total(derived, 7);
    ck_assert(!derived_note_row(derived, TABLE_ORDER_ITEMS, &row, false, &overflow));
    expect_totals(derived, 7, 1, total);
    drop_derived(derived);
}
END_TEST

START_TEST(the_largest_total_is_held)
{
    struct derived *derived = make_derived();

    note_item(derived, 7, 1, 1, INT64_MAX - 2);
    note_item(derived, 7, 2, 2, 1);
    expect_totals(derived, 7, 2, INT64_MAX);
    drop_derived(derived);
}
END_TEST

static struct row user(int64_t id)
{
    struct row row = {0};

    set_integer(&row, TABLE_USERS, "id", id);
    set_text(&row, TABLE_USERS, "email_address", "ada@example.com");
    return row;
}

static void expect_detail(const struct derived *derived, int64_t id, enum delivery_detail detail,
                          const char *expected)
{
    struct delivery delivery = delivery_get(&derived->deliveries, id);

    if (expected == NULL) {
        ck_assert_ptr_null(delivery.texts[detail]);
        return;
    }
    ck_assert_ptr_nonnull(delivery.texts[detail]);
    ck_assert_uint_eq(delivery.lengths[detail], strlen(expected));
    ck_assert_mem_eq(delivery.texts[detail], expected, strlen(expected));
}

static struct row whole_user(int64_t id)
{
    struct row row = user(id);

    set_text(&row, TABLE_USERS, "first_name", "Ada");
    set_text(&row, TABLE_USERS, "last_name", "Lovelace");
    set_text(&row, TABLE_USERS, "hashed_password", "secret");
    set_text(&row, TABLE_USERS, "phone_number", "+44 1");
    set_text(&row, TABLE_USERS, "street_address", "12 St James's Square");
    set_text(&row, TABLE_USERS, "city", "London");
    set_text(&row, TABLE_USERS, "postal_code", "SW1Y");
    set_text(&row, TABLE_USERS, "country", "UK");
    return row;
}

START_TEST(keeps_what_orders_take_over_from_users)
{
    struct derived *derived = make_derived();
    const struct row row = whole_user(7);

    derived->keeps_deliveries = true;
    note(derived, TABLE_USERS, &row);
    expect_detail(derived, 7, DELIVERY_NAME, "Ada Lovelace");
    expect_detail(derived, 7, DELIVERY_PHONE_NUMBER, "+44 1");
    expect_detail(derived, 7, DELIVERY_STREET_ADDRESS, "12 St James's Square");
    expect_detail(derived, 7, DELIVERY_CITY, "London");
    expect_detail(derived, 7, DELIVERY_POSTAL_CODE, "SW1Y");
    expect_detail(derived, 7, DELIVERY_COUNTRY, "UK");
    drop_derived(derived);
}
END_TEST

START_TEST(an_empty_text_is_not_a_missing_one)
{
    struct derived *derived = make_derived();
    struct row row = user(7);

    derived->keeps_deliveries = true;
    set_text(&row, TABLE_USERS, "first_name", "");
    set_text(&row, TABLE_USERS, "last_name", "Lovelace");
    set_text(&row, TABLE_USERS, "city", "");
    note(derived, TABLE_USERS, &row);
    expect_detail(derived, 7, DELIVERY_NAME, "Lovelace");
    expect_detail(derived, 7, DELIVERY_CITY, "");
    expect_detail(derived, 7, DELIVERY_COUNTRY, NULL);
    drop_derived(derived);
}
END_TEST

/* A row is used again for the next record: what is not present is of an earlier one. */
START_TEST(looks_at_nothing_that_is_not_present)
{
    struct derived *derived = make_derived();
    struct row row = whole_user(7);

    derived->keeps_deliveries = true;
    for (int i = 1; i < TABLE_COLUMNS_MAX; i++)
        row.values[i].present = false;
    note(derived, TABLE_USERS, &row);
    for (int detail = 0; detail < DELIVERY_COUNT; detail++)
        expect_detail(derived, 7, (enum delivery_detail)detail, NULL);
    row = item(8, 1, 5, PRICE(1, 0));
    row.values[table_column_named(table_get(TABLE_ORDER_ITEMS), "quantity")].present = false;
    note(derived, TABLE_ORDER_ITEMS, &row);
    expect_totals(derived, 8, 1, PRICE(1, 0));
    drop_derived(derived);
}
END_TEST

START_TEST(keeps_no_user_when_there_are_no_orders)
{
    struct derived *derived = make_derived();
    const struct row row = whole_user(7);

    note(derived, TABLE_USERS, &row);
    expect_detail(derived, 7, DELIVERY_NAME, NULL);
    expect_detail(derived, 7, DELIVERY_CITY, NULL);
    drop_derived(derived);
}
END_TEST

static void note_event(struct derived *derived, int64_t order, int64_t time, int64_t status)
{
    struct row row = {0};

    set_integer(&row, TABLE_ORDER_STATUS_HISTORY, "order_id", order);
    set_integer(&row, TABLE_ORDER_STATUS_HISTORY, "changed_at", time);
    set_integer(&row, TABLE_ORDER_STATUS_HISTORY, "new_status", status);
    note(derived, TABLE_ORDER_STATUS_HISTORY, &row);
}

START_TEST(knows_the_last_event_of_each_order)
{
    struct derived *derived = make_derived();

    note_event(derived, 7, 100, PENDING);
    note_event(derived, 8, 50, PENDING);
    note_event(derived, 7, 200, SHIPPED);
    ck_assert_int_eq(event_index_last(&derived->events, 7)->time, 200);
    ck_assert_uint_eq(event_index_last(&derived->events, 7)->status, SHIPPED);
    ck_assert_int_eq(event_index_last(&derived->events, 8)->time, 50);
    ck_assert_ptr_null(event_index_last(&derived->events, 9));
    ck_assert(id_set_is_empty(&derived->events.out_of_order));
    note_event(derived, 7, 150, PROCESSING);
    ck_assert(id_set_contains(&derived->events.out_of_order, 7));
    ck_assert_uint_eq(event_index_last(&derived->events, 7)->status, SHIPPED);
    drop_derived(derived);
}
END_TEST

/* Nothing follows from a row of these. */
static const enum table_id plain_tables[] = {TABLE_DEPARTMENTS, TABLE_AISLES, TABLE_PRODUCTS,
                                             TABLE_ORDERS};

START_TEST(takes_nothing_from_other_tables)
{
    struct derived *derived = make_derived();
    struct row row = {0};

    derived->keeps_deliveries = true;
    row.values[table_get(plain_tables[_i])->key[0]] = (struct value){.present = true, .integer = 7};
    note(derived, plain_tables[_i], &row);
    expect_totals(derived, 7, 0, 0);
    expect_detail(derived, 7, DELIVERY_NAME, NULL);
    ck_assert_ptr_null(event_index_last(&derived->events, 7));
    ck_assert(id_set_is_empty(&derived->products));
    drop_derived(derived);
}
END_TEST

START_TEST(is_empty_again_when_freed)
{
    struct derived *derived = make_derived();
    const struct row row = whole_user(7);

    derived->keeps_deliveries = true;
    note(derived, TABLE_USERS, &row);
    note_product(derived, 1, 199);
    note_item(derived, 7, 1, -1, -1);
    note_event(derived, 7, 100, SHIPPED);
    ck_assert(id_set_add(&derived->users, 7));
    ck_assert(id_set_add(&derived->item_orders, 7));
    ck_assert(id_set_add(&derived->event_orders, 7));
    derived_free(derived);
    expect_totals(derived, 7, 0, 0);
    expect_detail(derived, 7, DELIVERY_NAME, NULL);
    ck_assert_ptr_null(event_index_last(&derived->events, 7));
    ck_assert(id_set_is_empty(&derived->products));
    ck_assert(id_set_is_empty(&derived->users));
    ck_assert(id_set_is_empty(&derived->item_orders));
    ck_assert(id_set_is_empty(&derived->event_orders));
    drop_derived(derived);
}
END_TEST

static TCase *price_case(void)
{
    TCase *tests = tcase_create("prices");

    tcase_add_loop_test(tests, the_file_goes_before_the_catalogue, 0, TABLE_ROWS(prices));
    tcase_add_test(tests, a_later_price_replaces_an_earlier_one);
    tcase_add_test(tests, a_product_may_have_no_price);
    tcase_add_test(tests, collects_the_products_whose_price_came);
    tcase_add_loop_test(tests, takes_prices_of_any_scale, 0, TABLE_ROWS(noted_prices));
    tcase_add_test(tests, refuses_a_price_that_cannot_be_held);
    return tests;
}

static TCase *total_case(void)
{
    TCase *tests = tcase_create("totals");

    tcase_add_test(tests, adds_up_the_items_of_each_order);
    tcase_add_test(tests, totals_are_exact);
    tcase_add_loop_test(tests, notices_a_total_that_cannot_be_held, 0, TABLE_ROWS(overflows));
    tcase_add_loop_test(tests, an_item_that_is_refused_does_not_count, 0, TABLE_ROWS(overflows));
    tcase_add_test(tests, the_largest_total_is_held);
    return tests;
}

static TCase *other_case(void)
{
    TCase *tests = tcase_create("users and events");

    tcase_add_test(tests, keeps_what_orders_take_over_from_users);
    tcase_add_test(tests, an_empty_text_is_not_a_missing_one);
    tcase_add_test(tests, looks_at_nothing_that_is_not_present);
    tcase_add_test(tests, keeps_no_user_when_there_are_no_orders);
    tcase_add_test(tests, knows_the_last_event_of_each_order);
    tcase_add_loop_test(tests, takes_nothing_from_other_tables, 0, TABLE_ROWS(plain_tables));
    tcase_add_test(tests, is_empty_again_when_freed);
    return tests;
}

int main(void)
{
    Suite *suite = suite_create("derived");

    suite_add_tcase(suite, price_case());
    suite_add_tcase(suite, total_case());
    suite_add_tcase(suite, other_case());
    return suite_run(suite);
}
