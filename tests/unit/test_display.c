#include "base/display.h"
#include "suite.h"

#include <string.h>

/* A literal and its length, for bytes that hold a NUL. */
#define BYTES(literal) literal, sizeof(literal) - 1

static const struct {
    const char *bytes;
    size_t length;
    const char *shown;
} values[] = {
    {BYTES(""), ""},
    {BYTES("7.5"), "7.5"},
    {BYTES(" ~\"\\%s'"), " ~\"\\%s'"},
    {BYTES("Cr\xc3\xa8me \xe2\x82\xac \xf0\x9f\x91\xa9"),
     "Cr\xc3\xa8me \xe2\x82\xac \xf0\x9f\x91\xa9"},
    {BYTES("a\nb\rc\td"), "a\\nb\\rc\\td"},
    {BYTES("\0x"), "\\x00x"},
    {BYTES("\x1b[2J"), "\\x1b[2J"},
    {BYTES("\x01\x1f\x7f"), "\\x01\\x1f\\x7f"},
    {BYTES("\xc2\x80|\xc2\x9b|\xc2\x9f|\xc2\xa0"), "\\xc2\\x80|\\xc2\\x9b|\\xc2\\x9f|\xc2\xa0"},
    {BYTES("Cr\xe8me"), "Cr\\xe8me"},
    {BYTES("\xff\xfe"), "\\xff\\xfe"},
    {BYTES("\xc3"), "\\xc3"},
    {BYTES("\xe2\x82"), "\\xe2\\x82"},
    {BYTES("\xf0\x9f\x91z"), "\\xf0\\x9f\\x91z"},
    {BYTES("\xc0\xaf"), "\\xc0\\xaf"},
    {BYTES("\xed\xa0\x80"), "\\xed\\xa0\\x80"},
    {BYTES("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80"},
    /* U+200D, U+200E, U+200F, U+2010 */
    {BYTES("\xe2\x80\x8d|\xe2\x80\x8e|\xe2\x80\x8f|\xe2\x80\x90"),
     "\xe2\x80\x8d|\\xe2\\x80\\x8e|\\xe2\\x80\\x8f|\xe2\x80\x90"},
    /* U+2027, U+2028, U+202E, U+202F */
    {BYTES("\xe2\x80\xa7|\xe2\x80\xa8|\xe2\x80\xae|\xe2\x80\xaf"),
     "\xe2\x80\xa7|\\xe2\\x80\\xa8|\\xe2\\x80\\xae|\xe2\x80\xaf"},
    /* U+2065, U+2066, U+2069, U+206A */
    {BYTES("\xe2\x81\xa5|\xe2\x81\xa6|\xe2\x81\xa9|\xe2\x81\xaa"),
     "\xe2\x81\xa5|\\xe2\\x81\\xa6|\\xe2\\x81\\xa9|\xe2\x81\xaa"},
    /* U+FEFE, U+FEFF, U+FF00 */
    {BYTES("\xef\xbb\xbe|\xef\xbb\xbf|\xef\xbc\x80"), "\xef\xbb\xbe|\\xef\\xbb\\xbf|\xef\xbc\x80"},
};

START_TEST(shows_what_is_harmless)
{
    char shown[DISPLAY_SIZE];

    ck_assert_ptr_eq(display_text(values[_i].bytes, values[_i].length, shown), shown);
    ck_assert_str_eq(shown, values[_i].shown);
}
END_TEST

/* Shows `count` times the same bytes. */
static const char *show_repeated(const char *unit, size_t count, char shown[DISPLAY_SIZE])
{
    char bytes[4 * DISPLAY_SIZE] = "";
    size_t size = strlen(unit);

    ck_assert_uint_le(size * count, sizeof bytes);
    for (size_t number = 0; number < count; number++)
        memcpy(bytes + number * size, unit, size);
    memset(shown, '#', DISPLAY_SIZE);
    return display_text(bytes, size * count, shown);
}

static const struct {
    const char *unit;
    const char *shown;
} units[] = {
    {"a", "a"},
    {"\xc3\xa9", "\xc3\xa9"},
    {"\xf0\x9f\x91\xa9", "\xf0\x9f\x91\xa9"},
    {"\xff", "\\xff"},
    {"\n", "\\n"},
};

START_TEST(cuts_after_sixty_characters)
{
    char expected[2 * DISPLAY_SIZE] = "";
    char shown[DISPLAY_SIZE];

    for (int number = 0; number < DISPLAY_CHARACTERS; number++)
        strcat(expected, units[_i].shown);
    ck_assert_str_eq(show_repeated(units[_i].unit, DISPLAY_CHARACTERS, shown), expected);
    strcat(expected, "...");
    ck_assert_str_eq(show_repeated(units[_i].unit, DISPLAY_CHARACTERS + 1, shown), expected);
    ck_assert_str_eq(show_repeated(units[_i].unit, DISPLAY_CHARACTERS * 4, shown), expected);
}
END_TEST

/* A character shown as three escapes takes the room of three, and is never cut in its middle. */
START_TEST(counts_escaped_bytes)
{
    char bytes[DISPLAY_CHARACTERS + 8];
    char expected[DISPLAY_SIZE];
    char shown[DISPLAY_SIZE];

    memset(bytes, 'a', sizeof bytes);
    memset(expected, 'a', sizeof expected);
    memcpy(bytes + DISPLAY_CHARACTERS - 3, "\xe2\x80\xae", 3);
    strcpy(expected + DISPLAY_CHARACTERS - 3, "\\xe2\\x80\\xae");
    ck_assert_str_eq(display_text(bytes, DISPLAY_CHARACTERS, shown), expected);

    memset(bytes, 'a', sizeof bytes);
    memset(expected, 'a', sizeof expected);
    memcpy(bytes + DISPLAY_CHARACTERS - 2, "\xe2\x80\xae", 3);
    strcpy(expected + DISPLAY_CHARACTERS - 2, "...");
    ck_assert_str_eq(display_text(bytes, DISPLAY_CHARACTERS + 1, shown), expected);
}
END_TEST

START_TEST(no_single_byte_passes_as_a_control)
{
    for (int value = 0; value < 256; value++) {
        char byte = (char)value;
        char shown[DISPLAY_SIZE];

        (void)display_text(&byte, 1, shown);
        for (const char *at = shown; *at != '\0'; at++)
            ck_assert_msg(*at >= ' ' && *at <= '~', "byte 0x%02x shows as \"%s\"", (unsigned)value,
                          shown);
        ck_assert_uint_ge(strlen(shown), 1);
    }
}
END_TEST

START_TEST(reads_no_further_than_the_length)
{
    char shown[DISPLAY_SIZE];

    ck_assert_str_eq(display_text("abc", 2, shown), "ab");
    ck_assert_str_eq(display_text("\xe2\x82\xac", 2, shown), "\\xe2\\x82");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("display");
    TCase *text = tcase_create("text");

    tcase_add_loop_test(text, shows_what_is_harmless, 0, TABLE_ROWS(values));
    tcase_add_loop_test(text, cuts_after_sixty_characters, 0, TABLE_ROWS(units));
    tcase_add_test(text, counts_escaped_bytes);
    tcase_add_test(text, no_single_byte_passes_as_a_control);
    tcase_add_test(text, reads_no_further_than_the_length);
    suite_add_tcase(suite, text);
    return suite_run(suite);
}
