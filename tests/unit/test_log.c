#include "base/log.h"
#include "suite.h"

#include <ctype.h>
#include <jansson.h>
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
    expect_logged(&memory, "a\\nb\\r\\x1b[31m\\tc\\x7f caf\303\251\n"
                           "timele-load: warning: two\\nlines\n"
                           "timele-load: two\\nlines\n"
                           "timele-load: two\\nlines\n");
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

START_TEST(begins_lines_for_the_journal_and_for_jobs)
{
    struct memory_log memory;
    struct error error = {0};
    static const struct log_row row = {
        .file = "users.csv", .line = 7, .column = "city", .reason = "too long", .value = "Ulm"};

    (void)error_set(&error, ERROR_DATABASE, "connection lost");
    (void)error_hint(&error, "Try again.");
    open_log(&memory, LOG_VERBOSE);
    memory.log.has_priorities = true;
    log_verbose(&memory.log, "reading");
    log_note(&memory.log, "ignored");
    log_warning(&memory.log, "7 rows");
    log_row(&memory.log, &row);
    log_error(&memory.log, &error);
    expect_logged(&memory, "<7>timele-load: reading\n"
                           "<6>timele-load: ignored\n"
                           "<4>timele-load: warning: 7 rows\n"
                           "<3>users.csv:7: city: too long (\"Ulm\")\n"
                           "<3>timele-load: error: connection lost\n"
                           "<3>timele-load: hint: Try again.\n");
}
END_TEST

START_TEST(begins_lines_with_the_time)
{
    static const char expected[] = "0000-00-00T00:00:00.000Z timele-load: now\n";
    struct memory_log memory;

    open_log(&memory, LOG_NORMAL);
    memory.log.has_times = true;
    log_note(&memory.log, "now");
    for (char *place = memory.text; *place != '\0'; place++)
        if (isdigit((unsigned char)*place))
            *place = '0';
    expect_logged(&memory, expected);
}
END_TEST

/* The lines of the log as an array of objects. */
static json_t *read_objects(struct memory_log *memory)
{
    json_t *objects = json_array();
    char *rest, *line;

    ck_assert_int_eq(fclose(memory->log.stream), 0);
    rest = memory->text;
    while ((line = strsep(&rest, "\n")) != NULL && *line != '\0')
        ck_assert_int_eq(json_array_append_new(objects, json_loads(line, 0, NULL)), 0);
    free(memory->text);
    return objects;
}

static void expect_member(const json_t *objects, size_t object, const char *name, const char *text)
{
    const json_t *member = json_object_get(json_array_get(objects, object), name);

    ck_assert_pstr_eq(json_string_value(member), text);
}

START_TEST(writes_an_object_a_line)
{
    struct memory_log memory;
    struct error error = {0};
    static const struct log_row row = {.file = "caf\xE9.csv",
                                       .line = 7,
                                       .column = "city",
                                       .reason = "too long",
                                       .rows = 3,
                                       .value = "",
                                       .code = "length"};
    json_t *objects;

    (void)error_set(&error, ERROR_DATABASE, "connection lost");
    (void)error_hint(&error, "Try again.");
    open_log(&memory, LOG_NORMAL);
    memory.log.format = LOG_JSON;
    memory.log.has_times = memory.log.has_priorities = true;
    log_warning(&memory.log, "two\n\"lines\"");
    log_verbose(&memory.log, "reading");
    log_row(&memory.log, &row);
    log_error(&memory.log, &error);
    objects = read_objects(&memory);
    ck_assert_uint_eq(json_array_size(objects), 3);
    expect_member(objects, 0, "level", "warning");
    expect_member(objects, 0, "message", "two\n\"lines\"");
    expect_member(objects, 0, "detail", NULL);
    ck_assert_uint_eq(json_object_size(json_array_get(objects, 0)), 3);
    expect_member(objects, 1, "level", "error");
    expect_member(objects, 1, "message", "caf\xEF\xBF\xBD.csv:7: city: too long (\"\" in 3 rows)");
    expect_member(objects, 1, "file", "caf\xEF\xBF\xBD.csv");
    expect_member(objects, 1, "value", "");
    expect_member(objects, 1, "code", "length");
    ck_assert_int_eq(json_integer_value(json_object_get(json_array_get(objects, 1), "line")), 7);
    ck_assert_int_eq(json_integer_value(json_object_get(json_array_get(objects, 1), "rows")), 3);
    expect_member(objects, 2, "message", "connection lost");
    expect_member(objects, 2, "hint", "Try again.");
    json_decref(objects);
}
END_TEST

static void *find_no_memory(size_t size)
{
    (void)size;
    return NULL;
}

START_TEST(tells_the_message_in_json_without_memory)
{
    struct memory_log memory;
    json_t *objects;

    open_log(&memory, LOG_NORMAL);
    memory.log.format = LOG_JSON;
    json_set_alloc_funcs(find_no_memory, free);
    log_warning(&memory.log, "\"two\"\nC:\\lines, caf\xE9");
    json_set_alloc_funcs(malloc, free);
    objects = read_objects(&memory);
    ck_assert_uint_eq(json_array_size(objects), 1);
    expect_member(objects, 0, "level", "warning");
    expect_member(objects, 0, "message", "\"two\"\nC:\\lines, caf?");
    ck_assert_ptr_nonnull(json_object_get(json_array_get(objects, 0), "time"));
    json_decref(objects);
}
END_TEST

