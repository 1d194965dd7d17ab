#include "suite.h"
#include "value/utf8.h"

#include <string.h>

/* A literal and its length, for texts that hold a NUL. */
#define BYTES(literal) literal, sizeof(literal) - 1

static const struct {
    const char *text;
    size_t length;
    size_t characters;
} texts[] = {
    {BYTES(""), 0},
    {BYTES("a"), 1},
    {BYTES("\x01\x7f"), 2},
    {BYTES("Chocolate Sandwich Cookies"), 26},
    {BYTES("Cr\xc3\xa8me Br\xc3\xbbl\xc3\xa9"
           "e"),
     12},
    {BYTES("\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9"), 9},
    {BYTES("12345678\xe2\x82\xac"
           "12345678"),
     17},
    {BYTES("e\xcc\x81"), 2},
    {BYTES("\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x8c\xbe"), 3},
    {BYTES("\xef\xbb\xbfid"), 3},
    {BYTES("\xc2\x80"), 1},
    {BYTES("\xdf\xbf"), 1},
    {BYTES("\xe0\xa0\x80"), 1},
    {BYTES("\xed\x9f\xbf"), 1},
    {BYTES("\xee\x80\x80"), 1},
    {BYTES("\xef\xbf\xbf"), 1},
    {BYTES("\xf0\x90\x80\x80"), 1},
    {BYTES("\xf4\x8f\xbf\xbf"), 1},
};

static const struct {
    const char *name;
    const char *text;
    size_t length;
    enum value_fault_code code;
    const char *message;
} mistakes[] = {
    {"lone continuation", BYTES("\x80"), VALUE_FAULT_ENCODING, "invalid UTF-8"},
    {"last continuation", BYTES("\xbf"), VALUE_FAULT_ENCODING, "invalid UTF-8"},
    {"Latin-1", BYTES("Cr\xe8me"), VALUE_FAULT_ENCODING, "invalid UTF-8"},
    {"overlong NUL", BYTES("\xc0\x80"), VALUE_FAULT_ENCODING, "invalid UTF-8"},
    {"overlong of two", BYTES("\xc1\xbf"), VALUE_FAULT_ENCODING, "invalid UTF-8"},
    {"overlong of three", BYTES("\xe0\x9f\xbf"), VALUE_FAULT_ENCODING, "invalid UTF-8"},
    {"overlong of four", BYTES("\xf0\x8f\xbf\xbf"), VALUE_FAULT_ENCODING, "invalid UTF-8"},
    {"first surrogate", BYTES("\xed\xa0\x80"), VALUE_FAULT_ENCODING, "invalid UTF-8"},
    {"last surrogate", BYTES("\xed\xbf\xbf"), VALUE_FAULT_ENCODING, "invalid UTF-8"},
    {"surrogate pair", BYTES("\xed\xa0\xbd\xed\xb8\x80"), VALUE_FAULT_ENCODING, "invalid UTF-8"},
    {"beyond U+10FFFF", BYTES("\xf4\x90\x80\x80"), VALUE_FAULT_ENCODING, "invalid UTF-8"},
    {"beyond four", BYTES("\xf5\x80\x80\x80"), VALUE_FAULT_ENCODING, "invalid UTF-8"},
    {"five bytes", BYTES("\xf8\x88\x80\x80\x80"), VALUE_FAULT_ENCODING, "invalid UTF-8"},
    {"0xfe", BYTES("\xfe"), VALUE_FAULT_ENCODING, "invalid UTF-8"},
    {"0xff", BYTES("\xff"), VALUE_FAULT_ENCODING, "invalid UTF-8"},
    {"first of two", BYTES("\xc3"), VALUE_FAULT_ENCODING, "invalid UTF-8"},
    {"two of three", BYTES("\xe2\x82"), VALUE_FAULT_ENCODING, "invalid UTF-8"},
    {"three of four", BYTES("\xf0\x9f\x91"), VALUE_FAULT_ENCODING, "invalid UTF-8"},
    {"three of four, then ASCII", BYTES("\xf0\x9f\x91z"), VALUE_FAULT_ENCODING, "invalid UTF-8"},
    {"two, then one too many", BYTES("\xc3\xa9\xa9"), VALUE_FAULT_ENCODING, "invalid UTF-8"},
    {"late in a long text", BYTES("\xc3\xa9 twelve letters and so on \xff"), VALUE_FAULT_ENCODING,
     "invalid UTF-8"},
    {"NUL alone", BYTES("\0"), VALUE_FAULT_ENCODING, "contains a NUL byte"},
    {"NUL at the end", BYTES("12345678\0"), VALUE_FAULT_ENCODING, "contains a NUL byte"},
    {"NUL after another script", BYTES("\xc3\xa9\0"), VALUE_FAULT_ENCODING, "contains a NUL byte"},
};

