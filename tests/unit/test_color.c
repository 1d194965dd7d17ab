#include "cli/color.h"
#include "suite.h"

#include <fcntl.h>
#include <pty.h>
#include <stdlib.h>
#include <unistd.h>

static const struct {
    enum color_when when;
    bool on_terminal;
    const char *terminal, *no_color; /* NULL: not set */
    bool wanted;
} places[] = {
    {COLOR_AUTO, true, "xterm", NULL, true},  {COLOR_AUTO, true, "xterm", "", true},
    {COLOR_AUTO, true, "xterm", "1", false},  {COLOR_AUTO, true, "xterm", "0", false},
    {COLOR_AUTO, true, "dumb", NULL, false},  {COLOR_AUTO, true, "", NULL, false},
    {COLOR_AUTO, true, NULL, NULL, false},    {COLOR_AUTO, false, "xterm", NULL, false},
    {COLOR_ALWAYS, true, "xterm", "1", true}, {COLOR_ALWAYS, false, NULL, NULL, true},
    {COLOR_ALWAYS, true, "dumb", NULL, true}, {COLOR_NEVER, true, "xterm", NULL, false},
};

static void set(const char *variable, const char *value)
{
    ck_assert_int_eq(value == NULL ? unsetenv(variable) : setenv(variable, value, 1), 0);
}

START_TEST(are_for_terminals_whose_users_want_them)
{
    int screen, terminal, file = open("/dev/null", O_WRONLY);

    ck_assert_int_ge(file, 0);
    ck_assert_int_eq(openpty(&screen, &terminal, NULL, NULL, NULL), 0);
    set("TERM", places[_i].terminal);
    set("NO_COLOR", places[_i].no_color);
    ck_assert(color_is_wanted(places[_i].when, places[_i].on_terminal ? terminal : file) ==
              places[_i].wanted);
    (void)close(file);
    (void)close(terminal);
    (void)close(screen);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("colours");
    TCase *tests = tcase_create("colours");

    tcase_add_loop_test(tests, are_for_terminals_whose_users_want_them, 0, TABLE_ROWS(places));
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
