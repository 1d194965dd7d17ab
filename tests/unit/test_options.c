#include "cli/options.h"

#include "invocation.h"
#include "suite.h"

#include <string.h>

START_TEST(is_careful_by_default)
{
    static const struct command_line line = {{"users.csv"}};
    struct invocation invocation;
    const struct run_options *run = &invocation.options.run;

    expect_parsed(&invocation, &line);
    ck_assert_int_eq(invocation.options.level, LOG_NORMAL);
    ck_assert_ptr_null(run->dbname);
    ck_assert(!run->create_schema);
    ck_assert(!run->reset);
    ck_assert(!run->force);
    ck_assert_int_eq(run->mode, MODE_INSERT);
    ck_assert_int_eq(run->duplicates, DUPLICATES_ERROR);
    ck_assert(!run->infer.nothing);
    ck_assert_int_eq(run->rebuild, REBUILD_AUTO);
    for (int id = 0; id < TABLE_COUNT; id++)
        ck_assert_int_eq(run->floors[id], 0);
    options_free(&invocation.options);
}
END_TEST

static const struct {
    struct command_line line;
    const char *dbname;
} databases[] = {
    {{{"-dtimele", "a.csv"}}, "timele"},
    {{{"-d", "dry-run", "a.csv"}}, "dry-run"},
    {{{"-dry", "a.csv"}}, "ry"},
    {{{"a.csv", "-d", "timele"}}, "timele"},
    {{{"--dbname=host=h dbname=timele", "a.csv"}}, "host=h dbname=timele"},
    {{{"--dbname", "postgresql://h/timele", "a.csv"}}, "postgresql://h/timele"},
    {{{"--dbname=", "a.csv"}}, ""},
    {{{"-done", "-dother", "a.csv"}}, "other"},
};

START_TEST(takes_a_database)
{
    struct invocation invocation;

    expect_parsed(&invocation, &databases[_i].line);
    ck_assert_str_eq(invocation.options.run.dbname, databases[_i].dbname);
    options_free(&invocation.options);
}
END_TEST

