#include "derived_rows.h"
#include "suite.h"

enum { PENDING, PROCESSING, SHIPPED, DELIVERED };

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

int main(void)
{
    Suite *suite = suite_create("derived_users_and_events");
    TCase *tests = tcase_create("users and events");

    tcase_add_test(tests, keeps_what_orders_take_over_from_users);
    tcase_add_test(tests, an_empty_text_is_not_a_missing_one);
    tcase_add_test(tests, looks_at_nothing_that_is_not_present);
    tcase_add_test(tests, keeps_no_user_when_there_are_no_orders);
    tcase_add_test(tests, knows_the_last_event_of_each_order);
    tcase_add_loop_test(tests, takes_nothing_from_other_tables, 0, TABLE_ROWS(plain_tables));
    tcase_add_test(tests, is_empty_again_when_freed);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
