#include "base/log.h"
#include "suite.h"

#include <string.h>

/* A log whose text can be looked at. */
struct memory_log {
    struct log log;
    char *text;
    size_t size;
};

static void open_log(struct memory_log *memory, enum log_level level)
{
    *memory = (struct memory_log){.text = NULL};
    memory->log =
        (struct log){.stream = open_memstream(&memory->text, &memory->size), .level = level};
    ck_assert_ptr_nonnull(memory->log.stream);
}

static void expect_logged(struct memory_log *memory, const char *text)
{
    ck_assert_int_eq(fclose(memory->log.stream), 0);
    ck_assert_str_eq(memory->text, text);
    free(memory->text);
}

static const struct {
    enum log_level level;
    const char *text;
} levels[] = {
    {LOG_QUIET, "timele-load: warning: 7 rows\nusers.csv:7: city: wrong\n"},
    {LOG_NORMAL, "timele-load: warning: 7 rows\n"
                 "timele-load: column city is ignored\n"
                 "users.csv:7: city: wrong\n"},
    {LOG_VERBOSE, "timele-load: warning: 7 rows\n"
                  "timele-load: column city is ignored\n"
                  "timele-load: reading users.csv\n"
                  "users.csv:7: city: wrong\n"},
};

START_TEST(says_what_its_level_allows)
{
    struct memory_log memory;

    open_log(&memory, levels[_i].level);
    log_warning(&memory.log, "%d rows", 7);
    log_note(&memory.log, "column %s is ignored", "city");
    log_verbose(&memory.log, "reading %s", "users.csv");
    log_line(&memory.log, "%s:%d: %s: wrong", "users.csv", 7, "city");
    expect_logged(&memory, levels[_i].text);
}
END_TEST

START_TEST(tells_an_error_at_every_level)
{
    struct memory_log memory;
    struct error error = {0};

    (void)error_set(&error, ERROR_DATABASE, "connection lost");
    open_log(&memory, (enum log_level)_i);
    log_error(&memory.log, &error);
    expect_logged(&memory, "timele-load: error: connection lost\n");
}
END_TEST

START_TEST(tells_an_errors_detail_and_hint)
{
    struct memory_log memory;
    struct error error = {0};

    (void)error_set(&error, ERROR_DATABASE, "cannot insert: 100%% of it");
    (void)error_detail(&error, "Key (id)=(7) already exists.");
    (void)error_hint(&error, "Take another.");
    open_log(&memory, LOG_QUIET);
    log_error(&memory.log, &error);
    expect_logged(&memory, "timele-load: error: cannot insert: 100% of it\n"
                           "timele-load: detail: Key (id)=(7) already exists.\n"
                           "timele-load: hint: Take another.\n");
}
END_TEST

/* A file's name may hold anything. */
START_TEST(lets_nothing_drive_a_terminal)
{
    struct memory_log memory;

    open_log(&memory, LOG_VERBOSE);
    log_line(&memory.log, "%s", "a\nb\r\033[31m\tc\x7f caf\303\251");
    log_warning(&memory.log, "%s", "two\nlines");
    log_note(&memory.log, "%s", "two\nlines");
    log_verbose(&memory.log, "%s", "two\nlines");
    expect_logged(&memory, "a?b??[31m?c? caf\303\251\n"
                           "timele-load: warning: two?lines\n"
                           "timele-load: two?lines\n"
                           "timele-load: two?lines\n");
}
END_TEST

START_TEST(tells_a_long_path_whole)
{
    struct memory_log memory;
    char path[4097];
    char expected[sizeof path + 64];

    memset(path, 'p', sizeof path - 1);
    path[sizeof path - 1] = '\0';
    open_log(&memory, LOG_NORMAL);
    log_note(&memory.log, "cannot open %s", path);
    (void)snprintf(expected, sizeof expected, "timele-load: cannot open %s\n", path);
    expect_logged(&memory, expected);
}
END_TEST

/* Whoever reads along sees each line when it is said. */
START_TEST(keeps_nothing_back)
{
    struct memory_log memory;

    open_log(&memory, LOG_NORMAL);
    log_note(&memory.log, "now");
    ck_assert_str_eq(memory.text, "timele-load: now\n");
    expect_logged(&memory, "timele-load: now\n");
}
END_TEST

START_TEST(survives_a_stream_that_takes_nothing)
{
    struct log log = {.stream = fopen("/dev/full", "w"), .level = LOG_NORMAL};

    ck_assert_ptr_nonnull(log.stream);
    log_note(&log, "now");
    ck_assert(ferror(log.stream));
    (void)fclose(log.stream);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("log");
    TCase *tests = tcase_create("log");

    tcase_add_loop_test(tests, says_what_its_level_allows, 0, TABLE_ROWS(levels));
    tcase_add_loop_test(tests, tells_an_error_at_every_level, LOG_QUIET, LOG_VERBOSE + 1);
    tcase_add_test(tests, tells_an_errors_detail_and_hint);
    tcase_add_test(tests, lets_nothing_drive_a_terminal);
    tcase_add_test(tests, tells_a_long_path_whole);
    tcase_add_test(tests, keeps_nothing_back);
    tcase_add_test(tests, survives_a_stream_that_takes_nothing);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