static const struct {
    struct command_line line;
    struct run_options run;
    enum log_level level;
} switches[] = {
    {{{"--create-schema"}}, {.create_schema = true}, LOG_NORMAL},
    {{{"--create-api"}}, {.create_api = true}, LOG_NORMAL},
    {{{"--create-api", "--create-schema", "a.csv"}},
     {.create_schema = true, .create_api = true},
     LOG_NORMAL},
    {{{"--create-api", "--verify", "--floor=users=7"}},
     {.create_api = true, .verify = true, .floors = {[TABLE_USERS] = 7}},
     LOG_NORMAL},
    {{{"--reset"}}, {.reset = true}, LOG_NORMAL},
    {{{"--reset", "--force"}}, {.reset = true, .force = true}, LOG_NORMAL},
    {{{"--force", "--create-schema", "--reset"}},
     {.reset = true, .force = true, .create_schema = true},
     LOG_NORMAL},
    {{{"-q", "a.csv"}}, {.reset = false}, LOG_QUIET},
    {{{"--quiet", "a.csv"}}, {.reset = false}, LOG_QUIET},
    {{{"-v", "a.csv"}}, {.reset = false}, LOG_VERBOSE},
    {{{"--verbose", "a.csv"}}, {.reset = false}, LOG_VERBOSE},
    {{{"-qv", "a.csv"}}, {.reset = false}, LOG_VERBOSE},
    {{{"--mode=insert", "a.csv"}}, {.mode = MODE_INSERT}, LOG_NORMAL},
    {{{"--mode=skip", "a.csv"}}, {.mode = MODE_SKIP}, LOG_NORMAL},
    {{{"--mode", "upsert", "a.csv"}}, {.mode = MODE_UPSERT}, LOG_NORMAL},
    {{{"--mode=replace", "a.csv"}}, {.mode = MODE_REPLACE}, LOG_NORMAL},
    {{{"--duplicates=error", "a.csv"}}, {.duplicates = DUPLICATES_ERROR}, LOG_NORMAL},
    {{{"--duplicates=first", "a.csv"}}, {.duplicates = DUPLICATES_FIRST}, LOG_NORMAL},
    {{{"--duplicates", "last", "a.csv"}}, {.duplicates = DUPLICATES_LAST}, LOG_NORMAL},
    {{{"--duplicates=first", "--duplicates=error", "a.csv"}},
     {.duplicates = DUPLICATES_ERROR},
     LOG_NORMAL},
    {{{"--infer=products", "a.csv"}}, {.infer = {.tables = {[TABLE_PRODUCTS] = true}}}, LOG_NORMAL},
    {{{"--infer=users", "--infer=products", "a.csv"}},
     {.infer = {.tables = {[TABLE_USERS] = true, [TABLE_PRODUCTS] = true}}},
     LOG_NORMAL},
    {{{"--infer=none", "a.csv"}}, {.infer = {.nothing = true}}, LOG_NORMAL},
    {{{"--check", "a.csv"}}, {.check = true}, LOG_NORMAL},
    {{{"--verify"}}, {.verify = true}, LOG_NORMAL},
    {{{"--verify=full"}}, {.verify = true, .verify_full = true}, LOG_NORMAL},
    {{{"--verify=full", "--verify"}}, {.verify = true}, LOG_NORMAL},
    {{{"--verify", "full"}}, {.verify = true}, LOG_NORMAL},
    {{{"--verify", "--create-schema", "--floor=users=7"}},
     {.verify = true, .create_schema = true, .floors = {[TABLE_USERS] = 7}},
     LOG_NORMAL},
    {{{"--dry-run", "a.csv"}}, {.dry_run = true}, LOG_NORMAL},
    {{{"--wait=60", "--lock-timeout", "5", "a.csv"}}, {.wait = 60, .lock_timeout = 5}, LOG_NORMAL},
    {{{"--jobs=1", "a.csv"}}, {.jobs = 1}, LOG_NORMAL},
    {{{"--jobs=2", "--jobs=64", "a.csv"}}, {.jobs = 64}, LOG_NORMAL},
    {{{"--wait=0", "--lock-timeout=2147483", "a.csv"}}, {.lock_timeout = 2147483}, LOG_NORMAL},
    {{{"--rebuild=always", "a.csv"}}, {.rebuild = REBUILD_ALWAYS}, LOG_NORMAL},
    {{{"--rebuild=never", "--rebuild=auto", "a.csv"}}, {.rebuild = REBUILD_AUTO}, LOG_NORMAL},
    {{{"--floor=users=500000", "a.csv"}}, {.floors = {[TABLE_USERS] = 500000}}, LOG_NORMAL},
    {{{"--floor=orders=2", "a.csv"}}, {.floors = {[TABLE_ORDERS] = 2}}, LOG_NORMAL},
    {{{"--floor=orders=4294967296", "--floor", "users=7", "a.csv"}},
     {.floors = {[TABLE_ORDERS] = INT64_C(4294967296), [TABLE_USERS] = 7}},
     LOG_NORMAL},
    {{{"--floor=users=5", "--floor=users=6", "a.csv"}},
     {.floors = {[TABLE_USERS] = 6}},
     LOG_NORMAL},
};

static const struct {
    struct command_line line;
    const char *given[ARGUMENTS_MAX];
} told[] = {
    {{{"a.csv"}}, {NULL}},
    {{{"-qv", "--dup", "first", "a.csv", "--report=r.json"}},
     {"--quiet", "--verbose", "--duplicates=first", "--report=r.json"}},
    {{{"-dtimele", "a.csv"}}, {"--dbname=timele"}},
    {{{"-qd", "host=h password=fake user=u", "a.csv"}}, {"--quiet", "--dbname=user=u host=h"}},
    {{{"--dbname=postgresql://u:fake@h:1/timele?sslkey=k", "a.csv"}},
     {"--dbname=user=u dbname=timele host=h port=1"}},
    {{{"--dbname=password=fake fake", "a.csv"}}, {"--dbname="}},
};

START_TEST(tells_options_by_their_long_names_without_passwords)
{
    struct invocation invocation;
    const struct run_options *run = &invocation.options.run;
    size_t count = 0;

    expect_parsed(&invocation, &told[_i].line);
    for (; told[_i].given[count] != NULL; count++) {
        ck_assert_uint_lt(count, run->given_count);
        ck_assert_str_eq(run->given[count], told[_i].given[count]);
    }
    ck_assert_uint_eq(run->given_count, count);
    options_free(&invocation.options);
}
END_TEST

