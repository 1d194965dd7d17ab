#include "suite.h"
#include "value/integer.h"

#include <inttypes.h>
#include <string.h>

static const struct {
    const char *text;
    int64_t value;
} integers[] = {
    {"0", 0},
    {"7", 7},
    {"-7", -7},
    {"+7", 7},
    {"-0", 0},
    {"+0", 0},
    {"08", 8},
    {"00", 0},
    {"-007", -7},
    {"7.0", 7},
    {"7.000", 7},
    {"-7.0", -7},
    {"+7.00", 7},
    {"0.0", 0},
    {"3421083", 3421083},
    {"2147483647", 2147483647},
    {"2147483648", 2147483648},
    {"-2147483649", -2147483649},
    {"1000000000000000000", 1000000000000000000},
    {"9223372036854775807", INT64_MAX},
    {"9223372036854775807.0", INT64_MAX},
    {"-9223372036854775807", -INT64_MAX},
    {"-9223372036854775808", INT64_MIN},
    {"-9223372036854775808.0", INT64_MIN},
    {"00000000000000000000000000000000000000000042", 42},
    {"42.00000000000000000000000000000000000000000", 42},
};

static const struct {
    const char *text;
    enum value_fault_code code;
    const char *message;
} mistakes[] = {
    {"", VALUE_FAULT_TYPE, "not an integer"},
    {" ", VALUE_FAULT_TYPE, "not an integer"},
    {"-", VALUE_FAULT_TYPE, "not an integer"},
    {"+", VALUE_FAULT_TYPE, "not an integer"},
    {".", VALUE_FAULT_TYPE, "not an integer"},
    {".0", VALUE_FAULT_TYPE, "not an integer"},
    {"-.0", VALUE_FAULT_TYPE, "not an integer"},
    {"7.", VALUE_FAULT_TYPE, "not an integer"},
    {"7..0", VALUE_FAULT_TYPE, "not an integer"},
    {"7.0.0", VALUE_FAULT_TYPE, "not an integer"},
    {"7.0x", VALUE_FAULT_TYPE, "not an integer"},
    {"7.5x", VALUE_FAULT_TYPE, "not an integer"},
    {"7.-0", VALUE_FAULT_TYPE, "not an integer"},
    {"--7", VALUE_FAULT_TYPE, "not an integer"},
    {"+-7", VALUE_FAULT_TYPE, "not an integer"},
    {"7-", VALUE_FAULT_TYPE, "not an integer"},
    {" 7", VALUE_FAULT_TYPE, "not an integer"},
    {"7 ", VALUE_FAULT_TYPE, "not an integer"},
    {"7\n", VALUE_FAULT_TYPE, "not an integer"},
    {"7.0 ", VALUE_FAULT_TYPE, "not an integer"},
    {"1 000", VALUE_FAULT_TYPE, "not an integer"},
    {"1,000", VALUE_FAULT_TYPE, "not an integer"},
    {"1_000", VALUE_FAULT_TYPE, "not an integer"},
    {"1e3", VALUE_FAULT_TYPE, "not an integer"},
    {"0x1f", VALUE_FAULT_TYPE, "not an integer"},
    {"12a", VALUE_FAULT_TYPE, "not an integer"},
    {"a", VALUE_FAULT_TYPE, "not an integer"},
    {"/", VALUE_FAULT_TYPE, "not an integer"},
    {":", VALUE_FAULT_TYPE, "not an integer"},
    {"NaN", VALUE_FAULT_TYPE, "not an integer"},
    {"\xd9\xa3", VALUE_FAULT_TYPE, "not an integer"},
    {"99999999999999999999x", VALUE_FAULT_TYPE, "not an integer"},
    {"7.5", VALUE_FAULT_TYPE, "not a whole number"},
    {"-7.01", VALUE_FAULT_TYPE, "not a whole number"},
    {"0.0000000000000000000000000001", VALUE_FAULT_TYPE, "not a whole number"},
    {"99999999999999999999.5", VALUE_FAULT_TYPE, "not a whole number"},
    {"9223372036854775808", VALUE_FAULT_RANGE, "out of range for bigint"},
    {"+9223372036854775808", VALUE_FAULT_RANGE, "out of range for bigint"},
    {"9223372036854775808.0", VALUE_FAULT_RANGE, "out of range for bigint"},
    {"-9223372036854775809", VALUE_FAULT_RANGE, "out of range for bigint"},
    {"9223372036854775810", VALUE_FAULT_RANGE, "out of range for bigint"},
    {"18446744073709551616", VALUE_FAULT_RANGE, "out of range for bigint"},
    {"18446744073709551623", VALUE_FAULT_RANGE, "out of range for bigint"},
    {"-18446744073709551623", VALUE_FAULT_RANGE, "out of range for bigint"},
    {"100000000000000000000000000000000000000000", VALUE_FAULT_RANGE, "out of range for bigint"},
};

START_TEST(reads_integers)
{
    const char *text = integers[_i].text;
    int64_t value = 42424242;
    const struct value_fault *fault = integer_parse(text, strlen(text), &value);

    ck_assert_msg(fault == NULL, "\"%s\": %s", text, fault->text);
    ck_assert_msg(value == integers[_i].value, "\"%s\": %" PRId64, text, value);
}
END_TEST

START_TEST(names_the_mistake)
{
    const char *text = mistakes[_i].text;
    int64_t value;
    const struct value_fault *fault = integer_parse(text, strlen(text), &value);

    ck_assert_msg(fault != NULL, "\"%s\" was read", text);
    ck_assert_msg(strcmp(fault->text, mistakes[_i].message) == 0,
                  "\"%s\": \"%s\" instead of \"%s\"", text, fault->text, mistakes[_i].message);
    ck_assert_msg(fault->code == mistakes[_i].code, "\"%s\": code %d instead of %d", text,
                  (int)fault->code, (int)mistakes[_i].code);
}
END_TEST

START_TEST(reads_no_further_than_the_length)
{
    const char text[] = "-12.05";
    int64_t value = 0;

    ck_assert_str_eq(integer_parse(text, strlen("-"), &value)->text, "not an integer");
    ck_assert_ptr_null(integer_parse(text, strlen("-1"), &value));
    ck_assert_int_eq(value, -1);
    ck_assert_ptr_null(integer_parse(text, strlen("-12"), &value));
    ck_assert_int_eq(value, -12);
    ck_assert_str_eq(integer_parse(text, strlen("-12."), &value)->text, "not an integer");
    ck_assert_ptr_null(integer_parse(text, strlen("-12.0"), &value));
    ck_assert_int_eq(value, -12);
    ck_assert_str_eq(integer_parse(text, strlen("-12.05"), &value)->text, "not a whole number");
}
END_TEST

START_TEST(rejects_a_nul_byte)
{
    int64_t value;

    ck_assert_str_eq(integer_parse("12\0", 3, &value)->text, "not an integer");
    ck_assert_str_eq(integer_parse("12.0\0", 5, &value)->text, "not an integer");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("integer");
    TCase *parse = tcase_create("parse");

    tcase_add_loop_test(parse, reads_integers, 0, TABLE_ROWS(integers));
    tcase_add_loop_test(parse, names_the_mistake, 0, TABLE_ROWS(mistakes));
    tcase_add_test(parse, reads_no_further_than_the_length);
    tcase_add_test(parse, rejects_a_nul_byte);
    suite_add_tcase(suite, parse);
    return suite_run(suite);
}
