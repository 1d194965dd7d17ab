#include "derived_rows.h"
#include "suite.h"

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

    ck_assert(!derived_price_fits(derived, INT64_MAX / 10, 2));
    ck_assert(!derived_price_fits(derived, INT64_MAX, 8));
    ck_assert(!derived_price_fits(derived, -1, 2));
    ck_assert(derived_price_fits(derived, INT64_MAX - 1, 8));
    ck_assert(derived_price_fits(derived, 0, 2));
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

int main(void)
{
    Suite *suite = suite_create("derived");

    suite_add_tcase(suite, price_case());
    suite_add_tcase(suite, total_case());
    return suite_run(suite);
}
