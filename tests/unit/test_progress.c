#include "cli/progress.h"
#include "suite.h"

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* The linker puts this clock in the place of the program's: it stands still until let_pass. */
double __wrap_clock_seconds(void); /* NOLINT: the linker's name */

static double now = 1000;

double __wrap_clock_seconds(void) /* NOLINT: the linker's name */
{
    return now;
}

/* A run that is watched on a terminal, or on a file that is none. */
struct watch {
    int screen; /* what the terminal's user would see */
    struct log log;
    struct progress progress;
    struct phase_list phases;
};

static void open_terminal(struct watch *watch, unsigned short columns)
{
    struct winsize size = {.ws_row = 24, .ws_col = columns};
    int terminal;

    *watch = (struct watch){.log = {.level = LOG_NORMAL}};
    ck_assert_int_eq(openpty(&watch->screen, &terminal, NULL, NULL, &size), 0);
    ck_assert_int_eq(fcntl(watch->screen, F_SETFL, O_NONBLOCK), 0);
    watch->log.stream = fdopen(terminal, "w");
    ck_assert_ptr_nonnull(watch->log.stream);
    ck_assert_int_eq(setenv("TERM", "xterm", 1), 0);
}

static void open_file(struct watch *watch)
{
    *watch = (struct watch){.log = {.level = LOG_NORMAL, .stream = tmpfile()}, .screen = -1};
    ck_assert_ptr_nonnull(watch->log.stream);
}

static void begin(struct watch *watch, enum progress_when when)
{
    progress_watch(&watch->progress, when, &watch->log, &watch->phases);
}

static void let_pass(struct watch *watch, double seconds)
{
    now += seconds;
    phase_tick(&watch->phases);
}

/* The kernel brings what is written to a terminal when it finds the time, and in pieces. */
static size_t read_screen(int screen, char *shown, size_t size, size_t expected_length)
{
    struct pollfd awaited = {.fd = screen, .events = POLLIN};
    size_t length = 0;
    ssize_t piece;

    do {
        if (length < expected_length)
            ck_assert_int_ge(poll(&awaited, 1, 10000), 0);
        piece = read(screen, shown + length, size - length);
        if (piece > 0)
            length += (size_t)piece;
    } while (piece > 0 && length < size);
    return length;
}

static void expect_shown(struct watch *watch, const char *expected)
{
    char shown[1024];
    size_t length;

    if (watch->screen >= 0) {
        length = read_screen(watch->screen, shown, sizeof shown - 1, strlen(expected));
    } else {
        length = (size_t)pread(fileno(watch->log.stream), shown, sizeof shown - 1, 0);
        ck_assert_uint_lt(length, sizeof shown);
        rewind(watch->log.stream);
        ck_assert_int_eq(ftruncate(fileno(watch->log.stream), 0), 0);
    }
    shown[length] = '\0';
    ck_assert_str_eq(shown, expected);
}

static void end(struct watch *watch)
{
    phase_list_free(&watch->phases);
    ck_assert_int_eq(fclose(watch->log.stream), 0);
    if (watch->screen >= 0)
        (void)close(watch->screen);
}

#define CLEAR   "\r\033[J"
#define NEWLINE "\r\n" /* a terminal's */

START_TEST(draws_the_line_anew)
{
    const struct phase_outlook outlook = {.known = true, .check_bytes = 200};
    struct watch watch;

    open_terminal(&watch, 40);
    begin(&watch, PROGRESS_AUTO);
    phase_foresee(&watch.phases, &outlook);
    phase_begin(&watch.phases, "check", "orders.csv");
    phase_expect_bytes(&watch.phases, 100);
    phase_foresee_reading(&watch.phases, PHASE_CHECKS, 100);
    phase_advance(&watch.phases, 10, 7);
    expect_shown(&watch, "");
    let_pass(&watch, 0.5);
    expect_shown(&watch, CLEAR "check orders.csv        10%            \r");
    phase_advance(&watch.phases, 50, 35);
    expect_shown(&watch, "");
    let_pass(&watch, 2);
    /* The other file is as long. */
    expect_shown(&watch, CLEAR "check orders.csv        50%   0:08 left\r");
    phase_advance(&watch.phases, 100, 70);
    phase_begin(&watch.phases, "check", "users.csv");
    phase_expect_bytes(&watch.phases, 100);
    phase_foresee_reading(&watch.phases, PHASE_CHECKS, 100);
    expect_shown(&watch, CLEAR "check orders.csv                 2.50 s" NEWLINE);
    phase_advance(&watch.phases, 50, 70);
    let_pass(&watch, 1.25);
    expect_shown(&watch, CLEAR "check users.csv         50%   0:01 left\r");
    end(&watch);
}
END_TEST

