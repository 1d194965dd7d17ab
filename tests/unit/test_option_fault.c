#include "cli/option_fault.h"

#include "invocation.h"
#include "suite.h"

#define TRY_HELP           "Try 'timele-load --help'."
#define NOT_A_FLOOR(value) "--floor takes users=N or orders=N, not " value
#define NOT_AN_ID(value)   "--floor takes a number from 2 to 4294967296, not " value

static const struct {
    struct command_line line;
    const char *message;
    const char *hint;
} wrong[] = {
    {{{"--no-such-option"}}, "unknown option --no-such-option", TRY_HELP},
    {{{"--crate-schema"}}, "unknown option --crate-schema", "Did you mean --create-schema?"},
    {{{"--Dry_run", "a.csv"}}, "unknown option --Dry_run", "Did you mean --dry-run?"},
    {{{"--mod=upsert", "--rejcets=r"}}, "unknown option --rejcets", "Did you mean --rejects?"},
    {{{"--password=fake"}}, "unknown option --password", TRY_HELP},
    {{{"--=fake"}}, "unknown option --", TRY_HELP},
    {{{"--HANG"}}, "unknown option --HANG", TRY_HELP},
    {{{"--program-name=x"}}, "unknown option --program-name", TRY_HELP},
    {{{"-Z"}}, "unknown option -Z", TRY_HELP},
    {{{"-qZv", "a.csv"}}, "unknown option -Z", TRY_HELP},
    {{{"a.csv", "-Zq"}}, "unknown option -Z", TRY_HELP},
    {{{"-d", "--other", "a.csv", "-Zq"}}, "unknown option -Z", TRY_HELP},
    {{{"-q", "a.csv", "-qZ"}}, "unknown option -Z", TRY_HELP},
    {{{"-\xc3\xa9q"}}, "unknown option -\xc3\xa9", TRY_HELP},
    {{{"-verify"}}, "unknown option -verify", "Did you mean --verify?"},
    {{{"-mode=skip"}}, "unknown option -mode", "Did you mean --mode?"},
    {{{"-verfy"}}, "unknown option -e", "Did you mean --verify?"},
    {{{"-quiet", "a.csv"}}, "unknown option -quiet", "Did you mean --quiet?"},
    {{{"a.csv", "-dry-run"}}, "unknown option -dry-run", "Did you mean --dry-run?"},
    {{{"-dbname=fake"}}, "unknown option -dbname", "Did you mean --dbname?"},
    {{{"-duplicates=last"}}, "unknown option -duplicates", "Did you mean --duplicates?"},
    {{{"-q", "-dry-run", "--crate-schema"}}, "unknown option -dry-run", "Did you mean --dry-run?"},
    {{{"--re", "a.csv"}},
     "the option --re is ambiguous",
     "It may be --reset, --rejects, --rebuild or --report."},
    {{{"-d"}}, "-d needs a value", "Write -d CONNINFO."},
    {{{"-qd"}}, "-d needs a value", "Write -d CONNINFO."},
    {{{"--dbname"}}, "--dbname needs a value", "Write --dbname=CONNINFO."},
    {{{"--db"}}, "--dbname needs a value", "Write --dbname=CONNINFO."},
    {{{"--duplicates"}}, "--duplicates needs a value", "It takes error, first or last."},
    {{{"--wait", "--quiet"}},
     "--wait needs a value, and --quiet is an option",
     "Write --wait=SECONDS."},
    {{{"--infer", "--infer"}},
     "--infer needs a value, and --infer is an option",
     "It takes products, users or none."},
    {{{"--rejects", "--max-rej=5", "a.csv"}},
     "--rejects needs a value, and --max-rej is an option",
     "Write --rejects=DIR."},
    {{{"--quiet=1"}}, "--quiet takes no value", "Write --quiet alone."},
    {{{"--reset=1"}}, "--reset takes no value", "Write --reset alone."},
    {{{"--wait=-1", "a.csv"}}, "--wait takes whole seconds from 0 to 2147483, not '-1'", TRY_HELP},
    {{{"--wait=2147484", "a.csv"}},
     "--wait takes whole seconds from 0 to 2147483, not '2147484'",
     TRY_HELP},
    {{{"--jobs=0", "a.csv"}}, "--jobs takes a number from 1 to 64, not '0'", TRY_HELP},
    {{{"--jobs=65", "a.csv"}}, "--jobs takes a number from 1 to 64, not '65'", TRY_HELP},
    {{{"--jobs=-1", "a.csv"}}, "--jobs takes a number from 1 to 64, not '-1'", TRY_HELP},
    {{{"--jobs=1.5", "a.csv"}}, "--jobs takes a number from 1 to 64, not '1.5'", TRY_HELP},
    {{{"--jobs=x", "a.csv"}}, "--jobs takes a number from 1 to 64, not 'x'", TRY_HELP},
    {{{"--jobs=4294967297", "a.csv"}},
     "--jobs takes a number from 1 to 64, not '4294967297'",
     TRY_HELP},
    {{{"--jobs=2", "--jobs=", "a.csv"}}, "--jobs takes a number from 1 to 64, not ''", TRY_HELP},
    {{{"--jobs", "--create-schema"}},
     "--jobs needs a value, and --create-schema is an option",
     "Write --jobs=N."},
    {{{"--lock-timeout=0", "a.csv"}},
     "--lock-timeout takes whole seconds from 1 to 2147483, not '0'",
     TRY_HELP},
    {{{"--lock-timeout=1.5", "a.csv"}},
     "--lock-timeout takes whole seconds from 1 to 2147483, not '1.5'",
     TRY_HELP},
    {{{"--mode=updert", "a.csv"}},
     "--mode takes insert, skip, upsert or replace, not 'updert'",
     "Did you mean --mode=upsert?"},
    {{{"--duplicates=", "a.csv"}}, "--duplicates takes error, first or last, not ''", TRY_HELP},
    {{{"--duplicates=none", "a.csv"}},
     "--duplicates takes error, first or last, not 'none'",
     TRY_HELP},
    {{{"--duplicates=Last", "a.csv"}},
     "--duplicates takes error, first or last, not 'Last'",
     "Did you mean --duplicates=last?"},
    {{{"--rebuild=allways", "a.csv"}},
     "--rebuild takes auto, always or never, not 'allways'",
     "Did you mean --rebuild=always?"},
    {{{"--progress=sometimes", "a.csv"}},
     "--progress takes auto, always or never, not 'sometimes'",
     TRY_HELP},
    {{{"--log-format=xml", "a.csv"}},
     "--log-format takes text, json or github, not 'xml'",
     TRY_HELP},
    {{{"--color=yes", "a.csv"}}, "--color takes auto, always or never, not 'yes'", TRY_HELP},
    {{{"--color", "a.csv"}}, "--color takes auto, always or never, not 'a.csv'", TRY_HELP},
    {{{"--verify="}}, "--verify takes full, or nothing, not ''", TRY_HELP},
    {{{"--verify=Full"}},
     "--verify takes full, or nothing, not 'Full'",
     "Did you mean --verify=full?"},
    {{{"--infer=orders", "a.csv"}},
     "--infer takes products, users or none, not 'orders'",
     TRY_HELP},
    {{{"--infer=product", "a.csv"}},
     "--infer takes products, users or none, not 'product'",
     "Did you mean --infer=products?"},
    {{{"--rejects=", "a.csv"}},
     "--rejects takes the name of a directory, not ''",
     "Write --rejects=DIR."},
    {{{"--id-map=", "a.csv"}}, "--id-map takes the name of a file, not ''", "Write --id-map=FILE."},
    {{{"--report=", "a.csv"}}, "--report takes the name of a file, not ''", "Write --report=FILE."},
    {{{"--rejects=r", "--max-rejects=200%", "a.csv"}},
     "--max-rejects takes a percentage from 0% to 100%, not '200%'",
     "Without --max-rejects there is no limit."},
    {{{"--rejects=r", "--max-rejects=100.0001%", "a.csv"}},
     "--max-rejects takes a percentage from 0% to 100%, not '100.0001%'",
     "Without --max-rejects there is no limit."},
    {{{"--rejects=r", "--max-rejects=-1", "a.csv"}},
     "--max-rejects takes a number of rows, or a percentage like 0.5%, not '-1'",
     TRY_HELP},
    {{{"--floor=", "a.csv"}}, NOT_A_FLOOR("''"), TRY_HELP},
    {{{"--floor=users", "a.csv"}}, NOT_A_FLOOR("'users'"), "Did you mean --floor=users=N?"},
    {{{"--floor=400000", "a.csv"}}, NOT_A_FLOOR("'400000'"), TRY_HELP},
    {{{"--floor==400000", "a.csv"}}, NOT_A_FLOOR("'=400000'"), TRY_HELP},
    {{{"--floor=order=7", "a.csv"}}, NOT_A_FLOOR("'order=7'"), "Did you mean --floor=orders=7?"},
    {{{"--floor=carts=7", "a.csv"}}, NOT_A_FLOOR("'carts=7'"), TRY_HELP},
    {{{"--floor=products=7", "a.csv"}}, NOT_A_FLOOR("'products=7'"), TRY_HELP},
    {{{"--floor=order_items=7", "a.csv"}}, NOT_A_FLOOR("'order_items=7'"), TRY_HELP},
    {{{"--floor=users.users=7", "a.csv"}}, NOT_A_FLOOR("'users.users=7'"), TRY_HELP},
    {{{"--floor=a_name_that_is_longer_than_any_table_has=7", "a.csv"}},
     NOT_A_FLOOR("'a_name_that_is_longer_than_any_table_has=7'"),
     TRY_HELP},
    {{{"--floor=users=", "a.csv"}}, NOT_AN_ID("''"), TRY_HELP},
    {{{"--floor=users=many", "a.csv"}}, NOT_AN_ID("'many'"), TRY_HELP},
    {{{"--floor=users=7.5", "a.csv"}}, NOT_AN_ID("'7.5'"), TRY_HELP},
    {{{"--floor=users=-7", "a.csv"}}, NOT_AN_ID("'-7'"), TRY_HELP},
    {{{"--floor=users=0", "a.csv"}}, NOT_AN_ID("'0'"), TRY_HELP},
    {{{"--floor=users=4294967297", "a.csv"}}, NOT_AN_ID("'4294967297'"), TRY_HELP},
    {{{"--floor=users=99999999999999999999", "a.csv"}},
     NOT_AN_ID("'99999999999999999999'"),
     TRY_HELP},
};

