#include "example_row.h"
#include "suite.h"

static const char name_too_long[] = TEN(TEN("12")) TEN("12345") "123456";

static const struct {
    const struct example *example;
    const char *header;
    const char *text;
    size_t length;
    enum problem_code code;
    const char *reason;
} refused[] = {
    {&orders, "order_id", NULL, 0, PROBLEM_REQUIRED, "empty, but required"},
    {&orders, "order_id", BYTES(""), PROBLEM_REQUIRED, "empty, but required"},
    {&orders, "order_id", BYTES("x"), PROBLEM_TYPE, "not an integer"},
    {&orders, "order_id", BYTES(" 1"), PROBLEM_TYPE, "not an integer"},
    {&orders, "order_id", BYTES("1\0"), PROBLEM_ENCODING, "contains a NUL byte"},
    {&orders, "order_dow", BYTES("1\xff"), PROBLEM_ENCODING, "invalid UTF-8"},
    {&orders, "created_at", BYTES("2016\xff"), PROBLEM_ENCODING, "invalid UTF-8"},
    {&items, "price", BYTES("\0"), PROBLEM_ENCODING, "contains a NUL byte"},
    {&orders, "order_id", BYTES("7.5"), PROBLEM_TYPE, "not a whole number"},
    {&orders, "order_id", BYTES("0"), PROBLEM_RANGE, "below 1, where ids start"},
    {&orders, "order_id", BYTES("-1"), PROBLEM_RANGE, "below 1, where ids start"},
    {&orders, "order_id", BYTES("9223372036854775808"), PROBLEM_RANGE, "out of range for bigint"},
    {&orders, "user_id", BYTES("0"), PROBLEM_RANGE, "below 1, where ids start"},
    {&orders, "order_number", NULL, 0, PROBLEM_REQUIRED, "empty, but required"},
    {&orders, "order_number", BYTES("2147483648"), PROBLEM_RANGE, "out of range for integer"},
    {&orders, "order_number", BYTES("-2147483649"), PROBLEM_RANGE, "out of range for integer"},
    {&orders, "order_dow", BYTES("7"), PROBLEM_RANGE, "not in 0 to 6"},
    {&orders, "order_dow", BYTES("-1"), PROBLEM_RANGE, "not in 0 to 6"},
    {&orders, "order_dow", BYTES("2147483648"), PROBLEM_RANGE, "not in 0 to 6"},
    {&orders, "order_hour_of_day", BYTES("24"), PROBLEM_RANGE, "not in 0 to 23"},
    {&orders, "order_hour_of_day", NULL, 0, PROBLEM_REQUIRED, "empty, but required"},
    {&orders, "days_since_prior_order", BYTES("7.5"), PROBLEM_TYPE, "not a whole number"},
    {&orders, "days_since_prior_order", BYTES("2147483648"), PROBLEM_RANGE,
     "out of range for integer"},
    {&orders, "created_at", BYTES("yesterday"), PROBLEM_TYPE,
     "not a timestamp like 2016-08-19 09:16:40+00:00"},
    {&orders, "created_at", BYTES("2016-02-30"), PROBLEM_TYPE, "no such day"},
    {&orders, "external_order_id", BYTES("not-a-uuid"), PROBLEM_TYPE,
     "not a UUID of 8-4-4-4-12 hexadecimal digits"},
    {&orders, "external_order_id", BYTES("9b2c1d7e-0f3a-5b5c-8d6e-7f8091a2b3c4"), PROBLEM_TYPE,
     "not a version 4 UUID: its form is xxxxxxxx-xxxx-4xxx-[89ab]xxx-xxxxxxxxxxxx"},
    {&orders, "tracking_number", BYTES(TEN("1234567890") "1"), PROBLEM_LENGTH,
     "longer than 100 characters (101)"},
    {&orders, "tracking_number", BYTES(TEN(TEN("\303\251")) "1"), PROBLEM_LENGTH,
     "longer than 100 characters (101)"},
    {&orders, "tracking_number", BYTES("T\xff"), PROBLEM_ENCODING, "invalid UTF-8"},
    {&orders, "tracking_number", BYTES("T\0"), PROBLEM_ENCODING, "contains a NUL byte"},
    {&items, "product_id", BYTES("0"), PROBLEM_RANGE, "below 1, where ids start"},
    {&items, "product_id", BYTES("2147483648"), PROBLEM_RANGE, "out of range for integer"},
    {&items, "add_to_cart_order", BYTES("-1"), PROBLEM_RANGE, "below 0"},
    {&items, "add_to_cart_order", BYTES("2147483648"), PROBLEM_RANGE, "out of range for integer"},
    {&items, "reordered", BYTES("2"), PROBLEM_RANGE, "not in 0 to 1"},
    {&items, "reordered", BYTES("true"), PROBLEM_TYPE, "not an integer"},
    {&items, "quantity", BYTES("0"), PROBLEM_RANGE, "below 1"},
    {&items, "price", BYTES("-0.01"), PROBLEM_RANGE, "below 0"},
    {&items, "price", BYTES("free"), PROBLEM_TYPE, "not a number"},
    {&items, "price", BYTES("NaN"), PROBLEM_TYPE, "not a number"},
    {&items, "price", BYTES("1e30"), PROBLEM_RANGE, "out of range"},
    {&users, "email_address", NULL, 0, PROBLEM_REQUIRED, "empty, but required"},
    {&users, "email_address", BYTES(""), PROBLEM_REQUIRED, "empty, but required"},
    {&users, "last_login", BYTES("2016-13-01"), PROBLEM_RANGE, "month out of range"},
    {&products, "product_name", name_too_long, 256, PROBLEM_LENGTH,
     "longer than 255 characters (256)"},
    {&products, "aisle_id", BYTES("0"), PROBLEM_RANGE, "below 1, where ids start"},
    {&products, "department_id", NULL, 0, PROBLEM_REQUIRED, "empty, but required"},
};