START_TEST(colours_error_and_warning_alone)
{
    struct memory_log memory;
    struct error error = {0};
    static const struct log_row row = {
        .file = "error: a.csv", .line = 7, .column = "city", .reason = "warning: no"};

    (void)error_set(&error, ERROR_DATABASE, "error: \033[1;31mlost");
    (void)error_hint(&error, "Try again.");
    open_log(&memory, LOG_VERBOSE);
    memory.log.has_colors = true;
    log_verbose(&memory.log, "error: a");
    log_note(&memory.log, "warning: b");
    log_warning(&memory.log, "7 rows");
    log_row(&memory.log, &row);
    log_error(&memory.log, &error);
    expect_logged(&memory, "timele-load: error: a\n"
                           "timele-load: warning: b\n"
                           "timele-load: \033[1;33mwarning:\033[0m 7 rows\n"
                           "error: a.csv:7: city: warning: no\n"
                           "timele-load: \033[1;31merror:\033[0m error: \\x1b[1;31mlost\n"
                           "timele-load: hint: Try again.\n");
}
END_TEST

START_TEST(has_no_colours_in_json_and_for_github)
{
    struct memory_log memory;

    open_log(&memory, LOG_NORMAL);
    memory.log.has_colors = true;
    memory.log.format = _i == 0 ? LOG_JSON : LOG_GITHUB;
    log_warning(&memory.log, "7 rows");
    ck_assert_ptr_null(strchr(memory.text, '\033'));
    ck_assert_ptr_nonnull(strstr(memory.text, "7 rows"));
    ck_assert_int_eq(fclose(memory.log.stream), 0);
    free(memory.text);
}
END_TEST

START_TEST(annotates_errors_and_warnings_for_github)
{
    struct memory_log memory;
    struct error error = {0};
    static const struct log_row row = {
        .file = "a.csv", .line = 7, .column = "city", .reason = "too long", .code = "length"};

    (void)error_set(&error, ERROR_DATABASE, "connection lost");
    (void)error_detail(&error, "100%%");
    (void)error_hint(&error, "Try again.");
    open_log(&memory, LOG_VERBOSE);
    memory.log.format = LOG_GITHUB;
    memory.log.has_times = memory.log.has_priorities = false;
    log_verbose(&memory.log, "reading");
    log_note(&memory.log, "::error::a note");
    log_warning(&memory.log, "7 rows");
    log_line(&memory.log, "b.csv: empty");
    log_row(&memory.log, &row);
    log_error(&memory.log, &error);
    expect_logged(&memory, "timele-load: reading\n"
                           "timele-load: \\x3a:error::a note\n"
                           "::warning title=timele-load::7 rows\n"
                           "::error title=timele-load::b.csv: empty\n"
                           "::error file=a.csv,line=7,title=timele-load (length)::"
                           "a.csv:7: city: too long\n"
                           "::error title=timele-load::connection lost%0Adetail: 100%25"
                           "%0Ahint: Try again.\n");
}
END_TEST

/* GitHub shows no more than ten. */
START_TEST(keeps_an_annotation_for_the_error_that_ends_the_run)
{
    struct memory_log memory;
    struct error error = {0};
    struct log_row row = {.file = "::a.csv", .column = "city", .reason = "too long"};
    char expected[4096] = "";

    (void)error_set(&error, ERROR_DATA, "bad rows");
    open_log(&memory, LOG_QUIET);
    memory.log.format = LOG_GITHUB;
    for (row.line = 1; row.line <= 11; row.line++) {
        size_t used = strlen(expected);

        log_row(&memory.log, &row);
        if (row.line < LOG_ANNOTATIONS_MAX)
            used += (size_t)snprintf(
                expected + used, sizeof expected - used,
                "::error file=%%3A%%3Aa.csv,line=%d,title=timele-load::", (int)row.line);
        (void)snprintf(expected + used, sizeof expected - used, "\\x3a:a.csv:%d: city: too long\n",
                       (int)row.line);
    }
    log_error(&memory.log, &error);
    strcat(expected, "::error title=timele-load::bad rows\n");
    expect_logged(&memory, expected);
}
END_TEST

static void note_room(void *context)
{
    (*(int *)context)++;
}

START_TEST(asks_for_room_before_it_prints)
{
    struct memory_log memory;
    int asked = 0;

    open_log(&memory, LOG_NORMAL);
    memory.log.make_room = note_room;
    memory.log.context = &asked;
    log_verbose(&memory.log, "not printed");
    ck_assert_int_eq(asked, 0);
    log_note(&memory.log, "now");
    ck_assert_int_eq(asked, 1);
    expect_logged(&memory, "timele-load: now\n");
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
    tcase_add_test(tests, begins_lines_for_the_journal_and_for_jobs);
    tcase_add_test(tests, begins_lines_with_the_time);
    tcase_add_test(tests, writes_an_object_a_line);
    tcase_add_test(tests, tells_the_message_in_json_without_memory);
    tcase_add_test(tests, colours_error_and_warning_alone);
    tcase_add_loop_test(tests, has_no_colours_in_json_and_for_github, 0, 2);
    tcase_add_test(tests, annotates_errors_and_warnings_for_github);
    tcase_add_test(tests, keeps_an_annotation_for_the_error_that_ends_the_run);
    tcase_add_test(tests, asks_for_room_before_it_prints);
    tcase_add_test(tests, keeps_nothing_back);
    tcase_add_test(tests, survives_a_stream_that_takes_nothing);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
