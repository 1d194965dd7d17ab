#include "base/display.h"
#include "suite.h"

#include <stdio.h>
#include <stdlib.h>
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
    /* U+200E, U+200F, U+2010 */
    {BYTES("\xe2\x80\x8e|\xe2\x80\x8f|\xe2\x80\x90"),
     "\\xe2\\x80\\x8e|\\xe2\\x80\\x8f|\xe2\x80\x90"},
    /* U+2027, U+2028, U+202E, U+202F */
    {BYTES("\xe2\x80\xa7|\xe2\x80\xa8|\xe2\x80\xae|\xe2\x80\xaf"),
     "\xe2\x80\xa7|\\xe2\\x80\\xa8|\\xe2\\x80\\xae|\xe2\x80\xaf"},
    /* U+2066, U+2069, U+2070 */
    {BYTES("\xe2\x81\xa6|\xe2\x81\xa9|\xe2\x81\xb0"),
     "\\xe2\\x81\\xa6|\\xe2\\x81\\xa9|\xe2\x81\xb0"},
    /* U+00AD, U+061C, U+200B, U+2060, U+3164, U+FFF9, U+E0041: nobody sees them */
    {BYTES(
         "\xc2\xad|\xd8\x9c|\xe2\x80\x8b|\xe2\x81\xa0|\xe3\x85\xa4|\xef\xbf\xb9|\xf3\xa0\x81\x81"),
     "\\xc2\\xad|\\xd8\\x9c|\\xe2\\x80\\x8b|\\xe2\\x81\\xa0|\\xe3\\x85\\xa4|\\xef\\xbf\\xb9|"
     "\\xf3\\xa0\\x81\\x81"},
    /* U+200D and U+FE0F shape what stands before, U+200C in U+06CC U+200C U+062E as well... */
    {BYTES("\xe2\x9d\xa4\xef\xb8\x8f\xe2\x80\x8d\xf0\x9f\x94\xa5"),
     "\xe2\x9d\xa4\xef\xb8\x8f\xe2\x80\x8d\xf0\x9f\x94\xa5"},
    {BYTES("\xdb\x8c\xe2\x80\x8c\xd8\xae"), "\xdb\x8c\xe2\x80\x8c\xd8\xae"},
    /* ... but not where there is nothing to shape, or it is shaped already. */
    {BYTES("a\xe2\x80\x8d|\xef\xb8\x8f"), "a\\xe2\\x80\\x8d|\\xef\\xb8\\x8f"},
    {BYTES("\xc3\xa9\xe2\x80\x8d\xe2\x80\x8d"), "\xc3\xa9\xe2\x80\x8d\\xe2\\x80\\x8d"},
    {BYTES("\xe2\x80\xae\xe2\x80\x8d"), "\\xe2\\x80\\xae\\xe2\\x80\\x8d"},
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

/* What was printed to a stream, until the next call. */
static const char *printed(void (*write)(FILE *stream))
{
    static char text[4 * DISPLAY_PRINT_SIZE];
    FILE *stream = fmemopen(text, sizeof text, "w");

    ck_assert_ptr_nonnull(stream);
    write(stream);
    ck_assert_int_eq(fclose(stream), 0);
    return text;
}

static void write_lines(FILE *stream)
{
    display_print(stream, "%s: ", "a\nb");
    display_line(stream, "%d rows\n%s", 7, "\x9b");
    display_end(stream);
    display_line(stream, "%s", "caf\xc3\xa9");
}

START_TEST(prints_whole_lines)
{
    ck_assert_str_eq(printed(write_lines), "a\\nb: 7 rows\\n\\x9b\n\ncaf\xc3\xa9\n");
}
END_TEST

