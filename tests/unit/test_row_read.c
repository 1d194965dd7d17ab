#include "memory_file.h"
#include "pg/copy_in.h"
#include "row/row_read.h"
#include "suite.h"

#include <string.h>

#define UUID_TEXT      "9b2c1d7e-0f3a-4b5c-8d6e-7f8091a2b3c4"
#define UUID_BYTES     "\x9b\x2c\x1d\x7e\x0f\x3a\x4b\x5c\x8d\x6e\x7f\x80\x91\xa2\xb3\xc4"
#define BYTES(literal) literal, sizeof(literal) - 1
#define TEN(text)      text text text text text text text text text text

enum { FIELDS_MAX = 16, LINE = 7 };

/* A file's header and a row of it with nothing wrong. */
struct example {
    enum table_id table;
    const char *headers[FIELDS_MAX];
    const char *texts[FIELDS_MAX]; /* NULL: an unquoted empty field */
    size_t count;
};

static const struct example orders = {
    TABLE_ORDERS,
    {"order_id", "user_id", "eval_set", "order_number", "order_dow", "order_hour_of_day",
     "days_since_prior_order", "created_at", "external_order_id", "tracking_number"},
    {"2539329", "1", "prior", "1", "2", "08", "7.0", "2016-08-19 09:16:40+00:00", UUID_TEXT, "T-1"},
    10};
static const struct example items = {
    TABLE_ORDER_ITEMS,
    {"order_id", "product_id", "add_to_cart_order", "reordered", "quantity", "price"},
    {"2", "33120", "1", "1", "3", "24.58"},
    6};
static const struct example users = {
    TABLE_USERS,
    {"user_id", "password", "email_address", "hashed_password", "first_name", "last_login"},
    {"1", "hunter2", "john@example.com", "$2b$12$abc", "John", "2016-08-19T09:16:40Z"},
    6};
static const struct example products = {TABLE_PRODUCTS,
                                        {"product_id", "product_name", "aisle_id", "department_id"},
                                        {"1", "Chocolate \"Sandwich\", \303\251", "61", "19"},
                                        4};
static const struct example departments = {
    TABLE_DEPARTMENTS, {"department_id", "department", "description"}, {"1", "frozen", "cold"}, 3};

/* What row_read works on. */
struct fixture {
    struct memory_file file;
    struct source *source;
    const struct table *table;
    struct catalog_table catalog;
    struct csv_field fields[FIELDS_MAX];
    struct csv_record record;
    struct row row;
};

static struct csv_field field_of(const char *text)
{
    return (struct csv_field){.text = text, .length = text != NULL ? strlen(text) : 0};
}

static void open_fixture(struct fixture *fixture, const struct example *example)
{
    const struct table *table = table_get(example->table);
    char header[512] = "";
    struct error error = {0};

    *fixture = (struct fixture){.table = table};
    for (size_t i = 0; i < example->count; i++) {
        (void)strcat(strcat(header, i == 0 ? "" : ","), example->headers[i]);
        fixture->fields[i] = field_of(example->texts[i]);
    }
    memory_file_open(&fixture->file, header, strlen(header));
    ck_assert_msg(source_open(fixture->file.path, &fixture->source, &error), "%s", error.message);
    ck_assert_int_eq(fixture->source->table_id, example->table);
    for (size_t i = 0; i < table->column_count; i++)
        fixture->catalog.columns[i] =
            (struct catalog_column){.present = true, .length = table->columns[i].length};
    fixture->record = (struct csv_record){.line = LINE,
                                          .end_line = LINE + 1,
                                          .field_count = example->count,
                                          .fields = fixture->fields};
}

static void close_fixture(struct fixture *fixture)
{
    source_free(fixture->source);
    memory_file_close(&fixture->file);
}

static size_t column_of(const struct fixture *fixture, const char *header)
{
    int column = table_column_of_header(fixture->table, header, strlen(header));

    ck_assert_msg(column >= 0, "%s", header);
    return (size_t)column;
}

static const struct value *value_of(const struct fixture *fixture, const char *header)
{
    return &fixture->row.values[column_of(fixture, header)];
}

static void put_field(struct fixture *fixture, const char *header, const char *text, size_t length)
{
    int field = fixture->source->field_of_column[column_of(fixture, header)];

    ck_assert_int_ge(field, 0);
    fixture->fields[field] = (struct csv_field){.text = text, .length = length};
}

static struct row_reading reading_of(const struct fixture *fixture)
{
    return (struct row_reading){
        .source = fixture->source, .catalog = &fixture->catalog, .record = &fixture->record};
}

static bool read_row(struct fixture *fixture)
{
    const struct row_reading reading = reading_of(fixture);

    return row_read(&reading, &fixture->row);
}

static void read_key(struct fixture *fixture)
{
    const struct row_reading reading = reading_of(fixture);

    row_read_key(&reading, &fixture->row);
}

static void expect_text(const struct fixture *fixture, const char *header, const char *text)
{
    const struct value *value = value_of(fixture, header);

    ck_assert(value->present);
    ck_assert_uint_eq(value->length, strlen(text));
    ck_assert_mem_eq(value->text, text, value->length);
}

static void expect_integer(const struct fixture *fixture, const char *header, int64_t integer)
{
    ck_assert(value_of(fixture, header)->present);
    ck_assert_int_eq(value_of(fixture, header)->integer, integer);
}

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

