#include "row/header_line.h"

#include "suite.h"

#include <string.h>

#define MARK "\xef\xbb\xbf"

/* A line, its separator, and the names in it with vertical bars between. */
static const struct {
    const char *line;
    char separator;
    const char *names;
    char quote;
} lines[] = {
    {"a,b", ',', "a|b", 0},
    {"a", ',', "a", 0},
    {"", ',', "", 0},
    {",,", ',', "||", 0},
    {"a;b,c;", ';', "a|b,c|", 0},
    {" a ,\tb\r", ',', "a|b", 0},
    {"a\tb", '\t', "a|b", 0},
    {"\"a\",\"b c\"", ',', "a|b c", 0},
    {"'a','b'", ',', "a|b", '\''},
    {"`a`,b", ',', "a|b", '`'},
    {"[a],[ b ]", ',', "a|b", 0},
    {MARK MARK "a,\"" MARK "b\"", ',', "a|b", 0},
    {"\xe2\x80\x9c"
     "a\xe2\x80\x9d,\xe2\x80\x98"
     "b\xe2\x80\x99,\xc2\xa0"
     "c\xe2\x80\x8b",
     ',', "a|b|c", 0},
    /* What is around it alone. */
    {"\"a,b\"", ',', "\"a|b\"", 0},
    {"a'b,'", ',', "a'b|'", 0},
    {"''", ',', "", '\''},
};

static void expect_names(const struct header_line *line, const char *expected)
{
    char names[256] = "";

    for (size_t i = 0; i < line->record.field_count; i++) {
        const struct csv_field *name = &line->record.fields[i];

        (void)strcat(names, i > 0 ? "|" : "");
        (void)strncat(names, name->text != NULL ? name->text : "", name->length);
    }
    ck_assert_str_eq(names, expected);
}

START_TEST(splits_a_line_into_names)
{
    struct header_line line;

    header_line_split(lines[_i].line, strlen(lines[_i].line), lines[_i].separator, &line);
    expect_names(&line, lines[_i].names);
    ck_assert_int_eq(line.quote, lines[_i].quote);
}
END_TEST

START_TEST(takes_the_names_of_a_record)
{
    const struct csv_field fields[] = {{" a", 2}, {NULL, 0}, {"'b'", 3}};
    const struct csv_record record = {.line = 3, .end_line = 5, .field_count = 3, .fields = fields};
    struct header_line line;

    header_line_take(&record, &line);
    expect_names(&line, "a||b");
    ck_assert_uint_eq(line.record.line, 3);
    ck_assert_uint_eq(line.record.end_line, 5);
}
END_TEST

START_TEST(leaves_out_names_after_the_256th)
{
    static char text[CSV_FIELDS_MAX * 2];
    struct header_line line;

    memset(text, ',', sizeof text);
    header_line_split(text, sizeof text, ',', &line);
    ck_assert_uint_eq(line.record.field_count, CSV_FIELDS_MAX);
}
END_TEST

static void expect_line(struct first_lines *lines_left, const char *text, uint64_t number)
{
    struct csv_field line;
    uint64_t found;

    ck_assert(first_lines_next(lines_left, &line, &found));
    ck_assert_uint_eq(found, number);
    ck_assert_uint_eq(line.length, strlen(text));
    ck_assert_mem_eq(line.text, text, line.length);
}

START_TEST(gives_lines_that_are_not_empty_with_their_numbers)
{
    static const char text[] = MARK "a\r\n\nb\r\rc\n\r\n" MARK "d";
    struct first_lines left = first_lines_start(text, sizeof text - 1);
    struct csv_field line;
    uint64_t number;

    expect_line(&left, "a", 1);
    expect_line(&left, "b", 3);
    expect_line(&left, "c", 5);
    expect_line(&left, MARK "d", 7);
    ck_assert(!first_lines_next(&left, &line, &number));
    left = first_lines_start(MARK, 3);
    ck_assert(!first_lines_next(&left, &line, &number));
    left = first_lines_start("", 0);
    ck_assert(!first_lines_next(&left, &line, &number));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("header_line");
    TCase *tests = tcase_create("lines");

    tcase_add_loop_test(tests, splits_a_line_into_names, 0, TABLE_ROWS(lines));
    tcase_add_test(tests, takes_the_names_of_a_record);
    tcase_add_test(tests, leaves_out_names_after_the_256th);
    tcase_add_test(tests, gives_lines_that_are_not_empty_with_their_numbers);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