START_TEST(says_what_is_wrong_with_a_field)
{
    struct fixture fixture;
    const struct problem *problem;
    char shown[DISPLAY_SIZE];

    open_fixture(&fixture, refused[_i].example);
    put_field(&fixture, refused[_i].header, refused[_i].text, refused[_i].length);
    ck_assert(!read_row(&fixture));
    ck_assert(!value_of(&fixture, refused[_i].header)->present);
    ck_assert_uint_eq(fixture.source->problems.count, 1);
    problem = &fixture.source->problems.first[0];
    ck_assert_uint_eq(problem->line, LINE);
    ck_assert_str_eq(problem->column, refused[_i].header);
    ck_assert_int_eq(problem->code, refused[_i].code);
    ck_assert_str_eq(problem->reason, refused[_i].reason);
    ck_assert_int_eq(problem->has_value, refused[_i].text != NULL);
    if (problem->has_value)
        ck_assert_str_eq(problem->value, display_text(refused[_i].text, refused[_i].length, shown));
    close_fixture(&fixture);
}
END_TEST

START_TEST(says_nothing_when_quiet)
{
    struct fixture fixture;
    struct row_reading reading;

    open_fixture(&fixture, refused[_i].example);
    put_field(&fixture, refused[_i].header, refused[_i].text, refused[_i].length);
    reading = reading_of(&fixture);
    reading.quiet = true;
    ck_assert(!row_read(&reading, &fixture.row));
    ck_assert_uint_eq(fixture.source->problems.count, 0);
    close_fixture(&fixture);
}
END_TEST

