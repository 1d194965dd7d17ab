#include "example_row.h"
#include "row/row_digest.h"
#include "suite.h"

/* Values as a binary COPY gives them. */
#define NOTHING                                                                                    \
    {                                                                                              \
        NULL, 0                                                                                    \
    }
#define BINARY(literal)                                                                            \
    {                                                                                              \
        (const uint8_t *)(literal), sizeof(literal) - 1                                            \
    }

/* A file's field (NULL: unquoted and empty), the database's value, and whether they are the same.
 */
static const struct {
    const struct example *row;
    const char *column, *text;
    struct copy_out_field value;
    bool same;
} pairs[] = {
    {&orders, "order_number", "7", BINARY("\0\0\0\7"), true},
    {&orders, "order_number", "7", BINARY("\0\0\0\0\0\0\0\7"), true},
    {&orders, "order_number", "7", BINARY("\0\0\0\10"), false},
    {&orders, "order_number", "-1", BINARY("\xff\xff\xff\xff"), true},
    {&orders, "order_number", "-1", BINARY("\0\0\0\1"), false},
    {&orders, "user_id", "4294967297", BINARY("\0\0\0\1\0\0\0\1"), true},
    {&orders, "user_id", "4294967297", BINARY("\0\0\0\0\0\0\0\1"), false},
    {&orders, "days_since_prior_order", "7.0", BINARY("\0\0\0\7"), true},
    {&orders, "days_since_prior_order", "0", NOTHING, false},
    {&orders, "days_since_prior_order", NULL, NOTHING, true},
    {&orders, "days_since_prior_order", NULL, BINARY("\0\0\0\0"), false},
    {&orders, "created_at", "2000-01-01T00:00:01Z", BINARY("\0\0\0\0\0\x0f\x42\x40"), true},
    {&orders, "created_at", "2000-01-01T01:00:01+01", BINARY("\0\0\0\0\0\x0f\x42\x40"), true},
    {&orders, "created_at", "2000-01-01T00:00:01.000001Z", BINARY("\0\0\0\0\0\x0f\x42\x40"), false},
    {&orders, "created_at", "1999-12-31T23:59:59Z", BINARY("\xff\xff\xff\xff\xff\xf0\xbd\xc0"),
     true},
    {&orders, "tracking_number", "T-1", BINARY("T-1"), true},
    {&orders, "tracking_number", "T-1", BINARY("T-1 "), false},
    {&orders, "tracking_number", "T-1", BINARY("t-1"), false},
    {&orders, "tracking_number", "", BINARY(""), true},
    {&orders, "tracking_number", "", NOTHING, false},
    {&orders, "tracking_number", NULL, BINARY(""), false},
    {&orders, "tracking_number", NULL, NOTHING, true},
    {&items, "price", "24.58", BINARY("\x40\x38\x94\x7a\xe1\x47\xae\x14"), true},
    {&items, "price", "24.580", BINARY("\x40\x38\x94\x7a\xe1\x47\xae\x14"), true},
    {&items, "price", "24.58", BINARY("\x40\x38\x94\x7a\xe1\x47\xae\x15"), false},
    {&items, "price", "0", BINARY("\0\0\0\0\0\0\0\0"), true},
    {&items, "price", "-0", BINARY("\0\0\0\0\0\0\0\0"), true},
    /* To the server they are equal; that they differ here only makes it look once more. */
    {&items, "price", "0", BINARY("\x80\0\0\0\0\0\0\0"), false},
    {&items, "price", "-0", BINARY("\x80\0\0\0\0\0\0\0"), false},
    /* A number of single precision. */
    {&items, "price", "0", BINARY("\0\0\0\0"), false},
    {&items, "reordered", NULL, BINARY("\0\0\0\0"), true},
    {&items, "reordered", NULL, BINARY("\0\0\0\1"), false},
    {&items, "quantity", NULL, BINARY("\0\0\0\1"), true},
    {&items, "quantity", "2", BINARY("\0\0\0\1"), false},
    {&users, "last_login", "", NOTHING, true},
    {&users, "hashed_password", "$2b$12$abc", BINARY("$2b$12$abd"), false},
    {&products, "product_name", "\303\251", BINARY("\303\251"), true},
    {&products, "product_name", "e", BINARY("\303\251"), false},
};