START_TEST(goes_with_the_terminals_width)
{
    struct winsize size = {.ws_row = 24, .ws_col = 21};
    struct watch watch;

    open_terminal(&watch, 80);
    begin(&watch, PROGRESS_AUTO);
    phase_begin(&watch.phases, "create", "index orders_pkey");
    let_pass(&watch, 0.5);
    expect_shown(
        &watch,
        CLEAR "create index orders_pkey                                                   0:00\r");
    ck_assert_int_eq(ioctl(watch.screen, TIOCSWINSZ, &size), 0);
    let_pass(&watch, 14);
    expect_shown(&watch, CLEAR "create ...pkey  0:14\r");
    end(&watch);
}
END_TEST

START_TEST(leaves_what_took_long)
{
    struct watch watch;

    open_terminal(&watch, 40);
    begin(&watch, PROGRESS_AUTO);
    phase_begin(&watch.phases, "create", "index orders_pkey");
    let_pass(&watch, 67);
    expect_shown(&watch, CLEAR "create index orders_pkey           1:07\r");
    phase_begin(&watch.phases, "commit", "transaction");
    expect_shown(&watch, CLEAR "create index orders_pkey     1 min 07 s" NEWLINE);
    let_pass(&watch, 0.2);
    expect_shown(&watch, CLEAR "commit transaction                 0:00\r");
    phase_end(&watch.phases);
    expect_shown(&watch, CLEAR);
    end(&watch);
}
END_TEST

START_TEST(makes_room_for_messages)
{
    struct watch watch;

    open_terminal(&watch, 40);
    begin(&watch, PROGRESS_AUTO);
    phase_begin(&watch.phases, "commit", "transaction");
    log_warning(&watch.log, "first");
    expect_shown(&watch, "timele-load: warning: first" NEWLINE);
    let_pass(&watch, 0.2);
    log_warning(&watch.log, "second");
    log_warning(&watch.log, "third");
    expect_shown(&watch, CLEAR "commit transaction                 0:00\r" CLEAR
                               "timele-load: warning: second" NEWLINE
                               "timele-load: warning: third" NEWLINE);
    let_pass(&watch, 0.2);
    expect_shown(&watch, CLEAR "commit transaction                 0:00\r");
    end(&watch);
}
END_TEST

/* What goes on beside: two phases, the first of which reads a file, and a worker that is idle. */
struct beside {
    struct phase phases[2];
    struct phase_list lists[3];
    const struct phase_list *seen[3];
};

static void set_beside(struct watch *watch, struct beside *beside, double seconds)
{
    static char file[] = "users.csv", key[] = "index orders_pkey";

    *beside = (struct beside){.phases = {{"copy", file, seconds}, {"create", key, seconds}}};
    for (int i = 0; i < 2; i++)
        beside->lists[i * 2] =
            (struct phase_list){.list = {.items = &beside->phases[i], .count = 1},
                                .running = true,
                                .began = now - seconds};
    beside->lists[0].bytes = 25;
    beside->lists[0].total_bytes = 100;
    beside->lists[0].rows = 7;
    for (int i = 0; i < 3; i++)
        beside->seen[i] = &beside->lists[i];
    watch->phases.beside = beside->seen;
    watch->phases.beside_count = 3;
    watch->phases.outlook = (struct phase_outlook){
        .known = true, .steps_cost = 4, .steps_done = 1, .steps_began = now - seconds};
}

/* The worker that copied is idle now. */
static void end_first(struct watch *watch, struct beside *beside)
{
    struct phase_list ended = beside->lists[0];

    beside->lists[0].running = false;
    phase_add(&watch->phases, &ended);
}

