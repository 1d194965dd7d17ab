#include "cli/options.h"

#include "cli/combination.h"
#include "suite.h"

#include <stdio.h>
#include <string.h>

enum { ARGUMENTS_MAX = 8 };

/* The arguments that follow the program's name, NULL after the last. */
struct command_line {
    const char *arguments[ARGUMENTS_MAX];
};

/* A command line that was read. The options borrow its texts. */
struct invocation {
    char texts[ARGUMENTS_MAX + 1][64];
    char *argv[ARGUMENTS_MAX + 2];
    struct options options;
};

static bool invoke(struct invocation *invocation, const struct command_line *line,
                   struct error *error)
{
    int argc = 0;

    *invocation = (struct invocation){.texts = {"timele-load"}};
    for (; argc <= ARGUMENTS_MAX && (argc == 0 || line->arguments[argc - 1] != NULL); argc++) {
        if (argc > 0)
            (void)snprintf(invocation->texts[argc], sizeof invocation->texts[0], "%s",
                           line->arguments[argc - 1]);
        invocation->argv[argc] = invocation->texts[argc];
    }
    return options_parse(argc, invocation->argv, &invocation->options, error) &&
           combination_check(&invocation->options, error);
}

static void expect_parsed(struct invocation *invocation, const struct command_line *line)
{
    struct error error = {0};

    ck_assert_msg(invoke(invocation, line, &error), "%s", error.message);
    ck_assert_int_eq(error.kind, ERROR_NONE);
}

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
} outputs[] = {
    {{{"a.csv"}}, PROGRESS_AUTO, LOG_TEXT},
    {{{"--progress=auto", "--log-format=text", "a.csv"}}, PROGRESS_AUTO, LOG_TEXT},
    {{{"--progress=always", "a.csv"}}, PROGRESS_ALWAYS, LOG_TEXT},
    {{{"--progress=always", "--progress", "never", "a.csv"}}, PROGRESS_NEVER, LOG_TEXT},
    {{{"--log-format", "json", "a.csv"}}, PROGRESS_AUTO, LOG_JSON},
};

