#include "base/workflow_command.h"
#include "suite.h"

#include <stdio.h>
#include <stdlib.h>

static const struct {
    struct log_event event;
    struct log_row row; /* where the event is about one */
    const char *line;
} commands[] = {
    {{.priority = PRIORITY_ERROR, .message = "lost"}, {0}, "::error title=timele-load::lost\n"},
    {{.priority = PRIORITY_WARNING, .message = "lost", .detail = "", .hint = ""},
     {0},
     "::warning title=timele-load::lost\n"},
    {{.priority = PRIORITY_ERROR, .message = "50% a:b,c", .detail = "1%0A", .hint = "a\nb\r"},
     {0},
     "::error title=timele-load::50%25 a:b,c%0Adetail: 1%250A%0Ahint: a\\nb\\r\n"},
    {{.priority = PRIORITY_ERROR, .message = "a.csv:7: no"},
     {.file = "in/a.csv", .line = 7, .code = "type"},
     "::error file=in/a.csv,line=7,title=timele-load (type)::a.csv:7: no\n"},
    {{.priority = PRIORITY_ERROR, .message = "no"},
     {.file = "a%,b:c\r\n::d.csv", .line = 18446744073709551615U},
     "::error file=a%25%2Cb%3Ac\\r\\n%3A%3Ad.csv,line=18446744073709551615,"
     "title=timele-load::no\n"},
    {{.priority = PRIORITY_ERROR, .message = "\n::error::x"},
     {.file = "caf\xc3\xa9\xe9\033.csv", .line = 1},
     "::error file=caf\xc3\xa9\\xe9\\x1b.csv,line=1,title=timele-load::\\n\\x3a:error::x\n"},
    {{.priority = PRIORITY_ERROR, .message = "-:7: no"},
     {.file = "-", .line = 7, .code = "type"},
     "::error title=timele-load (type)::-:7: no\n"},
};

START_TEST(is_one_line_and_encoded)
{
    struct log_event event = commands[_i].event;
    char *text = NULL;
    size_t size;
    FILE *stream = open_memstream(&text, &size);

    ck_assert_ptr_nonnull(stream);
    if (commands[_i].row.file != NULL)
        event.row = &commands[_i].row;
    workflow_command_print(stream, &event);
    ck_assert_int_eq(fclose(stream), 0);
    ck_assert_str_eq(text, commands[_i].line);
    free(text);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("workflow command");
    TCase *tests = tcase_create("workflow command");

    tcase_add_loop_test(tests, is_one_line_and_encoded, 0, TABLE_ROWS(commands));
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