START_TEST(counts_everything_wrong_with_a_row)
{
    struct fixture fixture;

    open_fixture(&fixture, &orders);
    put_field(&fixture, "order_dow", "9", 1);
    put_field(&fixture, "created_at", "never", 5);
    put_field(&fixture, "order_number", NULL, 0);
    ck_assert(!read_row(&fixture));
    ck_assert_uint_eq(fixture.source->problems.count, 3);
    expect_integer(&fixture, "order_id", 2539329);
    expect_integer(&fixture, "order_hour_of_day", 8);
    close_fixture(&fixture);
}
END_TEST

START_TEST(shows_no_secret)
{
    struct fixture fixture;
    const struct problem *problem;

    open_fixture(&fixture, &users);
    put_field(&fixture, "hashed_password", BYTES("hunter2\xff"));
    ck_assert(!read_row(&fixture));
    problem = &fixture.source->problems.first[0];
    ck_assert_str_eq(problem->column, "hashed_password");
    ck_assert_str_eq(problem->reason, "invalid UTF-8");
    ck_assert(!problem->has_value);
    close_fixture(&fixture);
}
END_TEST

/* In a shifted row a field's value may be that of a column which nobody is to see. */
static const struct {
    size_t count;
    const char *column;
    const char *reason;
} lengths[] = {
    {1, "password", "missing: the row has 1 field, the header 6"},
    {5, "last_login", "missing: the row has 5 fields, the header 6"},
    {7, "field 7", "one too many: the row has 7 fields, the header 6"},
    {16, "field 7", "one too many: the row has 16 fields, the header 6"},
};

START_TEST(needs_as_many_fields_as_the_header)
{
    struct fixture fixture;
    const struct problem *problem;

    open_fixture(&fixture, &users);
    fixture.record.field_count = lengths[_i].count;
    ck_assert(!read_row(&fixture));
    ck_assert_uint_eq(fixture.source->problems.count, 1);
    problem = &fixture.source->problems.first[0];
    ck_assert_uint_eq(problem->line, LINE);
    ck_assert_str_eq(problem->column, lengths[_i].column);
    ck_assert_str_eq(problem->reason, lengths[_i].reason);
    ck_assert(!problem->has_value);
    ck_assert(!value_of(&fixture, "email_address")->present);
    close_fixture(&fixture);
}
END_TEST

/* That a field is no text explains why there are too few. */
START_TEST(tells_of_bytes_that_are_no_text_before_a_wrong_number_of_fields)
{
    struct fixture fixture;
    const struct problem *problem;

    open_fixture(&fixture, &departments);
    fixture.record.field_count = 2;
    fixture.fields[1] = (struct csv_field){.text = "\0\0", .length = 2};
    ck_assert(!read_row(&fixture));
    ck_assert_uint_eq(fixture.source->problems.count, 1);
    problem = &fixture.source->problems.first[0];
    ck_assert_str_eq(problem->column, "department");
    ck_assert_str_eq(problem->reason, "contains a NUL byte: the row has 2 fields, the header 3");
    ck_assert_int_eq(problem->code, PROBLEM_ENCODING);
    ck_assert(!problem->has_value);
    close_fixture(&fixture);
}
END_TEST

static void expect_one_problem(struct fixture *fixture, const char *column, const char *reason,
                               uint64_t rows)
{
    const struct problem *problem = &fixture->source->problems.first[0];

    ck_assert_uint_eq(fixture->source->problems.kept, 1);
    ck_assert_uint_eq(fixture->source->problems.count, rows);
    ck_assert_str_eq(problem->column, column);
    ck_assert_str_eq(problem->reason, reason);
    ck_assert_int_eq(problem->code, PROBLEM_FORMAT);
    ck_assert_uint_eq(problem->rows, rows);
    ck_assert_str_eq(problem->key, "");
    ck_assert(!problem->has_value);
}