/* Digests of a row of one column: of the file's and of the database's. */
static bool is_same(const struct fixture *fixture, size_t column,
                    const struct copy_out_field *field)
{
    const struct row_digest_columns columns = {
        .table = fixture->table, .columns = {column}, .count = 1, .seed = 42};
    uint64_t digest;

    ck_assert(row_digest(&columns, &fixture->row, &digest));
    return digest == row_digest_of_fields(&columns, field);
}

START_TEST(tells_whether_a_value_is_the_same)
{
    struct fixture fixture;

    open_fixture(&fixture, pairs[_i].row);
    put_field(&fixture, pairs[_i].column, pairs[_i].text,
              pairs[_i].text == NULL ? 0 : strlen(pairs[_i].text));
    ck_assert(read_row(&fixture));
    ck_assert_int_eq(is_same(&fixture, column_of(&fixture, pairs[_i].column), &pairs[_i].value),
                     pairs[_i].same);
    close_fixture(&fixture);
}
END_TEST

/* An enriched product's price, numeric(10,2), as numeric_send writes it. */
static const struct {
    const char *text;
    struct copy_out_field value;
    bool same;
} prices[] = {
    {"2.5", BINARY("\0\2\0\0\0\0\0\2\0\2\x13\x88"), true},
    {"2.50", BINARY("\0\2\0\0\0\0\0\2\0\2\x13\x88"), true},
    {"2.51", BINARY("\0\2\0\0\0\0\0\2\0\2\x13\x88"), false},
    {"0", BINARY("\0\0\0\0\0\0\0\2"), true},
    {"-0.00", BINARY("\0\0\0\0\0\0\0\2"), true},
    {NULL, NOTHING, true},
    {NULL, BINARY("\0\0\0\0\0\0\0\2"), false},
};

START_TEST(compares_exact_prices)
{
    static const struct example enriched = {TABLE_PRODUCT_ENRICHED,
                                            {"product_id", "description", "price"},
                                            {"1", "An apple", "2.50"},
                                            3};
    struct fixture fixture;

    open_fixture(&fixture, &enriched);
    put_field(&fixture, "price", prices[_i].text,
              prices[_i].text == NULL ? 0 : strlen(prices[_i].text));
    ck_assert(read_row(&fixture));
    ck_assert_int_eq(is_same(&fixture, column_of(&fixture, "price"), &prices[_i].value),
                     prices[_i].same);
    close_fixture(&fixture);
}
END_TEST

START_TEST(compares_statuses_by_their_labels)
{
    static const struct example event = {TABLE_ORDER_STATUS_HISTORY,
                                         {"order_id", "changed_at", "status"},
                                         {"1", "2000-01-01T00:00:00Z", "shipped"},
                                         3};
    struct fixture fixture;

    open_fixture(&fixture, &event);
    ck_assert(read_row(&fixture));
    ck_assert(is_same(&fixture, column_of(&fixture, "status"),
                      &(struct copy_out_field)BINARY("shipped")));
    ck_assert(!is_same(&fixture, column_of(&fixture, "status"),
                       &(struct copy_out_field)BINARY("returned")));
    ck_assert(!is_same(&fixture, column_of(&fixture, "status"), &(struct copy_out_field)NOTHING));
    close_fixture(&fixture);
}
END_TEST

