#include "cli/text_fold.h"
#include "memory_stream.h"
#include "suite.h"

static const struct {
    const char *text;
    int columns, indent;
    const char *lines;
} folds[] = {
    {"", 10, 2, "\n"},
    {"one two", 7, 2, "one two\n"},
    {"one two", 6, 2, "one\n  two\n"},
    {"one two three", 0, 2, "one two three\n"},
    {"one two three four", 9, 2, "one two\n  three\n  four\n"},
    {"  one  two three", 10, 4, "  one  two\n    three\n"},
    /* A word that is too long stands alone, and its end is shown. */
    {"in /a/long/path/orders.csv it is", 12, 2, "in\n  ...ers.csv\n  it is\n"},
    {"/a/long/path/orders.csv", 12, 2, "...ers.csv\n"},
    /* Two columns each; combined with the letter before. */
    {"\u6ce8\u6587 \u6ce8\u6587", 9, 0, "\u6ce8\u6587 \u6ce8\u6587\n"},
    {"\u6ce8\u6587 \u6ce8\u6587", 8, 0, "\u6ce8\u6587\n\u6ce8\u6587\n"},
    {"cafe\u0301 cafe\u0301", 9, 0, "cafe\u0301 cafe\u0301\n"},
    {"a\033[2Jb c", 20, 2, "a\\x1b[2Jb c\n"},
    {"ok  longer_than_a_line", 16, 4, "ok  ...an_a_line\n"},
    {"a\nb", 20, 2, "a\\nb\n"},
};

START_TEST(folds_at_blanks)
{
    struct memory_stream memory;

    memory_stream_open(&memory);
    ck_assert(text_fold_print(memory.stream, folds[_i].columns, folds[_i].indent, folds[_i].text));
    memory_stream_expect(&memory, folds[_i].lines);
}
END_TEST

static const struct {
    int columns;
    const char *path, *text, *lines;
} about[] = {
    {0, "/a/path/that/is/long/enough/orders.csv", "5 updated",
     "/a/path/that/is/long/enough/orders.csv: 5 updated\n"},
    {40, "orders.csv", "5 updated", "orders.csv: 5 updated\n"},
    {40, "/a/path/that/is/long/enough/orders.csv", "5 updated",
     ".../is/long/enough/orders.csv: 5 updated\n"},
    {40, "/a/path/that/is/long/enough/orders.csv", "4 rows skipped as duplicates of another",
     "...enough/orders.csv: 4 rows skipped as\n  duplicates of another\n"},
};

START_TEST(cuts_a_path_before_it_folds)
{
    struct memory_stream memory;

    memory_stream_open(&memory);
    ck_assert(
        text_fold_print_about(memory.stream, about[_i].columns, about[_i].path, about[_i].text));
    memory_stream_expect(&memory, about[_i].lines);
}
END_TEST

START_TEST(leaves_the_last_line_open)
{
    const struct text_fold fold = {.columns = 8, .most = 20, .indent = 2};
    struct memory_stream memory;
    int column = -1;

    memory_stream_open(&memory);
    ck_assert(text_fold_begin(memory.stream, &fold, "a word_longer_than_8 it is", &column));
    ck_assert_int_eq(column, 7);
    memory_stream_expect(&memory, "a word_longer_than_8\n  it is");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("text_fold");
    TCase *tests = tcase_create("text_fold");

    tcase_add_loop_test(tests, folds_at_blanks, 0, TABLE_ROWS(folds));
    tcase_add_loop_test(tests, cuts_a_path_before_it_folds, 0, TABLE_ROWS(about));
    tcase_add_test(tests, leaves_the_last_line_open);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
