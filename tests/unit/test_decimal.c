#include "suite.h"
#include "value/decimal.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* The values are PostgreSQL 15's: the text cast to numeric(40, scale), times 10^scale. */
static const struct {
    const char *text;
    unsigned scale;
    int64_t units;
} decimals[] = {
    {"24.58", 2, 2458},
    {"24", 2, 2400},
    {"24.", 2, 2400},
    {".5", 2, 50},
    {"-.5", 2, -50},
    {"+1.25", 2, 125},
    {"-1", 2, -100},
    {"0", 2, 0},
    {"-0", 2, 0},
    {"00.00", 2, 0},
    {"007.10", 2, 710},
    {"1e2", 2, 10000},
    {"1E2", 2, 10000},
    {"1e+2", 2, 10000},
    {"12345e-3", 2, 1235},
    {"-12345E-3", 2, -1235},
    {"1e-2", 2, 1},
    {"1e-3", 2, 0},
    {"5e-3", 2, 1},
    {"4e-3", 2, 0},
    {".5e-2", 2, 1},
    {"1.005", 2, 101},
    {"1.004", 2, 100},
    {"1.00499999999999999999999999999999999999", 2, 100},
    {"1.015", 2, 102},
    {"2.675", 2, 268},
    {"-1.005", 2, -101},
    {"-1.004", 2, -100},
    {"0.005", 2, 1},
    {"-0.005", 2, -1},
    {"0.0049", 2, 0},
    {"0.004999999999999999999999999999", 2, 0},
    {"99.995", 2, 10000},
    {"99.994", 2, 9999},
    {"-99.995", 2, -10000},
    {"0.00000000000000000000000000000000000000000000000001e50", 2, 100},
    {"100000000000000000000000000000000000000000000000000e-50", 2, 100},
    {"00000000000000000000000000000000000000012.34", 2, 1234},
    {"12.340000000000000000000000000000000000000000", 2, 1234},
    {"0e999", 2, 0},
    {"0e-999", 2, 0},
    {"1e-500", 2, 0},
    {"123456789012345e-400", 2, 0},
    {"92233720368547758.07", 2, 9223372036854775807},
    {"92233720368547758.074", 2, 9223372036854775807},
    {"-92233720368547758.08", 2, INT64_MIN},
    {"-92233720368547758.084", 2, INT64_MIN},
    {"99999999.99", 2, 9999999999},
    {"99999999.995", 2, 10000000000},
    {"0.5", 0, 1},
    {"0.4999999999999999999", 0, 0},
    {"1.5", 0, 2},
    {"2.5", 0, 3},
    {"-2.5", 0, -3},
    {"-0.5", 0, -1},
    {"9223372036854775807", 0, 9223372036854775807},
    {"-9223372036854775808", 0, INT64_MIN},
    {"9223372036854775807.4", 0, 9223372036854775807},
    {"123456789e-9", 0, 0},
    {"0.0000000000005", 12, 1},
    {"0.00000000000049", 12, 0},
    {"1.5", 12, 1500000000000},
    {"-9223372.036854775808", 12, INT64_MIN},
    {"1e-12", 12, 1},
    {"3.1415926535897932384626", 12, 3141592653590},
};

