#include "example_row.h"
#include "suite.h"

/* 2016-08-19 09:16:40 UTC in microseconds since 2000. */
#define CREATED (INT64_C(524913400) * 1000000)

START_TEST(reads_an_order)
{
    struct fixture fixture;

    open_fixture(&fixture, &orders);
    ck_assert(read_row(&fixture));
    ck_assert_uint_eq(fixture.row.line, LINE);
    expect_integer(&fixture, "order_id", 2539329);
    expect_integer(&fixture, "user_id", 1);
    expect_integer(&fixture, "order_number", 1);
    expect_integer(&fixture, "order_dow", 2);
    expect_integer(&fixture, "order_hour_of_day", 8);
    expect_integer(&fixture, "days_since_prior_order", 7);
    expect_integer(&fixture, "created_at", CREATED);
    expect_text(&fixture, "tracking_number", "T-1");
    ck_assert(value_of(&fixture, "external_order_id")->present);
    ck_assert_mem_eq(value_of(&fixture, "external_order_id")->uuid, UUID_BYTES, UUID_SIZE);
    ck_assert(!value_of(&fixture, "tracking_url")->present);
    ck_assert_uint_eq(fixture.source->problems.count, 0);
    close_fixture(&fixture);
}
END_TEST

START_TEST(reads_rows_of_the_other_tables)
{
    struct fixture fixture;

    open_fixture(&fixture, &items);
    ck_assert(read_row(&fixture));
    expect_integer(&fixture, "product_id", 33120);
    expect_integer(&fixture, "quantity", 3);
    expect_integer(&fixture, "price", 2458000000);
    close_fixture(&fixture);
    open_fixture(&fixture, &users);
    ck_assert(read_row(&fixture));
    expect_text(&fixture, "email_address", "john@example.com");
    expect_integer(&fixture, "last_login", CREATED);
    close_fixture(&fixture);
    open_fixture(&fixture, &products);
    ck_assert(read_row(&fixture));
    expect_text(&fixture, "product_name", "Chocolate \"Sandwich\", \303\251");
    expect_integer(&fixture, "aisle_id", 61);
    close_fixture(&fixture);
}
END_TEST

/* Values at the edge of what is allowed. */
static const struct {
    const struct example *example;
    const char *header;
    const char *text;
} allowed[] = {
    {&orders, "order_id", "1"},
    {&orders, "order_id", "9223372036854775807"},
    {&orders, "order_number", "2147483647"},
    {&orders, "order_number", "-2147483648"},
    {&orders, "order_dow", "0"},
    {&orders, "order_dow", "6.0"},
    {&orders, "order_hour_of_day", "00"},
    {&orders, "order_hour_of_day", "23"},
    {&orders, "tracking_number", TEN("1234567890")},
    {&orders, "tracking_number", TEN(TEN("\303\251"))},
    {&items, "product_id", "2147483647"},
    {&items, "add_to_cart_order", "0"},
    {&items, "reordered", "0"},
    {&items, "reordered", "1.0"},
    {&items, "quantity", "1"},
    {&items, "price", "0"},
    {&items, "price", "-0.00"},
    {&items, "price", "1e3"},
    {&users, "hashed_password", "a\"b,c\\d'e"},
};

START_TEST(takes_what_is_allowed)
{
    struct fixture fixture;

    open_fixture(&fixture, allowed[_i].example);
    put_field(&fixture, allowed[_i].header, allowed[_i].text, strlen(allowed[_i].text));
    ck_assert(read_row(&fixture));
    ck_assert(value_of(&fixture, allowed[_i].header)->present);
    ck_assert_uint_eq(fixture.source->problems.count, 0);
    close_fixture(&fixture);
}
END_TEST

/* `,,` is NULL; `,"",` is the empty text where a text may be empty. */
static const struct {
    const struct example *example;
    const char *header;
    const char *text;
    bool present;
} empty_fields[] = {
    {&orders, "tracking_number", NULL, false},
    {&orders, "tracking_number", "", true},
    {&users, "first_name", NULL, false},
    {&users, "first_name", "", true},
    {&departments, "description", "", true},
    {&orders, "days_since_prior_order", NULL, false},
    {&orders, "days_since_prior_order", "", false},
    {&orders, "created_at", NULL, false},
    {&orders, "created_at", "", false},
    {&orders, "external_order_id", NULL, false},
    {&orders, "external_order_id", "", false},
    {&items, "quantity", NULL, false},
    {&items, "price", "", false},
};

START_TEST(tells_null_from_empty)
{
    struct fixture fixture;

    open_fixture(&fixture, empty_fields[_i].example);
    put_field(&fixture, empty_fields[_i].header, empty_fields[_i].text, 0);
    ck_assert(read_row(&fixture));
    ck_assert_int_eq(value_of(&fixture, empty_fields[_i].header)->present,
                     empty_fields[_i].present);
    if (empty_fields[_i].present)
        expect_text(&fixture, empty_fields[_i].header, "");
    close_fixture(&fixture);
}
END_TEST

/* TimeL-E's own service may have made the column longer or shorter. */
START_TEST(goes_by_the_databases_length)
{
    struct fixture fixture;
    struct catalog_column *column;

    open_fixture(&fixture, &orders);
    column = &fixture.catalog.columns[column_of(&fixture, "tracking_number")];
    column->length = 2;
    ck_assert(!read_row(&fixture));
    ck_assert_str_eq(fixture.source->problems.first[0].reason, "longer than 2 characters (3)");
    column->length = 0;
    put_field(&fixture, "tracking_number", BYTES(TEN("1234567890") "1"));
    ck_assert(read_row(&fixture));
    close_fixture(&fixture);
}
END_TEST

START_TEST(reads_the_key_of_what_is_no_row)
{
    struct fixture fixture;

    open_fixture(&fixture, &items);
    fixture.record.field_count = 1;
    read_key(&fixture);
    expect_integer(&fixture, "order_id", 2);
    ck_assert(!value_of(&fixture, "product_id")->present);
    fixture.record.field_count = 3;
    read_key(&fixture);
    expect_integer(&fixture, "order_id", 2);
    expect_integer(&fixture, "product_id", 33120);
    ck_assert(!value_of(&fixture, "add_to_cart_order")->present);
    put_field(&fixture, "order_id", "x", 1);
    read_key(&fixture);
    ck_assert(!value_of(&fixture, "order_id")->present);
    fixture.record = (struct csv_record){.line = LINE, .fields = NULL};
    read_key(&fixture);
    ck_assert(!value_of(&fixture, "product_id")->present);
    ck_assert_uint_eq(fixture.source->problems.count, 0);
    close_fixture(&fixture);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("row_read");
    TCase *tests = tcase_create("reading");

    tcase_add_test(tests, reads_an_order);
    tcase_add_test(tests, reads_rows_of_the_other_tables);
    tcase_add_loop_test(tests, takes_what_is_allowed, 0, TABLE_ROWS(allowed));
    tcase_add_loop_test(tests, tells_null_from_empty, 0, TABLE_ROWS(empty_fields));
    tcase_add_test(tests, goes_by_the_databases_length);
    tcase_add_test(tests, reads_the_key_of_what_is_no_row);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