static const struct {
    struct command_line line;
    enum progress_when progress;
    enum log_format log_format;
    enum color_when color;
} outputs[] = {
    {{{"a.csv"}}, PROGRESS_AUTO, LOG_TEXT, COLOR_AUTO},
    {{{"--color=auto", "a.csv"}}, PROGRESS_AUTO, LOG_TEXT, COLOR_AUTO},
    {{{"--color=never", "--color", "always", "a.csv"}}, PROGRESS_AUTO, LOG_TEXT, COLOR_ALWAYS},
    {{{"--color=never", "a.csv"}}, PROGRESS_AUTO, LOG_TEXT, COLOR_NEVER},
    {{{"--progress=auto", "--log-format=text", "a.csv"}}, PROGRESS_AUTO, LOG_TEXT, COLOR_AUTO},
    {{{"--progress=always", "a.csv"}}, PROGRESS_ALWAYS, LOG_TEXT, COLOR_AUTO},
    {{{"--progress=always", "--progress", "never", "a.csv"}}, PROGRESS_NEVER, LOG_TEXT, COLOR_AUTO},
    {{{"--log-format", "json", "a.csv"}}, PROGRESS_AUTO, LOG_JSON, COLOR_AUTO},
    {{{"--log-format=github", "a.csv"}}, PROGRESS_AUTO, LOG_GITHUB, COLOR_AUTO},
};

START_TEST(takes_what_standard_error_gets)
{
    struct invocation invocation;

    expect_parsed(&invocation, &outputs[_i].line);
    ck_assert_int_eq(invocation.options.progress, outputs[_i].progress);
    ck_assert_int_eq(invocation.options.log_format, outputs[_i].log_format);
    ck_assert_int_eq(invocation.options.color, outputs[_i].color);
    options_free(&invocation.options);
}
END_TEST

START_TEST(takes_options)
{
    const struct run_options *expected = &switches[_i].run;
    struct invocation invocation;
    const struct run_options *run = &invocation.options.run;

    expect_parsed(&invocation, &switches[_i].line);
    ck_assert_int_eq(invocation.options.level, switches[_i].level);
    ck_assert_int_eq(run->create_schema, expected->create_schema);
    ck_assert_int_eq(run->create_api, expected->create_api);
    ck_assert_int_eq(run->reset, expected->reset);
    ck_assert_int_eq(run->force, expected->force);
    ck_assert_int_eq(run->mode, expected->mode);
    ck_assert_int_eq(run->duplicates, expected->duplicates);
    ck_assert_int_eq(run->check, expected->check);
    ck_assert_int_eq(run->rebuild, expected->rebuild);
    ck_assert_int_eq(run->dry_run, expected->dry_run);
    ck_assert_int_eq(run->verify, expected->verify);
    ck_assert_int_eq(run->verify_full, expected->verify_full);
    ck_assert_int_eq(run->wait, expected->wait);
    ck_assert_int_eq(run->lock_timeout, expected->lock_timeout);
    ck_assert_int_eq(run->jobs, expected->jobs);
    ck_assert_int_eq(run->infer.nothing, expected->infer.nothing);
    for (int id = 0; id < TABLE_COUNT; id++) {
        ck_assert_int_eq(run->infer.tables[id], expected->infer.tables[id]);
        ck_assert_int_eq(run->floors[id], expected->floors[id]);
    }
    options_free(&invocation.options);
}
END_TEST

static const struct {
    struct command_line line;
    const char *paths[4];
} files[] = {
    {{{"users.csv"}}, {"users.csv"}},
    {{{"b.csv", "a.csv", "b.csv"}}, {"b.csv", "a.csv", "b.csv"}},
    {{{"a.csv", "-q", "b.csv", "--duplicates", "last", "c.csv"}}, {"a.csv", "b.csv", "c.csv"}},
    {{{"-"}}, {"-"}},
    {{{"a.csv", "-", "b.csv"}}, {"a.csv", "-", "b.csv"}},
    {{{"-q", "--", "--reset", "-v"}}, {"--reset", "-v"}},
    {{{"--create-schema"}}, {NULL}},
    {{{"--create-api"}}, {NULL}},
    {{{"--create-schema", ""}}, {""}},
};

