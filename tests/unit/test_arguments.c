#include "cli/arguments.h"
#include "suite.h"

#include <string.h>

static char *vector[] = {(char[]){"timele-load"}, (char[]){"--dbname=\x1b[2J"}, (char[]){"-qd\n"},
                         (char[]){"users.csv"},   (char[]){"caf\xe9.csv"},      NULL};

static void read_vector(struct arguments *arguments)
{
    struct error error = {0};

    *arguments = (struct arguments){0};
    ck_assert(arguments_read(5, vector, arguments, &error));
}

START_TEST(shows_what_can_be_shown)
{
    struct arguments arguments;

    read_vector(&arguments);
    ck_assert_ptr_eq(arguments.vector[0], vector[0]);
    ck_assert_str_eq(arguments.vector[1], "--dbname=\\x1b[2J");
    ck_assert_str_eq(arguments.vector[2], "-qd\\n");
    ck_assert_ptr_eq(arguments.vector[3], vector[3]);
    ck_assert_str_eq(arguments.vector[4], "caf\\xe9.csv");
    ck_assert_ptr_null(arguments.vector[5]);
    arguments_free(&arguments);
}
END_TEST

START_TEST(finds_what_was_given)
{
    struct arguments arguments;
    char other[] = "other";

    read_vector(&arguments);
    ck_assert_ptr_eq(arguments_original(&arguments, arguments.vector[1] + strlen("--dbname=")),
                     vector[1] + strlen("--dbname="));
    ck_assert_ptr_eq(arguments_original(&arguments, arguments.vector[2] + strlen("-qd")),
                     vector[2] + strlen("-qd"));
    ck_assert_ptr_eq(arguments_original(&arguments, arguments.vector[3]), vector[3]);
    ck_assert_ptr_eq(arguments_original(&arguments, arguments.vector[4]), vector[4]);
    ck_assert_ptr_eq(arguments_original(&arguments, other), other);
    ck_assert_ptr_null(arguments_original(&arguments, NULL));
    arguments_free(&arguments);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("arguments");
    TCase *tests = tcase_create("arguments");

    tcase_add_test(tests, shows_what_can_be_shown);
    tcase_add_test(tests, finds_what_was_given);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