START_TEST(counts_characters)
{
    size_t characters = 4242;
    const struct value_fault *fault = utf8_check(texts[_i].text, texts[_i].length, &characters);

    ck_assert_msg(fault == NULL, "\"%s\": %s", texts[_i].text, fault->text);
    ck_assert_msg(characters == texts[_i].characters, "\"%s\": %zu instead of %zu", texts[_i].text,
                  characters, texts[_i].characters);
}
END_TEST

START_TEST(names_the_mistake)
{
    size_t characters;
    const struct value_fault *fault =
        utf8_check(mistakes[_i].text, mistakes[_i].length, &characters);

    ck_assert_msg(fault != NULL, "%s was accepted", mistakes[_i].name);
    ck_assert_msg(strcmp(fault->text, mistakes[_i].message) == 0, "%s: \"%s\"", mistakes[_i].name,
                  fault->text);
    ck_assert_msg(fault->code == mistakes[_i].code, "%s: code %d", mistakes[_i].name,
                  (int)fault->code);
}
END_TEST

/* Every length up to a few words of the fast path, and every place in it. */
enum { LONGEST = 40 };

START_TEST(counts_ascii_of_every_length)
{
    char text[LONGEST];

    memset(text, 'x', sizeof text);
    for (size_t length = 0; length <= LONGEST; length++) {
        size_t characters = 4242;

        ck_assert_ptr_null(utf8_check(text + LONGEST - length, length, &characters));
        ck_assert_uint_eq(characters, length);
    }
}
END_TEST

START_TEST(sees_every_byte_of_ascii)
{
    char text[LONGEST];

    for (size_t length = 2; length <= LONGEST; length++) {
        for (size_t position = 0; position + 1 < length; position++) {
            size_t characters = 4242;

            memset(text, '\x01', sizeof text);
            text[position] = '\0';
            ck_assert_str_eq(utf8_check(text, length, &characters)->text, "contains a NUL byte");
            text[position] = '\x80';
            ck_assert_str_eq(utf8_check(text, length, &characters)->text, "invalid UTF-8");
            text[position] = '\xc3';
            ck_assert_str_eq(utf8_check(text, length, &characters)->text, "invalid UTF-8");
            text[position + 1] = '\xa9';
            ck_assert_ptr_null(utf8_check(text, length, &characters));
            ck_assert_uint_eq(characters, length - 1);
        }
    }
}
END_TEST

START_TEST(reads_no_further_than_the_length)
{
    size_t characters = 4242;

    ck_assert_ptr_null(utf8_check("ab\xff", 2, &characters));
    ck_assert_uint_eq(characters, 2);
    ck_assert_str_eq(utf8_check("\xe2\x82\xac", 2, &characters)->text, "invalid UTF-8");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("utf8");
    TCase *check = tcase_create("check");

    tcase_add_loop_test(check, counts_characters, 0, TABLE_ROWS(texts));
    tcase_add_loop_test(check, names_the_mistake, 0, TABLE_ROWS(mistakes));
    tcase_add_test(check, counts_ascii_of_every_length);
    tcase_add_test(check, sees_every_byte_of_ascii);
    tcase_add_test(check, reads_no_further_than_the_length);
    suite_add_tcase(suite, check);
    return suite_run(suite);
}