START_TEST(takes_files_in_their_order)
{
    struct invocation invocation;
    const struct run_options *run = &invocation.options.run;
    size_t count = 0;

    expect_parsed(&invocation, &files[_i].line);
    for (; files[_i].paths[count] != NULL; count++) {
        ck_assert_uint_lt(count, run->path_count);
        ck_assert_str_eq(run->paths[count], files[_i].paths[count]);
    }
    ck_assert_uint_eq(run->path_count, count);
    options_free(&invocation.options);
}
END_TEST

static const struct command_line json[] = {
    {{"--log-format=json", "--bogus", "--report=r"}},
    {{"--bogus", "--report=r", "--log-format=json"}},
    {{"a.csv", "-Zq", "--report=r", "b.csv", "--log-format=json"}},
    {{"--mode=bogus", "-d", "x", "--report=r", "--no-such", "--log-format", "json"}},
};

/* The first error is told; an output that may be another's is not touched. */
START_TEST(reads_the_format_of_the_log_and_no_report_after_a_wrong_option)
{
    struct invocation invocation;
    struct error error = {0};

    ck_assert(!invoke(&invocation, &json[_i], &error));
    ck_assert(strstr(error.message, "ogus") != NULL || strstr(error.message, "-Z") != NULL);
    ck_assert_int_eq(invocation.options.log_format, LOG_JSON);
    ck_assert_ptr_null(invocation.options.report);
    ck_assert_int_eq(invocation.options.question, QUESTION_NONE);
    options_free(&invocation.options);
}
END_TEST

static const struct {
    struct command_line line;
    enum question question;
} questions[] = {
    {{{"--help"}}, QUESTION_HELP},
    {{{"--hel"}}, QUESTION_HELP},
    {{{"-h"}}, QUESTION_HELP},
    {{{"-?"}}, QUESTION_HELP},
    {{{"-qh", "--bogus"}}, QUESTION_HELP},
    {{{"-hZ"}}, QUESTION_HELP},
    {{{"--reset", "--help"}}, QUESTION_HELP},
    {{{"--usage"}}, QUESTION_USAGE},
    {{{"--version", "--help", "--mode=bogus"}}, QUESTION_VERSION},
    {{{"-V"}}, QUESTION_VERSION},
};

START_TEST(notes_the_first_question_and_looks_no_further)
{
    struct invocation invocation;
    struct error error = {0};

    ck_assert_msg(read_line(&invocation, &questions[_i].line, &error), "%s", error.message);
    ck_assert_int_eq(error.kind, ERROR_NONE);
    ck_assert_int_eq(invocation.options.question, questions[_i].question);
    options_free(&invocation.options);
}
END_TEST

START_TEST(frees_nothing)
{
    struct options options = {0};

    options_free(&options);
    ck_assert_ptr_null(options.paths);
}
END_TEST

static TCase *option_case(void)
{
    TCase *tests = tcase_create("options");

    tcase_add_test(tests, is_careful_by_default);
    tcase_add_loop_test(tests, takes_a_database, 0, TABLE_ROWS(databases));
    tcase_add_loop_test(tests, takes_what_standard_error_gets, 0, TABLE_ROWS(outputs));
    tcase_add_loop_test(tests, takes_options, 0, TABLE_ROWS(switches));
    tcase_add_loop_test(tests, tells_options_by_their_long_names_without_passwords, 0,
                        TABLE_ROWS(told));
    tcase_add_loop_test(tests, takes_files_in_their_order, 0, TABLE_ROWS(files));
    tcase_add_loop_test(tests, reads_the_format_of_the_log_and_no_report_after_a_wrong_option, 0,
                        TABLE_ROWS(json));
    tcase_add_loop_test(tests, notes_the_first_question_and_looks_no_further, 0,
                        TABLE_ROWS(questions));
    tcase_add_test(tests, frees_nothing);
    return tests;
}

int main(void)
{
    Suite *suite = suite_create("options");

    suite_add_tcase(suite, option_case());
    return suite_run(suite);
}
