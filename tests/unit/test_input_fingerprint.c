#include "input_file.h"
#include "suite.h"

#define OF_ABC "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

static void expect_fingerprint(const struct input *input, const char *expected)
{
    char text[FINGERPRINT_TEXT_SIZE] = "";

    ck_assert(input_fingerprint(input, text) == (expected != NULL));
    if (expected != NULL)
        ck_assert_str_eq(text, expected);
}

static void finish_fingerprint(struct input *input)
{
    struct error error = {0};

    ck_assert_msg(input_finish_fingerprint(input, &error), "%s", error.message);
}

/* What was read before it was started, and what is never read, is read for it alone. */
START_TEST(takes_a_fingerprint_along)
{
    char path[PATH_SIZE * 2], block[2];
    struct error error = {0};
    struct input *input;
    size_t length;

    input = open_file(path, BYTES("abc"));
    ck_assert(input_read(input, block, sizeof block, &length, &error));
    finish_fingerprint(input);
    expect_fingerprint(input, NULL);
    ck_assert(input_start_fingerprint(input, &error));
    ck_assert(input_rewind(input, &error));
    ck_assert(input_read(input, block, sizeof block, &length, &error));
    expect_fingerprint(input, NULL);
    finish_fingerprint(input);
    expect_fingerprint(input, OF_ABC);
    expect_contents("the contents", input, BYTES("c"));
    ck_assert(input_rewind(input, &error));
    expect_contents("the contents", input, BYTES("abc"));
    expect_fingerprint(input, OF_ABC);
    input_free(input);
}
END_TEST

START_TEST(takes_the_fingerprint_of_a_redirected_file_from_where_it_stands)
{
    char path[PATH_SIZE * 2];
    struct error error = {0};
    struct input *input;

    make_file(path, "file", BYTES("xabc"));
    redirect_standard_input(path, 1);
    input = open_input("-");
    ck_assert(input_start_fingerprint(input, &error));
    expect_contents("the contents", input, BYTES("abc"));
    expect_fingerprint(input, OF_ABC);
    input_free(input);
    redirect_standard_input(path, 4);
    input = open_input("-");
    ck_assert(input_start_fingerprint(input, &error));
    finish_fingerprint(input);
    expect_fingerprint(input, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    input_free(input);
}
END_TEST

START_TEST(takes_no_fingerprint_of_a_file_that_changes)
{
    char path[PATH_SIZE * 2];
    struct error error = {0};
    struct input *input;

    input = open_file(path, BYTES("abc"));
    ck_assert(input_start_fingerprint(input, &error));
    put(path, O_APPEND, BYTES("d"));
    ck_assert(!input_finish_fingerprint(input, &error));
    ck_assert_int_eq(error.kind, ERROR_FILE);
    input_free(input);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("input_fingerprint");
    TCase *tests = tcase_create("fingerprints");

    tcase_add_checked_fixture(tests, make_directory, drop_directory);
    tcase_add_test(tests, takes_a_fingerprint_along);
    tcase_add_test(tests, takes_the_fingerprint_of_a_redirected_file_from_where_it_stands);
    tcase_add_test(tests, takes_no_fingerprint_of_a_file_that_changes);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
