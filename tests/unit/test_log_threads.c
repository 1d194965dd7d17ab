#include "base/log.h"
#include "suite.h"

#include <pthread.h>
#include <string.h>

/* Two threads that log, and what both change. */
enum { THREAD_LINES = 1000 };

struct shared_log {
    struct log log;
    char *text;
    size_t size;
    pthread_mutex_t mutex;
    struct warning_list warnings;
    unsigned rooms; /* as often as there was to be room */
};

struct logger {
    pthread_t thread;
    struct log *log;
    char name;
};

static void count_room(void *context)
{
    struct shared_log *shared = context;

    shared->rooms++;
}

static void init_recursive(pthread_mutex_t *mutex)
{
    pthread_mutexattr_t attributes;

    ck_assert_int_eq(pthread_mutexattr_init(&attributes), 0);
    ck_assert_int_eq(pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE), 0);
    ck_assert_int_eq(pthread_mutex_init(mutex, &attributes), 0);
    ck_assert_int_eq(pthread_mutexattr_destroy(&attributes), 0);
}

/* One of each kind in turn; Check's assertions are for the main thread. */
static void *log_much(void *context)
{
    const struct logger *logger = context;
    struct error error = {0};

    (void)error_set(&error, ERROR_FILE, "%c", logger->name);
    for (uint64_t i = 0; i < THREAD_LINES; i++) {
        const struct log_row row = {
            .file = "a.csv", .line = i + 1, .column = "city", .reason = "wrong"};

        log_lock(logger->log);
        log_line(logger->log, "%c begins %d", logger->name, (int)i);
        log_warning(logger->log, "%c ends %d", logger->name, (int)i);
        log_unlock(logger->log);
        log_note(logger->log, "%c notes", logger->name);
        log_verbose(logger->log, "%c does", logger->name);
        log_row(logger->log, &row);
        log_error(logger->log, &error);
    }
    return NULL;
}

static void run_loggers(struct shared_log *shared)
{
    struct logger loggers[] = {{.log = &shared->log, .name = 'a'},
                               {.log = &shared->log, .name = 'b'}};

    for (int i = 0; i < TABLE_ROWS(loggers); i++)
        ck_assert_int_eq(pthread_create(&loggers[i].thread, NULL, log_much, &loggers[i]), 0);
    for (int i = 0; i < TABLE_ROWS(loggers); i++)
        ck_assert_int_eq(pthread_join(loggers[i].thread, NULL), 0);
}

static bool is_one_of(const char *line, const char *const lines[])
{
    for (size_t i = 0; lines[i] != NULL; i++)
        if (strcmp(line, lines[i]) == 0)
            return true;
    return false;
}

/* What one thread says under the lock is one line after the other. Gives how many lines there
 * are. */
static unsigned expect_whole_lines(char *text)
{
    static const char *const texts[] = {"timele-load: a notes",
                                        "timele-load: b notes",
                                        "timele-load: a does",
                                        "timele-load: b does",
                                        "timele-load: error: a",
                                        "timele-load: error: b",
                                        NULL};
    char *rest = text, *line;
    char begun = '\0';
    unsigned lines = 0;

    while ((line = strsep(&rest, "\n")) != NULL && *line != '\0') {
        char name, number[8];

        lines++;
        if (sscanf(line, "%c begins %7[0-9]", &name, number) == 2) {
            ck_assert_int_eq(begun, '\0');
            begun = name;
        } else if (sscanf(line, "timele-load: warning: %c ends %7[0-9]", &name, number) == 2) {
            ck_assert_int_eq(begun, name);
            begun = '\0';
        } else {
            ck_assert_int_eq(begun, '\0');
            ck_assert_msg(is_one_of(line, texts) ||
                              sscanf(line, "a.csv:%7[0-9]: city: wron%c", number, &name) == 2,
                          "%s", line);
        }
    }
    return lines;
}

START_TEST(lines_of_two_threads_do_not_mix)
{
    struct shared_log shared = {.rooms = 0};

    init_recursive(&shared.mutex);
    shared.log = (struct log){.stream = open_memstream(&shared.text, &shared.size),
                              .level = LOG_VERBOSE,
                              .mutex = &shared.mutex,
                              .warnings = &shared.warnings,
                              .make_room = count_room,
                              .context = &shared};
    ck_assert_ptr_nonnull(shared.log.stream);
    run_loggers(&shared);
    ck_assert_int_eq(fclose(shared.log.stream), 0);
    ck_assert_uint_eq(expect_whole_lines(shared.text), 2 * 6 * THREAD_LINES);
    ck_assert_uint_eq(shared.rooms, 2 * 6 * THREAD_LINES);
    ck_assert_uint_eq(shared.warnings.texts.count, 2 * THREAD_LINES);
    ck_assert(!shared.warnings.incomplete);
    warning_list_free(&shared.warnings);
    free(shared.text);
    ck_assert_int_eq(pthread_mutex_destroy(&shared.mutex), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("log threads");
    TCase *tests = tcase_create("threads");

    tcase_add_test(tests, lines_of_two_threads_do_not_mix);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