static const struct {
    const char *text;
    unsigned scale;
    enum value_fault_code code;
    const char *message;
} mistakes[] = {
    {"", 2, VALUE_FAULT_TYPE, "not a number"},
    {" ", 2, VALUE_FAULT_TYPE, "not a number"},
    {"+", 2, VALUE_FAULT_TYPE, "not a number"},
    {"-", 2, VALUE_FAULT_TYPE, "not a number"},
    {".", 2, VALUE_FAULT_TYPE, "not a number"},
    {"-.", 2, VALUE_FAULT_TYPE, "not a number"},
    {"e5", 2, VALUE_FAULT_TYPE, "not a number"},
    {".e5", 2, VALUE_FAULT_TYPE, "not a number"},
    {"1e", 2, VALUE_FAULT_TYPE, "not a number"},
    {"1e+", 2, VALUE_FAULT_TYPE, "not a number"},
    {"1e-", 2, VALUE_FAULT_TYPE, "not a number"},
    {"1e 5", 2, VALUE_FAULT_TYPE, "not a number"},
    {"1e5.0", 2, VALUE_FAULT_TYPE, "not a number"},
    {"1e5e5", 2, VALUE_FAULT_TYPE, "not a number"},
    {"1e--5", 2, VALUE_FAULT_TYPE, "not a number"},
    {"1.2.3", 2, VALUE_FAULT_TYPE, "not a number"},
    {"1..2", 2, VALUE_FAULT_TYPE, "not a number"},
    {"--1", 2, VALUE_FAULT_TYPE, "not a number"},
    {"+-1", 2, VALUE_FAULT_TYPE, "not a number"},
    {"1-", 2, VALUE_FAULT_TYPE, "not a number"},
    {" 1", 2, VALUE_FAULT_TYPE, "not a number"},
    {"1 ", 2, VALUE_FAULT_TYPE, "not a number"},
    {"1 000", 2, VALUE_FAULT_TYPE, "not a number"},
    {"1,5", 2, VALUE_FAULT_TYPE, "not a number"},
    {"1_000", 2, VALUE_FAULT_TYPE, "not a number"},
    {"0x1f", 2, VALUE_FAULT_TYPE, "not a number"},
    {"$5", 2, VALUE_FAULT_TYPE, "not a number"},
    {"5f", 2, VALUE_FAULT_TYPE, "not a number"},
    {"NaN", 2, VALUE_FAULT_TYPE, "not a number"},
    {"nan", 2, VALUE_FAULT_TYPE, "not a number"},
    {"Infinity", 2, VALUE_FAULT_TYPE, "not a number"},
    {"-inf", 2, VALUE_FAULT_TYPE, "not a number"},
    {"99999999999999999999x", 2, VALUE_FAULT_TYPE, "not a number"},
    {"92233720368547758.08", 2, VALUE_FAULT_RANGE, "out of range"},
    {"92233720368547758.075", 2, VALUE_FAULT_RANGE, "out of range"},
    {"-92233720368547758.085", 2, VALUE_FAULT_RANGE, "out of range"},
    {"-92233720368547758.09", 2, VALUE_FAULT_RANGE, "out of range"},
    {"9223372036854775808", 0, VALUE_FAULT_RANGE, "out of range"},
    {"9223372036854775807.5", 0, VALUE_FAULT_RANGE, "out of range"},
    {"-9223372036854775808.5", 0, VALUE_FAULT_RANGE, "out of range"},
    {"-9223372036854775809", 0, VALUE_FAULT_RANGE, "out of range"},
    {"9223372.036854775808", 12, VALUE_FAULT_RANGE, "out of range"},
    {"9223373", 12, VALUE_FAULT_RANGE, "out of range"},
    {"1e18", 2, VALUE_FAULT_RANGE, "out of range"},
    {"1e400", 2, VALUE_FAULT_RANGE, "out of range"},
    {"-1e999999999999999999999999999999999999999", 2, VALUE_FAULT_RANGE, "out of range"},
    {"184467440737095516.17", 2, VALUE_FAULT_RANGE, "out of range"},
    {"100000000000000000000000000000000000000000000000000", 2, VALUE_FAULT_RANGE, "out of range"},
};

/* The words are what PostgreSQL 15's numeric_send gives for units / 10^scale as numeric(40, scale):
 * ndigits, weight, sign, dscale, digits. */
static const struct {
    int64_t units;
    unsigned scale;
    const char *words;
} encodings[] = {
    {0, 0, "0000 0000 0000 0000"},
    {0, 2, "0000 0000 0000 0002"},
    {0, 12, "0000 0000 0000 000c"},
    {1, 0, "0001 0000 0000 0000 0001"},
    {-1, 0, "0001 0000 4000 0000 0001"},
    {1, 2, "0001 ffff 0000 0002 0064"},
    {-1, 2, "0001 ffff 4000 0002 0064"},
    {10, 2, "0001 ffff 0000 0002 03e8"},
    {100, 2, "0001 0000 0000 0002 0001"},
    {-100, 2, "0001 0000 4000 0002 0001"},
    {123, 2, "0002 0000 0000 0002 0001 08fc"},
    {2458, 2, "0002 0000 0000 0002 0018 16a8"},
    {-2458, 2, "0002 0000 4000 0002 0018 16a8"},
    {9999, 0, "0001 0000 0000 0000 270f"},
    {10000, 0, "0001 0001 0000 0000 0001"},
    {10001, 0, "0002 0001 0000 0000 0001 0001"},
    {99990000, 0, "0001 0001 0000 0000 270f"},
    {100000000, 0, "0001 0002 0000 0000 0001"},
    {1000000, 2, "0001 0001 0000 0002 0001"},
    {1000001, 2, "0003 0001 0000 0002 0001 0000 0064"},
    {99999999, 2, "0003 0001 0000 0002 0063 270f 26ac"},
    {100000000, 2, "0001 0001 0000 0002 0064"},
    {9999999999, 2, "0003 0001 0000 0002 270f 270f 26ac"},
    {-9999999999, 2, "0003 0001 4000 0002 270f 270f 26ac"},
    {7, 1, "0001 ffff 0000 0001 1b58"},
    {12345, 1, "0002 0000 0000 0001 04d2 1388"},
    {12345, 3, "0002 0000 0000 0003 000c 0d7a"},
    {12345, 4, "0002 0000 0000 0004 0001 0929"},
    {50000, 4, "0001 0000 0000 0004 0005"},
    {12345, 5, "0002 ffff 0000 0005 04d2 1388"},
    {1, 5, "0001 fffe 0000 0005 03e8"},
    {1, 8, "0001 fffe 0000 0008 0001"},
    {1, 12, "0001 fffd 0000 000c 0001"},
    {-1, 12, "0001 fffd 4000 000c 0001"},
    {1000000000000, 12, "0001 0000 0000 000c 0001"},
    {1234567890123, 12, "0004 0000 0000 000c 0001 0929 1a85 007b"},
    {9223372036854775807, 0, "0005 0004 0000 0000 039a 0d2c 0170 1565 16af"},
    {INT64_MIN, 0, "0005 0004 4000 0000 039a 0d2c 0170 1565 16b0"},
    {9223372036854775807, 2, "0006 0004 0000 0002 0009 08b9 1c23 1ac6 1e4e 02bc"},
    {9223372036854775807, 1, "0006 0004 0000 0001 005c 0921 07f4 2163 1d9c 1b58"},
    {INT64_MIN, 1, "0006 0004 4000 0001 005c 0921 07f4 2163 1d9c 1f40"},
    {9223372036854775807, 3, "0005 0003 0000 0003 2407 0e88 0e65 12a7 1f86"},
    {9223372036854775807, 12, "0005 0001 0000 000c 039a 0d2c 0170 1565 16af"},
    {INT64_MIN, 12, "0005 0001 4000 000c 039a 0d2c 0170 1565 16b0"},
};

