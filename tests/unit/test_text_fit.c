#include "cli/text_fit.h"
#include "suite.h"

#include <stdlib.h>
#include <string.h>

static const struct {
    const char *text;
    int columns;
    const char *shown;
} cases[] = {
    {"orders.csv", 20, "orders.csv"},
    {"orders.csv", 10, "orders.csv"},
    {"orders.csv", 9, "...rs.csv"},
    {"orders.csv", 4, "...v"},
    {"orders.csv", 3, "..."},
    {"orders.csv", 2, ".."},
    {"orders.csv", 0, ""},
    {"orders.csv", -7, ""},
    {"", 5, ""},
    /* Two columns each. */
    {"\u6ce8\u6587.csv", 8, "\u6ce8\u6587.csv"},
    {"\u6ce8\u6587.csv", 7, "....csv"},
    {"\u6ce8\u6587\u6ce8\u6587", 7, "...\u6ce8\u6587"},
    {"\u6ce8\u6587\u6ce8\u6587", 6, "...\u6587"},
    /* Combined with the letter before. */
    {"cafe\u0301.csv", 8, "cafe\u0301.csv"},
    {"cafe\u0301.csv", 7, "....csv"},
    {"a\033[2Jb", 12, "a\\x1b[2Jb"},
    {"\xE9.csv", 10, "\\xe9.csv"},
};

START_TEST(fits)
{
    char shown[TEXT_FIT_SIZE];

    ck_assert_str_eq(text_fit(cases[_i].text, cases[_i].columns, shown), cases[_i].shown);
    ck_assert_int_le(text_columns(shown), cases[_i].columns > 0 ? cases[_i].columns : 0);
}
END_TEST

/* A file's whole name, in a pipe. */
START_TEST(copies_what_fits_of_any_length)
{
    char path[4097];
    char *shown = text_fit_copy(cases[_i].text, cases[_i].columns);

    if (cases[_i].columns > 0)
        ck_assert_str_eq(shown, cases[_i].shown);
    free(shown);
    memset(path, 'p', sizeof path - 1);
    path[sizeof path - 1] = '\0';
    shown = text_fit_copy(path, 0);
    ck_assert_str_eq(shown, path);
    free(shown);
    shown = text_fit_copy(path, 100);
    ck_assert_int_eq(text_columns(shown), 100);
    ck_assert_str_eq(shown + 3, path + 4096 - 97);
    free(shown);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("text_fit");
    TCase *tests = tcase_create("text_fit");

    tcase_add_loop_test(tests, fits, 0, TABLE_ROWS(cases));
    tcase_add_loop_test(tests, copies_what_fits_of_any_length, 0, TABLE_ROWS(cases));
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