#define UP "\033[A"

START_TEST(draws_a_line_for_each_beside)
{
    struct watch watch;
    struct beside beside;

    open_terminal(&watch, 40);
    begin(&watch, PROGRESS_AUTO);
    set_beside(&watch, &beside, 3);
    let_pass(&watch, 0.5);
    expect_shown(&watch, CLEAR "copy users.csv          25%            " NEWLINE
                               "create ...orders_pkey  0:03   0:11 left\r" UP);
    log_warning(&watch.log, "careful");
    expect_shown(&watch, CLEAR "timele-load: warning: careful" NEWLINE);
    let_pass(&watch, 0.5);
    expect_shown(&watch, CLEAR "copy users.csv          25%            " NEWLINE
                               "create ...orders_pkey  0:03   0:12 left\r" UP);
    end_first(&watch, &beside);
    expect_shown(&watch, CLEAR "copy users.csv                   3.00 s" NEWLINE);
    let_pass(&watch, 0.5);
    expect_shown(&watch, CLEAR "create ...orders_pkey  0:03   0:14 left\r");
    beside.lists[2].running = false;
    let_pass(&watch, 0.5);
    expect_shown(&watch, CLEAR);
    let_pass(&watch, 0.5);
    log_warning(&watch.log, "careful");
    expect_shown(&watch, "timele-load: warning: careful" NEWLINE);
    end(&watch);
}
END_TEST

START_TEST(leaves_a_line_of_the_terminal_free)
{
    struct winsize size = {.ws_row = 3, .ws_col = 40};
    struct watch watch;
    struct beside beside;

    open_terminal(&watch, 40);
    begin(&watch, PROGRESS_AUTO);
    phase_begin(&watch.phases, "check", "orders.csv");
    set_beside(&watch, &beside, 3);
    ck_assert_int_eq(ioctl(watch.screen, TIOCSWINSZ, &size), 0);
    let_pass(&watch, 1);
    expect_shown(&watch, CLEAR "check orders.csv       0:01            " NEWLINE
                               "copy users.csv          25%   0:12 left\r" UP);
    for (size.ws_row = 2; size.ws_row > 0; size.ws_row--) {
        ck_assert_int_eq(ioctl(watch.screen, TIOCSWINSZ, &size), 0);
        let_pass(&watch, 0.2);
        expect_shown(&watch, CLEAR "check orders.csv       0:01   0:13 left\r");
    }
    end(&watch);
}
END_TEST

static const struct {
    const char *terminal; /* NULL: not set */
    enum progress_when when;
    enum log_level level;
    enum log_format format;
    const char *shown;
} poor[] = {
    {"dumb", PROGRESS_AUTO, LOG_NORMAL, LOG_TEXT,
     "timele-load: commit transaction: 0:06 so far\r\n"},
    {"", PROGRESS_ALWAYS, LOG_NORMAL, LOG_TEXT, "timele-load: commit transaction: 0:06 so far\r\n"},
    {NULL, PROGRESS_AUTO, LOG_NORMAL, LOG_TEXT, "timele-load: commit transaction: 0:06 so far\r\n"},
    {"xterm", PROGRESS_NEVER, LOG_NORMAL, LOG_TEXT, ""},
    {"xterm", PROGRESS_ALWAYS, LOG_QUIET, LOG_TEXT, ""},
    {"xterm", PROGRESS_AUTO, LOG_NORMAL, LOG_JSON, ""},
};

START_TEST(never_draws_where_it_should_not)
{
    struct watch watch;

    open_terminal(&watch, 40);
    watch.log.level = poor[_i].level;
    watch.log.format = poor[_i].format;
    if (poor[_i].terminal != NULL)
        ck_assert_int_eq(setenv("TERM", poor[_i].terminal, 1), 0);
    else
        ck_assert_int_eq(unsetenv("TERM"), 0);
    begin(&watch, poor[_i].when);
    phase_begin(&watch.phases, "commit", "transaction");
    let_pass(&watch, 6);
    expect_shown(&watch, poor[_i].shown);
    end(&watch);
}
END_TEST