static const struct {
    int64_t units;
    unsigned scale;
    double value;
} doubles[] = {
    {2458, 2, 24.58},
    {-2458, 2, -24.58},
    {0, 2, 0.0},
    {1, 12, 1e-12},
    {1, 0, 1.0},
    {10, 1, 1.0},
    {29, 1, 2.9},
    {1999, 2, 19.99},
    {9999999999, 2, 99999999.99},
    {9007199254740991, 5, 90071992547.40991},
    {9007199254740993, 3, 9007199254740.993},
    {9007199254740993, 12, 9007.199254740993},
    {-9007199254740995, 0, -9007199254740996.0},
    {9223372036854775807, 2, 92233720368547758.07},
    {1234567890123456789, 12, 1234567.890123456789},
    {INT64_MIN, 12, -9223372.036854775808},
    {INT64_MIN, 0, -9223372036854775808.0},
};

START_TEST(reads_and_rounds_as_postgresql_does)
{
    const char *text = decimals[_i].text;
    int64_t units = 42;
    const struct value_fault *fault = decimal_parse(text, strlen(text), decimals[_i].scale, &units);

    ck_assert_msg(fault == NULL, "\"%s\": %s", text, fault->text);
    ck_assert_msg(units == decimals[_i].units, "\"%s\": %" PRId64 " instead of %" PRId64, text,
                  units, decimals[_i].units);
}
END_TEST

START_TEST(names_the_mistake)
{
    const char *text = mistakes[_i].text;
    int64_t units;
    const struct value_fault *fault = decimal_parse(text, strlen(text), mistakes[_i].scale, &units);

    ck_assert_msg(fault != NULL, "\"%s\" was read", text);
    ck_assert_msg(strcmp(fault->text, mistakes[_i].message) == 0,
                  "\"%s\": \"%s\" instead of \"%s\"", text, fault->text, mistakes[_i].message);
    ck_assert_msg(fault->code == mistakes[_i].code, "\"%s\": code %d instead of %d", text,
                  (int)fault->code, (int)mistakes[_i].code);
}
END_TEST

START_TEST(reads_no_further_than_the_length)
{
    const char text[] = "12.345e2";
    int64_t units = 0;

    ck_assert_ptr_null(decimal_parse(text, strlen("1"), 3, &units));
    ck_assert_int_eq(units, 1000);
    ck_assert_ptr_null(decimal_parse(text, strlen("12."), 3, &units));
    ck_assert_int_eq(units, 12000);
    ck_assert_ptr_null(decimal_parse(text, strlen("12.34"), 3, &units));
    ck_assert_int_eq(units, 12340);
    ck_assert_str_eq(decimal_parse(text, strlen("12.345e"), 3, &units)->text, "not a number");
    ck_assert_ptr_null(decimal_parse(text, strlen("12.345e2"), 3, &units));
    ck_assert_int_eq(units, 1234500);
}
END_TEST

/* An exponent that undoes a million digits after the point. Those before it, and as many fraction
 * digits as these would make of them, are too many for PostgreSQL. */