/* Of a field that is not kept the length is known: a total below a table, say. */
START_TEST(tells_separators_alone_once)
{
    struct fixture fixture;
    struct row_reading reading;

    open_fixture(&fixture, &users);
    ck_assert(read_row(&fixture));
    for (size_t i = 0; i < users.count; i++)
        fixture.fields[i] = (struct csv_field){.text = i == 3 ? "" : NULL, .length = 0};
    ck_assert(!read_row(&fixture));
    ck_assert(!value_of(&fixture, "user_id")->present);
    ck_assert(!read_row(&fixture));
    reading = reading_of(&fixture);
    reading.quiet = true;
    ck_assert(!row_read(&reading, &fixture.row));
    expect_one_problem(&fixture, "user_id", "nothing but separators", 2);
    put_field(&fixture, "first_name", BYTES(" "));
    ck_assert(!read_row(&fixture));
    ck_assert_str_eq(fixture.source->problems.first[1].reason, "empty, but required");
    put_field(&fixture, "first_name", BYTES(""));
    fixture.fields[1] = (struct csv_field){.text = NULL, .length = 8};
    ck_assert(!read_row(&fixture));
    ck_assert_uint_eq(fixture.source->problems.first[0].rows, 2);
    close_fixture(&fixture);
}
END_TEST

START_TEST(tells_the_header_once)
{
    struct fixture fixture;

    open_fixture(&fixture, &products);
    ck_assert(read_row(&fixture));
    for (size_t i = 0; i < products.count; i++)
        fixture.fields[i] = field_of(products.headers[i]);
    ck_assert(!read_row(&fixture));
    ck_assert(!value_of(&fixture, "product_id")->present);
    put_field(&fixture, "product_id", BYTES("\xef\xbb\xbfproduct_id"));
    ck_assert(!read_row(&fixture));
    expect_one_problem(&fixture, "product_id", "the header once more", 2);
    put_field(&fixture, "aisle_id", BYTES("1"));
    ck_assert(!read_row(&fixture));
    ck_assert_str_eq(fixture.source->problems.first[1].reason, "not an integer");
    close_fixture(&fixture);
}
END_TEST

START_TEST(adds_a_problem_of_a_column)
{
    struct fixture fixture;
    const struct problem *problem;
    struct row_reading reading;

    open_fixture(&fixture, &orders);
    reading = reading_of(&fixture);
    row_problem(&reading, column_of(&fixture, "user_id"), PROBLEM_FOREIGN_KEY, "no %s %d", "user",
                1);
    row_problem(&reading, column_of(&fixture, "tracking_url"), PROBLEM_REQUIRED, "missing");
    ck_assert_uint_eq(fixture.source->problems.count, 2);
    problem = fixture.source->problems.first;
    ck_assert_uint_eq(problem[0].line, LINE);
    ck_assert_str_eq(problem[0].column, "user_id");
    ck_assert_str_eq(problem[0].reason, "no user 1");
    ck_assert_str_eq(problem[0].value, "1");
    ck_assert_int_eq(problem[0].code, PROBLEM_FOREIGN_KEY);
    ck_assert_str_eq(problem[0].key, "2539329");
    ck_assert_int_eq(problem[1].code, PROBLEM_REQUIRED);
    ck_assert_str_eq(problem[1].column, "tracking_url");
    ck_assert(!problem[1].has_value);
    close_fixture(&fixture);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("row_problem");
    TCase *tests = tcase_create("problems");

    tcase_add_loop_test(tests, says_what_is_wrong_with_a_field, 0, TABLE_ROWS(refused));
    tcase_add_loop_test(tests, says_nothing_when_quiet, 0, TABLE_ROWS(refused));
    tcase_add_test(tests, counts_everything_wrong_with_a_row);
    tcase_add_test(tests, shows_no_secret);
    tcase_add_loop_test(tests, needs_as_many_fields_as_the_header, 0, TABLE_ROWS(lengths));
    tcase_add_test(tests, tells_of_bytes_that_are_no_text_before_a_wrong_number_of_fields);
    tcase_add_test(tests, tells_separators_alone_once);
    tcase_add_test(tests, tells_the_header_once);
    tcase_add_test(tests, adds_a_problem_of_a_column);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