START_TEST(says_what_is_wrong_with_an_option_and_what_was_meant)
{
    struct invocation invocation;
    struct error error = {0};

    ck_assert(!invoke(&invocation, &wrong[_i].line, &error));
    ck_assert_int_eq(error.kind, ERROR_USAGE);
    ck_assert_str_eq(error.message, wrong[_i].message);
    ck_assert_str_eq(error.hint, wrong[_i].hint);
    options_free(&invocation.options);
}
END_TEST

START_TEST(knows_what_is_an_option)
{
    ck_assert(option_fault_is_option("--quiet"));
    ck_assert(option_fault_is_option("--max-rej=5"));
    ck_assert(!option_fault_is_option("--re"));
    ck_assert(!option_fault_is_option("--"));
    ck_assert(!option_fault_is_option("-q"));
    ck_assert(!option_fault_is_option("quiet"));
}
END_TEST

START_TEST(knows_a_long_option_with_one_dash)
{
    ck_assert(option_fault_lacks_dash("-quiet"));
    ck_assert(option_fault_lacks_dash("-dry-run"));
    ck_assert(option_fault_lacks_dash("-dbname=x"));
    ck_assert(!option_fault_lacks_dash("-dry"));
    ck_assert(!option_fault_lacks_dash("-q"));
    ck_assert(!option_fault_lacks_dash("--quiet"));
    ck_assert(!option_fault_lacks_dash("-"));
    ck_assert(!option_fault_lacks_dash("-=x"));
    ck_assert(!option_fault_lacks_dash("quiet"));
    ck_assert(!option_fault_lacks_dash(""));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("option_fault");
    TCase *tests = tcase_create("option_fault");

    tcase_add_loop_test(tests, says_what_is_wrong_with_an_option_and_what_was_meant, 0,
                        TABLE_ROWS(wrong));
    tcase_add_test(tests, knows_what_is_an_option);
    tcase_add_test(tests, knows_a_long_option_with_one_dash);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