static const char name_too_long[] = TEN(TEN("12")) TEN("12345") "123456";

static const struct {
    const struct example *example;
    const char *header;
    const char *text;
    size_t length;
    const char *reason;
} refused[] = {
    {&orders, "order_id", NULL, 0, "empty, but required"},
    {&orders, "order_id", BYTES(""), "empty, but required"},
    {&orders, "order_id", BYTES("x"), "not an integer"},
    {&orders, "order_id", BYTES(" 1"), "not an integer"},
    {&orders, "order_id", BYTES("1\0"), "not an integer"},
    {&orders, "order_id", BYTES("7.5"), "not a whole number"},
    {&orders, "order_id", BYTES("0"), "below 1, where ids start"},
    {&orders, "order_id", BYTES("-1"), "below 1, where ids start"},
    {&orders, "order_id", BYTES("9223372036854775808"), "out of range for bigint"},
    {&orders, "user_id", BYTES("0"), "below 1, where ids start"},
    {&orders, "order_number", NULL, 0, "empty, but required"},
    {&orders, "order_number", BYTES("2147483648"), "out of range for integer"},
    {&orders, "order_number", BYTES("-2147483649"), "out of range for integer"},
    {&orders, "order_dow", BYTES("7"), "not in 0 to 6"},
    {&orders, "order_dow", BYTES("-1"), "not in 0 to 6"},
    {&orders, "order_dow", BYTES("2147483648"), "not in 0 to 6"},
    {&orders, "order_hour_of_day", BYTES("24"), "not in 0 to 23"},
    {&orders, "order_hour_of_day", NULL, 0, "empty, but required"},
    {&orders, "days_since_prior_order", BYTES("7.5"), "not a whole number"},
    {&orders, "days_since_prior_order", BYTES("2147483648"), "out of range for integer"},
    {&orders, "created_at", BYTES("yesterday"), "not a timestamp"},
    {&orders, "created_at", BYTES("2016-02-30"), "no such day"},
    {&orders, "external_order_id", BYTES("not-a-uuid"), "not a UUID"},
    {&orders, "external_order_id", BYTES("9b2c1d7e-0f3a-5b5c-8d6e-7f8091a2b3c4"),
     "not a version 4 UUID"},
    {&orders, "tracking_number", BYTES(TEN("1234567890") "1"), "longer than 100 characters (101)"},
    {&orders, "tracking_number", BYTES(TEN(TEN("\303\251")) "1"),
     "longer than 100 characters (101)"},
    {&orders, "tracking_number", BYTES("T\xff"), "invalid UTF-8"},
    {&orders, "tracking_number", BYTES("T\0"), "contains a NUL byte"},
    {&items, "product_id", BYTES("0"), "below 1, where ids start"},
    {&items, "product_id", BYTES("2147483648"), "out of range for integer"},
    {&items, "add_to_cart_order", BYTES("-1"), "below 0"},
    {&items, "add_to_cart_order", BYTES("2147483648"), "out of range for integer"},
    {&items, "reordered", BYTES("2"), "not in 0 to 1"},
    {&items, "reordered", BYTES("true"), "not an integer"},
    {&items, "quantity", BYTES("0"), "below 1"},
    {&items, "price", BYTES("-0.01"), "below 0"},
    {&items, "price", BYTES("free"), "not a number"},
    {&items, "price", BYTES("NaN"), "not a number"},
    {&items, "price", BYTES("1e30"), "out of range"},
    {&users, "email_address", NULL, 0, "empty, but required"},
    {&users, "email_address", BYTES(""), "empty, but required"},
    {&users, "last_login", BYTES("2016-13-01"), "month out of range"},
    {&products, "product_name", name_too_long, 256, "longer than 255 characters (256)"},
    {&products, "aisle_id", BYTES("0"), "below 1, where ids start"},
    {&products, "department_id", NULL, 0, "empty, but required"},
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

static TCase *reading_case(void)
{
    TCase *tests = tcase_create("reading");

    tcase_add_test(tests, reads_an_order);
    tcase_add_test(tests, reads_rows_of_the_other_tables);
    tcase_add_loop_test(tests, takes_what_is_allowed, 0, TABLE_ROWS(allowed));
    tcase_add_loop_test(tests, tells_null_from_empty, 0, TABLE_ROWS(empty_fields));
    tcase_add_test(tests, goes_by_the_databases_length);
    tcase_add_test(tests, reads_the_key_of_what_is_no_row);
    return tests;
}

static TCase *problem_case(void)
{
    TCase *tests = tcase_create("problems");

    tcase_add_loop_test(tests, says_what_is_wrong_with_a_field, 0, TABLE_ROWS(refused));
    tcase_add_loop_test(tests, says_nothing_when_quiet, 0, TABLE_ROWS(refused));
    tcase_add_test(tests, counts_everything_wrong_with_a_row);
    tcase_add_test(tests, shows_no_secret);
    tcase_add_loop_test(tests, needs_as_many_fields_as_the_header, 0, TABLE_ROWS(lengths));
    tcase_add_test(tests, adds_a_problem_of_a_column);
    return tests;
}

int main(void)
{
    Suite *suite = suite_create("row_read");

    suite_add_tcase(suite, reading_case());
    suite_add_tcase(suite, problem_case());
    return suite_run(suite);
}
