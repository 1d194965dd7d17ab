#include "csv/byte_check.h"
#include "suite.h"

#include <string.h>

#define BYTES(literal) literal, sizeof(literal) - 1
#define HAS_NUL        "the line contains a NUL byte"
#define NO_UTF_8       "the line is not UTF-8"

static const struct {
    const char *bytes;
    size_t length;
    const char *fault;
} checks[] = {
    {BYTES(""), NULL},
    {BYTES("plain\t\x1b\x7f"), NULL},
    {BYTES("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"), NULL},
    {BYTES("a\0b"), HAS_NUL},
    {BYTES("\xff\0"), HAS_NUL},
    {BYTES("\xc3\0"), HAS_NUL},
    {BYTES("K\xf6ln"), NO_UTF_8},
    {BYTES("\xa9"), NO_UTF_8},
    {BYTES("\xc0\xaf"), NO_UTF_8},
    {BYTES("\xf5\x80\x80\x80"), NO_UTF_8},
    {BYTES("\xc3"), NO_UTF_8},
    {BYTES("\xe2\x82"), NO_UTF_8},
    {BYTES("\xe2\x82x"), NO_UTF_8},
    {BYTES("\xc3\xa9\xa9"), NO_UTF_8},
};

static void expect_fault(const struct byte_check *check, const char *fault)
{
    const char *found = byte_check_fault(check);

    ck_assert_pstr_eq(found, fault);
}

/* In one piece, and byte by byte. */
START_TEST(tells_what_is_no_text)
{
    struct byte_check whole = {0}, pieces = {0};

    byte_check_take(&whole, checks[_i].bytes, checks[_i].length);
    byte_check_end(&whole);
    expect_fault(&whole, checks[_i].fault);
    for (size_t i = 0; i < checks[_i].length; i++)
        byte_check_take(&pieces, checks[_i].bytes + i, 1);
    byte_check_end(&pieces);
    expect_fault(&pieces, checks[_i].fault);
}
END_TEST

START_TEST(ends_with_the_line)
{
    struct byte_check check = {0};

    byte_check_take_line(&check, BYTES("a\r\0"));
    byte_check_take_line(&check, BYTES("b\n\xff"));
    byte_check_end(&check);
    expect_fault(&check, NULL);
    byte_check_take_line(&check, BYTES("\xff"));
    expect_fault(&check, NO_UTF_8);
}
END_TEST

START_TEST(looks_at_the_fields_that_are_kept)
{
    struct byte_check check = {.has_nul = true};
    struct field_list list = {.count = 3};

    list.fields[1] = (struct csv_field){.text = "\xc3", .length = 1};
    list.fields[2] = (struct csv_field){.text = "\xa9", .length = 1};
    byte_check_fields(&check, &list);
    expect_fault(&check, NO_UTF_8);
    list.fields[1] = list.fields[2] = (struct csv_field){.text = "\xc3\xa9", .length = 2};
    byte_check_fields(&check, &list);
    expect_fault(&check, NULL);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("byte_check");
    TCase *tests = tcase_create("checks");

    tcase_add_loop_test(tests, tells_what_is_no_text, 0, TABLE_ROWS(checks));
    tcase_add_test(tests, ends_with_the_line);
    tcase_add_test(tests, looks_at_the_fields_that_are_kept);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