START_TEST(takes_what_standard_error_gets)
{
    struct invocation invocation;

    expect_parsed(&invocation, &outputs[_i].line);
    ck_assert_int_eq(invocation.options.progress, outputs[_i].progress);
    ck_assert_int_eq(invocation.options.log_format, outputs[_i].log_format);
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

#define NOT_WITH_CHECK                                                                             \
    "--check uses no database, so --create-schema, --create-api, --reset, --skip-loaded, "         \
    "--dry-run, --verify and --id-map do not go with it"

static const struct {
    struct command_line line;
    const char *message;
} senseless[] = {
    {{{NULL}}, "no FILE to load"},
    {{{"-q"}}, "no FILE to load"},
    {{{"--duplicates=last", "--floor=users=7"}}, "no FILE to load"},
    {{{"--force", "users.csv"}}, "--force goes with --reset"},
    {{{"--force", "--create-schema"}}, "--force goes with --reset"},
    {{{"--dry-run"}}, "no FILE to load"},
    {{{"--check", "--dry-run", "users.csv"}}, NOT_WITH_CHECK},
    {{{"--check", "--create-api", "users.csv"}}, NOT_WITH_CHECK},
    {{{"--create-api", "--force"}}, "--force goes with --reset"},
    {{{"--skip-loaded", "--mode=replace", "users.csv"}},
     "--skip-loaded does not go with --mode=replace, which would delete the rows of the files that "
     "are skipped"},
    {{{"--report=/proc/self/exe", "/dev/zero", "/proc/self/exe"}},
     "--report would overwrite /proc/self/exe"},
    {{{"--id-map=/proc/self/exe", "/proc/self/exe"}}, "--id-map would overwrite /proc/self/exe"},
    {{{"--verify", "--floor=users=7"}},
     "--verify alone changes nothing, so --floor does not go with it"},
    {{{"-", "users.csv", "-"}}, "standard input (-) can be read only once"},
};

START_TEST(refuses_combinations_that_make_no_sense)
{
    struct invocation invocation;
    struct error error = {0};

    ck_assert(!invoke(&invocation, &senseless[_i].line, &error));
    ck_assert_int_eq(error.kind, ERROR_USAGE);
    ck_assert_str_eq(error.message, senseless[_i].message);
    options_free(&invocation.options);
}
END_TEST

/* argp ends the program itself. What it prints is not looked at here. */
static void invoke_silently(const struct command_line *line)
{
    struct invocation invocation;
    struct error error = {0};

    ck_assert_ptr_nonnull(freopen("/dev/null", "w", stdout));
    ck_assert_ptr_nonnull(freopen("/dev/null", "w", stderr));
    (void)invoke(&invocation, line, &error);
    options_free(&invocation.options);
    /* No exit status that a test expects. */
    exit(EXIT_FAILURE);
}

static const struct command_line wrong[] = {
    {{"--no-such-option"}},
    {{"-Z"}},
    {{"-d"}},
    {{"--dbname"}},
    {{"--quiet=1"}},
    {{"--reset=1"}},
    {{"--wait", "--quiet"}},
    {{"--wait=-1", "a.csv"}},
    {{"--wait=2147484", "a.csv"}},
    {{"--lock-timeout=0", "a.csv"}},
    {{"--lock-timeout=1.5", "a.csv"}},
    {{"--duplicates"}},
    {{"--duplicates=", "a.csv"}},
    {{"--duplicates=none", "a.csv"}},
    {{"--duplicates=Last", "a.csv"}},
    {{"--infer", "--infer"}},
    {{"--progress=sometimes", "a.csv"}},
    {{"--log-format=xml", "a.csv"}},
    {{"--verify="}},
    {{"--verify=Full"}},
    {{"--verify=quick", "a.csv"}},
    {{"--infer=", "a.csv"}},
    {{"--infer=orders", "a.csv"}},
    {{"--infer=product", "a.csv"}},
    {{"--floor=", "a.csv"}},
    {{"--floor=users", "a.csv"}},
    {{"--floor=400000", "a.csv"}},
    {{"--floor==400000", "a.csv"}},
    {{"--floor=users=", "a.csv"}},
    {{"--floor=users=many", "a.csv"}},
    {{"--floor=users=7.5", "a.csv"}},
    {{"--floor=users=-7", "a.csv"}},
    {{"--floor=users=0", "a.csv"}},
    {{"--floor=users=4294967297", "a.csv"}},
    {{"--floor=users=99999999999999999999", "a.csv"}},
    {{"--floor=carts=7", "a.csv"}},
    {{"--floor=products=7", "a.csv"}},
    {{"--floor=order_items=7", "a.csv"}},
    {{"--floor=users.users=7", "a.csv"}},
    {{"--floor=a_name_that_is_longer_than_any_table_has=7", "a.csv"}},
};

START_TEST(ends_the_program_when_an_option_is_wrong)
{
    invoke_silently(&wrong[_i]);
}
END_TEST

static const struct command_line questions[] = {
    {{"--help"}}, {{"-?"}}, {{"--usage"}}, {{"--version"}}, {{"-V"}}, {{"--reset", "--help"}},
};

START_TEST(ends_the_program_when_it_was_only_asked)
{
    invoke_silently(&questions[_i]);
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
    tcase_add_test(tests, frees_nothing);
    return tests;
}

static TCase *refusal_case(void)
{
    TCase *tests = tcase_create("refusals");

    tcase_add_loop_test(tests, refuses_combinations_that_make_no_sense, 0, TABLE_ROWS(senseless));
    tcase_add_loop_exit_test(tests, ends_the_program_when_an_option_is_wrong, 64, 0,
                             TABLE_ROWS(wrong));
    tcase_add_loop_exit_test(tests, ends_the_program_when_it_was_only_asked, 0, 0,
                             TABLE_ROWS(questions));
    return tests;
}

int main(void)
{
    Suite *suite = suite_create("options");

    suite_add_tcase(suite, option_case());
    suite_add_tcase(suite, refusal_case());
    return suite_run(suite);
}