/* A price that the file gives is marked as given; one that it does not give is the catalogue's. */
START_TEST(knows_the_mark_of_a_given_price)
{
    size_t mark = (size_t)table_column_named(table_get(TABLE_ORDER_ITEMS), "price_given");
    struct fixture fixture;

    open_fixture(&fixture, &items);
    ck_assert(read_row(&fixture));
    ck_assert(is_same(&fixture, mark, &(struct copy_out_field)BINARY("\1")));
    ck_assert(!is_same(&fixture, mark, &(struct copy_out_field)BINARY("\0")));
    ck_assert(!is_same(&fixture, mark, &(struct copy_out_field)NOTHING));
    put_field(&fixture, "price", NULL, 0);
    ck_assert(read_row(&fixture));
    ck_assert(is_same(&fixture, mark, &(struct copy_out_field)NOTHING));
    ck_assert(!is_same(&fixture, mark, &(struct copy_out_field)BINARY("\1")));
    close_fixture(&fixture);
}
END_TEST

/* Columns without a value in the file, of which it is not known what a row would get. */
static const struct {
    const struct example *row;
    const char *column;
} unknown[] = {{&orders, "created_at"}, {&items, "price"}};

START_TEST(knows_what_it_cannot_compare)
{
    struct row_digest_columns columns = {.count = 2};
    struct fixture fixture;
    uint64_t digest = 0;

    open_fixture(&fixture, unknown[_i].row);
    columns.table = fixture.table;
    columns.columns[0] = 2;
    columns.columns[1] = column_of(&fixture, unknown[_i].column);
    ck_assert(read_row(&fixture));
    ck_assert(row_digest(&columns, &fixture.row, &digest));
    put_field(&fixture, unknown[_i].column, NULL, 0);
    ck_assert(read_row(&fixture));
    ck_assert(!row_digest(&columns, &fixture.row, &digest));
    close_fixture(&fixture);
}
END_TEST

/* Neither do values run into each other, nor does it stay the same when they change places. */
START_TEST(keeps_columns_apart)
{
    static const struct copy_out_field rows[][2] = {
        {BINARY("ab"), BINARY("c")}, {BINARY("a"), BINARY("bc")}, {BINARY("c"), BINARY("ab")},
        {BINARY("abc"), BINARY("")}, {BINARY("abc"), NOTHING},    {NOTHING, BINARY("abc")},
        {NOTHING, NOTHING},          {BINARY(""), BINARY("")},    {NOTHING, BINARY("")},
    };
    struct row_digest_columns columns = {.table = table_get(TABLE_USERS), .count = 2};

    columns.columns[0] = (size_t)table_column_named(columns.table, "first_name");
    columns.columns[1] = (size_t)table_column_named(columns.table, "last_name");
    for (size_t one = 0; one < TABLE_ROWS(rows); one++)
        for (size_t other = 0; other < TABLE_ROWS(rows); other++)
            ck_assert_int_eq(row_digest_of_fields(&columns, rows[one]) ==
                                 row_digest_of_fields(&columns, rows[other]),
                             one == other);
}
END_TEST

START_TEST(depends_on_the_seed)
{
    struct row_digest_columns columns = {
        .table = table_get(TABLE_ORDER_ITEMS), .columns = {2}, .count = 1};
    const struct copy_out_field field = BINARY("\0\0\0\1");
    uint64_t first, second;

    first = row_digest_of_fields(&columns, &field);
    ck_assert_uint_eq(first, row_digest_of_fields(&columns, &field));
    columns.seed = 1;
    ck_assert_uint_ne(first, row_digest_of_fields(&columns, &field));
    ck_assert(row_digest_draw_seed(&first) && row_digest_draw_seed(&second));
    ck_assert_uint_ne(first, second);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("row_digest");
    TCase *tests = tcase_create("row_digest");

    tcase_add_loop_test(tests, tells_whether_a_value_is_the_same, 0, TABLE_ROWS(pairs));
    tcase_add_loop_test(tests, compares_exact_prices, 0, TABLE_ROWS(prices));
    tcase_add_test(tests, compares_statuses_by_their_labels);
    tcase_add_test(tests, knows_the_mark_of_a_given_price);
    tcase_add_loop_test(tests, knows_what_it_cannot_compare, 0, TABLE_ROWS(unknown));
    tcase_add_test(tests, keeps_columns_apart);
    tcase_add_test(tests, depends_on_the_seed);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