START_TEST(reads_a_million_digits)
{
    enum { ZEROS = 1000000, NUMERIC_FRACTION = 16383 };
    char *text = malloc(ZEROS + 64);
    int64_t units = 0;
    int size;

    ck_assert_ptr_nonnull(text);
    memcpy(text, "0.", 2);
    memset(text + 2, '0', ZEROS);
    size = snprintf(text + 2 + ZEROS, 32, "125e%d", ZEROS + 2);
    ck_assert_ptr_null(decimal_parse(text, 2 + ZEROS + (size_t)size, 2, &units));
    ck_assert_int_eq(units, 1250);

    text[0] = '3';
    memset(text + 1, '0', ZEROS);
    size = snprintf(text + 1 + ZEROS, 32, "e-%d", ZEROS + 2);
    ck_assert_ptr_nonnull(decimal_parse(text, 1 + ZEROS + (size_t)size, 2, &units));
    size = snprintf(text + 1 + NUMERIC_FRACTION, 32, "e-%d", NUMERIC_FRACTION);
    ck_assert_ptr_null(decimal_parse(text, 1 + NUMERIC_FRACTION + (size_t)size, 2, &units));
    ck_assert_int_eq(units, 300);
    memset(text + 1, '0', ZEROS);
    text[0] = '.';
    ck_assert_ptr_null(decimal_parse(text, 1 + NUMERIC_FRACTION, 2, &units));
    ck_assert_int_eq(units, 0);
    ck_assert_ptr_nonnull(decimal_parse(text, 2 + NUMERIC_FRACTION, 2, &units));
    free(text);
}
END_TEST

static const struct {
    const char *text;
    bool underflows;
} small_numbers[] = {
    {"0", false},
    {"-0.000", false},
    {"0e-400", false},
    {"1e-323", false},
    {"0.0001e-319", false},
    {"2.4703282292062328e-324", false},
    {"24703282292062328e-340", false},
    {"-.00024703282292062328e-320", false},
    {"3e-324", false},
    {"2.4703282292062327e-324", true},
    {"2.47032822920623272089e-324", false},
    {"2.470328229206232720882843964341106861825e-324", true},
    {"2.470328229206232720882843964341106861826e-324", false},
    {"2.470328229206232720882843964341106861825299013071623822e-324", true},
    {"2e-324", true},
    {"0.02e-322", true},
    {"1e-324", true},
    {"9e-325", true},
    {"-1e-400", true},
    {"1e-16383", true},
};

START_TEST(finds_what_a_double_cannot_hold)
{
    const char *text = small_numbers[_i].text;

    ck_assert_int_eq(decimal_underflows_double(text, strlen(text)), small_numbers[_i].underflows);
}
END_TEST

static void print_words(const uint8_t *binary, size_t size, char *words)
{
    for (size_t position = 0; position + 1 < size; position += 2)
        words += sprintf(words, "%s%02x%02x", position == 0 ? "" : " ", (unsigned)binary[position],
                         (unsigned)binary[position + 1]);
}

START_TEST(encodes_as_numeric_send_does)
{
    uint8_t binary[DECIMAL_BINARY_SIZE];
    char words[5 * DECIMAL_BINARY_SIZE] = "";
    size_t size = decimal_encode_numeric(encodings[_i].units, encodings[_i].scale, binary);

    ck_assert_uint_le(size, sizeof binary);
    ck_assert_uint_eq(size % 2, 0);
    print_words(binary, size, words);
    ck_assert_msg(strcmp(words, encodings[_i].words) == 0,
                  "%" PRId64 " at scale %u: %s instead of %s", encodings[_i].units,
                  encodings[_i].scale, words, encodings[_i].words);
}
END_TEST

START_TEST(gives_the_nearest_double)
{
    double value = decimal_to_double(doubles[_i].units, doubles[_i].scale);

    ck_assert_msg(memcmp(&value, &doubles[_i].value, sizeof value) == 0, "%.17g instead of %.17g",
                  value, doubles[_i].value);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("decimal");
    TCase *parse = tcase_create("parse");
    TCase *convert = tcase_create("convert");

    tcase_add_loop_test(parse, reads_and_rounds_as_postgresql_does, 0, TABLE_ROWS(decimals));
    tcase_add_loop_test(parse, names_the_mistake, 0, TABLE_ROWS(mistakes));
    tcase_add_test(parse, reads_no_further_than_the_length);
    tcase_add_test(parse, reads_a_million_digits);
    tcase_add_loop_test(parse, finds_what_a_double_cannot_hold, 0, TABLE_ROWS(small_numbers));
    suite_add_tcase(suite, parse);
    tcase_add_loop_test(convert, encodes_as_numeric_send_does, 0, TABLE_ROWS(encodings));
    tcase_add_loop_test(convert, gives_the_nearest_double, 0, TABLE_ROWS(doubles));
    suite_add_tcase(suite, convert);
    return suite_run(suite);
}
