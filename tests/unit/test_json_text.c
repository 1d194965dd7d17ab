#include "base/json_text.h"
#include "suite.h"

/* U+FFFD stands for each byte that is not UTF-8. */
#define R "\xEF\xBF\xBD"

static const struct {
    const char *bytes;
    const char *text;
} cases[] = {
    {"", ""},
    {"caf\xC3\xA9 \xF0\x9F\x8D\x8E", "caf\xC3\xA9 \xF0\x9F\x8D\x8E"},
    {"a\nb\"\\\x01", "a\nb\"\\\x01"},
    {"caf\xE9", "caf" R},
    {"\xE9t\xE9", R "t" R},
    {"\xFF\xFF\xFF", R R R},
    {"cut \xF0\x9F\x8D", "cut " R R R},
    {"\xED\xA0\x80 a surrogate", R R R " a surrogate"},
    {"\xC0\x80", R R},
};

START_TEST(makes_text_of_any_bytes)
{
    json_t *text = json_text(cases[_i].bytes);

    ck_assert_ptr_nonnull(text);
    ck_assert_str_eq(json_string_value(text), cases[_i].text);
    json_decref(text);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("json_text");
    TCase *tests = tcase_create("json_text");

    tcase_add_loop_test(tests, makes_text_of_any_bytes, 0, TABLE_ROWS(cases));
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
