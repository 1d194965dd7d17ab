#include "cli/output_width.h"
#include "suite.h"

#include <fcntl.h>
#include <limits.h>
#include <pty.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

static const struct {
    const char *columns; /* the variable; NULL: not set */
    int terminal;        /* the terminal's width; -1: there is none */
    int width;
} widths[] = {
    {NULL, 120, 120},
    {NULL, 30, OUTPUT_WIDTH_MIN},
    {NULL, 0, 80},
    {NULL, -1, 0},
    {"", 120, 120},
    {"", -1, 0},
    {"60", 120, 60},
    {"60", -1, 60},
    {"0", 120, 120},
    {"-5", 120, 120},
    {"x", 120, 120},
    {"60x", -1, 0},
    {"7", -1, OUTPUT_WIDTH_MIN},
    {"200", 80, 200},
    {"99999999999", -1, INT_MAX},
};

START_TEST(is_what_the_user_or_the_terminal_says)
{
    struct winsize size = {.ws_col =
                               (unsigned short)(widths[_i].terminal > 0 ? widths[_i].terminal : 0)};
    int screen, terminal, file = open("/dev/null", O_WRONLY);

    ck_assert_int_ge(file, 0);
    ck_assert_int_eq(openpty(&screen, &terminal, NULL, NULL, &size), 0);
    ck_assert_int_eq(widths[_i].columns == NULL ? unsetenv("COLUMNS")
                                                : setenv("COLUMNS", widths[_i].columns, 1),
                     0);
    ck_assert_int_eq(output_width(widths[_i].terminal < 0 ? file : terminal), widths[_i].width);
    (void)close(file);
    (void)close(terminal);
    (void)close(screen);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("output_width");
    TCase *tests = tcase_create("output_width");

    tcase_add_loop_test(tests, is_what_the_user_or_the_terminal_says, 0, TABLE_ROWS(widths));
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
