#include "cli/combination.h"

#include "invocation.h"
#include "suite.h"

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
    {{{"--create-schema", "--mode=insert"}}, "--mode goes with FILEs, and none is given"},
    {{{"--verify", "--duplicates=last"}}, "--duplicates goes with FILEs, and none is given"},
    {{{"--create-api", "--infer", "users"}}, "--infer goes with FILEs, and none is given"},
    {{{"--reset", "--rejects=r", "--max-rejects=1"}},
     "--rejects goes with FILEs, and none is given"},
    {{{"--verify", "--rebuild=never"}}, "--rebuild goes with FILEs, and none is given"},
    {{{"--create-schema", "--id-map=m.csv"}}, "--id-map goes with FILEs, and none is given"},
    {{{"--reset", "--floor=users=7"}},
     "--reset leaves no table, so --floor does not go with it unless --create-schema is given too"},
    {{{"--infer=none", "--infer=products", "a.csv"}},
     "--infer=none and --infer=products contradict each other"},
    {{{"--max-rejects=1", "a.csv"}}, "--max-rejects goes with --rejects"},
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

static const struct command_line harmless[] = {
    {{"--create-schema", "--mode=upsert", "--rejects=r", "--skip-loaded"}},
    {{"--verify", "--dry-run", "--wait=5"}},
    {{"--check", "--mode=upsert", "--rebuild=never", "-d", "x", "--wait=9", "a.csv"}},
    {{"--infer=none", "--infer=users", "a.csv"}},
    {{"--rejects=r", "--max-rejects=100%", "a.csv"}},
    {{"--rejects=r", "--max-rejects=0", "a.csv"}},
    {{"-q", "--report=-", "--progress=always", "a.csv"}},
    {{"--rejects=--reset", "-d", "--no-option", "a.csv"}},
};

/* Jobs put their options together from parts. */
START_TEST(takes_options_that_do_no_harm_together)
{
    struct invocation invocation;

    expect_parsed(&invocation, &harmless[_i]);
    options_free(&invocation.options);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("combination");
    TCase *tests = tcase_create("combination");

    tcase_add_loop_test(tests, refuses_combinations_that_make_no_sense, 0, TABLE_ROWS(senseless));
    tcase_add_loop_test(tests, takes_options_that_do_no_harm_together, 0, TABLE_ROWS(harmless));
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
