#include "csv/line_split.h"
#include "suite.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *text;
    const char *numbers; /* of the line of each byte */
} texts[] = {
    {"a", "1"},
    {"a\nb\n", "1122"},
    {"a\r\nb\r\n", "111222"},
    {"a\rb\r", "1122"},
    {"\n\n\n", "123"},
    {"\r\r\n\n", "1223"},
    {"\n\r", "12"},
    {"a,\"x\ny\r\nz\rw\"\nb", "11111222334445"},
    {"a\r\n\r\n\rb\n\nc", "1112234456"},
};

/* Each text at every size of chunks. */
START_TEST(numbers_lines_as_the_reader_does)
{
    size_t length = strlen(texts[_i].text);

    for (size_t chunk = 1; chunk <= length; chunk++) {
        struct line_split split;
        char numbers[64] = "";

        line_split_start(&split);
        for (size_t start = 0; start < length; start += chunk) {
            size_t left = length - start < chunk ? length - start : chunk;

            for (size_t position = start; left > 0;) {
                size_t used = line_split_next(&split, texts[_i].text + position, left);

                ck_assert_uint_ge(used, 1);
                ck_assert_uint_le(used, left);
                memset(numbers + position, '0' + (int)split.line, used);
                position += used;
                left -= used;
            }
        }
        ck_assert_msg(strcmp(numbers, texts[_i].numbers) == 0, "%s, expected %s", numbers,
                      texts[_i].numbers);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("line_split");
    TCase *tests = tcase_create("lines");

    tcase_add_loop_test(tests, numbers_lines_as_the_reader_does, 0, TABLE_ROWS(texts));
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