static void write_long_line(FILE *stream)
{
    char text[DISPLAY_PRINT_SIZE + 1];

    memset(text, '\x1b', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    display_print(stream, "%s", text);
}

START_TEST(cuts_what_is_longer_than_any_message)
{
    const char *text = printed(write_long_line);

    ck_assert_uint_eq(strlen(text), (DISPLAY_PRINT_SIZE - sizeof "...") * 4 + strlen("..."));
    ck_assert_str_eq(text + strlen(text) - 7, "\\x1b...");
}
END_TEST

static void write_as_a_library(FILE *stream)
{
    FILE *guarded = display_stream(stream);

    ck_assert_ptr_nonnull(guarded);
    ck_assert_int_gt(fprintf(guarded, "warning: %s\nand %s\n", "\x1b[2J\t", "caf\xc3\xa9"), 0);
    ck_assert_int_eq(fclose(guarded), 0);
}

START_TEST(guards_what_libraries_print)
{
    ck_assert_str_eq(printed(write_as_a_library), "warning: \\x1b[2J\\t\nand caf\xc3\xa9\n");
}
END_TEST

static void write_commands(FILE *stream)
{
    display_line(stream, "::error::%s", "x");
    display_line(stream, " \xc2\xa0\xe3\x80\x80::stop-commands::x");
    display_line(stream, "a ::error::x, a:b, :c");
    display_line(stream, ":");
    display_line(stream, "a ##[error]x, #[a], # #[b], ###[c");
    display_print(stream, "%s", "{\"##[\"");
    (void)display_json(stream, ": \"::a##[b\"}\n");
}

/* White space before them is U+00A0 and U+3000, too. */
START_TEST(lets_nothing_command_the_runner_of_a_job)
{
    ck_assert_str_eq(printed(write_commands), "\\x3a:error::x\n"
                                              " \xc2\xa0\xe3\x80\x80\\x3a:stop-commands::x\n"
                                              "a ::error::x, a:b, :c\n"
                                              ":\n"
                                              "a ##\\x5berror]x, #[a], # #[b], ###\\x5bc\n"
                                              "{\"##\\x5b\""
                                              ": \"::a##\\u005bb\"}\n");
}
END_TEST

static void write_commands_as_a_library(FILE *stream)
{
    FILE *guarded = display_stream(stream);

    ck_assert_ptr_nonnull(guarded);
    ck_assert_int_gt(fprintf(guarded, "a\n::error::x\n::b::"), 0);
    ck_assert_int_eq(fclose(guarded), 0);
}

START_TEST(lets_no_library_command_the_runner_of_a_job)
{
    ck_assert_str_eq(printed(write_commands_as_a_library), "a\n\\x3a:error::x\n\\x3a:b::");
}
END_TEST

static void write_colors(FILE *stream)
{
    display_colored(stream, DISPLAY_RED, "error:");
    display_colored(stream, DISPLAY_YELLOW, "a\033[0m");
    display_end(stream);
}

START_TEST(colours_words)
{
    ck_assert_str_eq(printed(write_colors), "\033[1;31merror:\033[0m\033[1;33ma\\x1b[0m\033[0m\n");
}
END_TEST

START_TEST(copies_whole_texts)
{
    char text[3 * DISPLAY_SIZE];
    char *shown;

    memset(text, '\x7f', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    shown = display_copy(text);
    ck_assert_uint_eq(strlen(shown), 4 * (sizeof text - 1));
    free(shown);
    shown = display_copy("");
    ck_assert_str_eq(shown, "");
    free(shown);
    shown = display_copy("::error::##[x");
    ck_assert_str_eq(shown, "\\x3a:error::##\\x5bx");
    free(shown);
}
END_TEST

static void write_json(FILE *stream)
{
    ck_assert(display_json(stream,
                           "{\n  \"caf\xc3\xa9 \xe2\x80\xae\x7f\xc2\x9b\xf3\xa0\x81\x81\": 1\n}"));
}

START_TEST(escapes_json_for_programs_too)
{
    ck_assert_str_eq(printed(write_json),
                     "{\n  \"caf\xc3\xa9 \\u202e\\u007f\\u009b\\udb40\\udc41\": 1\n}");
}
END_TEST

START_TEST(tells_that_json_cannot_be_written)
{
    FILE *full = fopen("/dev/full", "w");

    ck_assert_ptr_nonnull(full);
    ck_assert_int_eq(setvbuf(full, NULL, _IONBF, 0), 0);
    ck_assert(!display_json(full, "{}"));
    (void)fclose(full);
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
    tcase_add_test(text, prints_whole_lines);
    tcase_add_test(text, cuts_what_is_longer_than_any_message);
    tcase_add_test(text, guards_what_libraries_print);
    tcase_add_test(text, lets_nothing_command_the_runner_of_a_job);
    tcase_add_test(text, lets_no_library_command_the_runner_of_a_job);
    tcase_add_test(text, colours_words);
    tcase_add_test(text, copies_whole_texts);
    tcase_add_test(text, escapes_json_for_programs_too);
    tcase_add_test(text, tells_that_json_cannot_be_written);
    suite_add_tcase(suite, text);
    return suite_run(suite);
}
