#include "cli/number.h"
#include "suite.h"

static const struct {
    int64_t number;
    const char *text;
} numbers[] = {
    {0, "0"},
    {7, "7"},
    {999, "999"},
    {1000, "1,000"},
    {16968, "16,968"},
    {155824, "155,824"},
    {1000000, "1,000,000"},
    {34196122, "34,196,122"},
    {INT64_MAX, "9,223,372,036,854,775,807"},
    {-1, "-1"},
    {-999, "-999"},
    {-1000, "-1,000"},
    {-155824, "-155,824"},
    {INT64_MIN, "-9,223,372,036,854,775,808"},
};

START_TEST(formats_numbers)
{
    char text[NUMBER_SIZE];

    ck_assert_ptr_eq(number_format(numbers[_i].number, text), text);
    ck_assert_str_eq(text, numbers[_i].text);
}
END_TEST

static const struct {
    double seconds;
    const char *text;
} durations[] = {
    {0, "0.00 s"},         {0.004, "0.00 s"},     {0.12, "0.12 s"},         {4.567, "4.57 s"},
    {59.99, "59.99 s"},    {60, "1 min 00 s"},    {61.9, "1 min 01 s"},     {127, "2 min 07 s"},
    {155.2, "2 min 35 s"}, {3600, "60 min 00 s"}, {86399, "1439 min 59 s"},
};

START_TEST(formats_durations)
{
    char text[NUMBER_SIZE];

    ck_assert_ptr_eq(number_format_seconds(durations[_i].seconds, text), text);
    ck_assert_str_eq(text, durations[_i].text);
}
END_TEST

static const struct {
    uint64_t rows;
    double seconds;
    const char *text;
} rates[] = {
    {0, 1, "0"},
    {1000, 1, "1,000"},
    {155824, 0.5, "311,648"},
    {1, 3, "0"},
    {34196122, 100, "341,961"},
    {1000, 0, ""},
    {1000, 0.0001, ""},
    {UINT64_C(1) << 62, 1, "4,611,686,018,427,387,904"},
};

START_TEST(formats_rates)
{
    char text[NUMBER_SIZE] = "left over";

    ck_assert_ptr_eq(number_format_rate(rates[_i].rows, rates[_i].seconds, text), text);
    ck_assert_str_eq(text, rates[_i].text);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("number");
    TCase *tests = tcase_create("numbers");

    tcase_add_loop_test(tests, formats_numbers, 0, TABLE_ROWS(numbers));
    tcase_add_loop_test(tests, formats_durations, 0, TABLE_ROWS(durations));
    tcase_add_loop_test(tests, formats_rates, 0, TABLE_ROWS(rates));
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