START_TEST(tells_a_log_now_and_then)
{
    const struct phase_outlook outlook = {.known = true, .check_bytes = 100};
    struct watch watch;

    open_file(&watch);
    begin(&watch, PROGRESS_ALWAYS);
    phase_foresee(&watch.phases, &outlook);
    phase_begin(&watch.phases, "check", "orders.csv");
    phase_expect_bytes(&watch.phases, 100);
    phase_foresee_reading(&watch.phases, PHASE_CHECKS, 100);
    let_pass(&watch, 4);
    phase_advance(&watch.phases, 50, 7);
    expect_shown(&watch, "");
    let_pass(&watch, 4);
    let_pass(&watch, 4);
    expect_shown(&watch, "timele-load: check orders.csv: 50%, 7 rows, 0:08 left\n");
    phase_advance(&watch.phases, 100, 14);
    let_pass(&watch, 0.5);
    phase_end(&watch.phases);
    expect_shown(&watch, "timele-load: check orders.csv: 14 rows in 12.50 s\n");
    end(&watch);
}
END_TEST

START_TEST(tells_a_log_what_goes_on_beside)
{
    struct watch watch;
    struct beside beside;

    open_file(&watch);
    begin(&watch, PROGRESS_ALWAYS);
    set_beside(&watch, &beside, 1);
    let_pass(&watch, 3.5);
    expect_shown(&watch, "");
    /* The second one has begun later. */
    beside.lists[2].began += 2;
    let_pass(&watch, 1);
    expect_shown(&watch, "timele-load: copy users.csv: 25%, 7 rows, 0:17 left\n");
    let_pass(&watch, 4);
    expect_shown(&watch, "");
    let_pass(&watch, 1);
    expect_shown(&watch, "timele-load: copy users.csv: 25%, 7 rows\n"
                         "timele-load: create index orders_pkey: 0:01 so far, 0:32 left\n");
    end_first(&watch, &beside);
    expect_shown(&watch, "timele-load: copy users.csv: 7 rows in 1.00 s\n");
    end(&watch);
}
END_TEST

/* Nor is there a line of its end. */
START_TEST(keeps_quiet_about_what_was_short_beside)
{
    struct watch watch;
    struct beside beside;

    open_file(&watch);
    begin(&watch, PROGRESS_ALWAYS);
    set_beside(&watch, &beside, 4);
    beside.lists[2].began -= 60;
    let_pass(&watch, 0.5);
    expect_shown(&watch, "timele-load: create index orders_pkey: 0:04 so far, 0:14 left\n");
    let_pass(&watch, 4.5);
    end_first(&watch, &beside);
    expect_shown(&watch, "");
    end(&watch);
}
END_TEST

START_TEST(keeps_quiet_about_short_phases)
{
    struct watch watch;

    open_file(&watch);
    begin(&watch, PROGRESS_ALWAYS);
    for (int i = 0; i < 7; i++) {
        phase_begin(&watch.phases, "copy", "orders.csv");
        let_pass(&watch, 4);
    }
    phase_end(&watch.phases);
    expect_shown(&watch, "");
    end(&watch);
}
END_TEST

START_TEST(is_automatic_on_a_terminal_only)
{
    struct watch watch;

    open_file(&watch);
    begin(&watch, PROGRESS_AUTO);
    ck_assert(!phase_is_observed(&watch.phases));
    end(&watch);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("progress");
    TCase *tests = tcase_create("progress");

    tcase_add_test(tests, draws_the_line_anew);
    tcase_add_test(tests, goes_with_the_terminals_width);
    tcase_add_test(tests, leaves_what_took_long);
    tcase_add_test(tests, makes_room_for_messages);
    tcase_add_test(tests, draws_a_line_for_each_beside);
    tcase_add_test(tests, leaves_a_line_of_the_terminal_free);
    tcase_add_loop_test(tests, never_draws_where_it_should_not, 0, TABLE_ROWS(poor));
    tcase_add_test(tests, tells_a_log_now_and_then);
    tcase_add_test(tests, tells_a_log_what_goes_on_beside);
    tcase_add_test(tests, keeps_quiet_about_what_was_short_beside);
    tcase_add_test(tests, keeps_quiet_about_short_phases);
    tcase_add_test(tests, is_automatic_on_a_terminal_only);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
