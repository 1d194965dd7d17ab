#include "pg/array_parameter.h"

#include "suite.h"

#include <string.h>

START_TEST(writes_integers)
{
    struct array_parameter array = {0};

    ck_assert_str_eq(array_parameter_text(&array), "{}");
    ck_assert(array_parameter_add_integer(&array, 1));
    ck_assert_str_eq(array_parameter_text(&array), "{1}");
    ck_assert(array_parameter_add_integer(&array, INT64_MIN));
    ck_assert(array_parameter_add_integer(&array, INT64_MAX));
    ck_assert_str_eq(array_parameter_text(&array), "{1,-9223372036854775808,9223372036854775807}");
    ck_assert_uint_eq(array.count, 3);
    array_parameter_free(&array);
}
END_TEST

/* What the server takes for an element, a text quoted for an array. */
static const struct {
    const char *text, *element;
} texts[] = {
    {"", "{\"\"}"},
    {"a", "{\"a\"}"},
    {"NULL", "{\"NULL\"}"},
    {" a, {b} ", "{\" a, {b} \"}"},
    {"\"", "{\"\\\"\"}"},
    {"\\", "{\"\\\\\"}"},
    {"a\\\"b", "{\"a\\\\\\\"b\"}"},
    {"caf\303\251\n", "{\"caf\303\251\n\"}"},
};

START_TEST(quotes_texts)
{
    struct array_parameter array = {0};

    ck_assert(array_parameter_add_text(&array, texts[_i].text, strlen(texts[_i].text)));
    ck_assert_str_eq(array_parameter_text(&array), texts[_i].element);
    array_parameter_free(&array);
}
END_TEST

START_TEST(begins_again_after_clear)
{
    struct array_parameter array = {0};

    ck_assert(array_parameter_add_text(&array, "abc", 2));
    array_parameter_clear(&array);
    ck_assert_str_eq(array_parameter_text(&array), "{}");
    ck_assert(array_parameter_add_text(&array, "abc", 1));
    ck_assert(array_parameter_add_text(&array, "d", 1));
    ck_assert_str_eq(array_parameter_text(&array), "{\"a\",\"d\"}");
    array_parameter_free(&array);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("array_parameter");
    TCase *cases = tcase_create("array_parameter");

    tcase_add_test(cases, writes_integers);
    tcase_add_loop_test(cases, quotes_texts, 0, TABLE_ROWS(texts));
    tcase_add_test(cases, begins_again_after_clear);
    suite_add_tcase(suite, cases);
    return suite_run(suite);
}
