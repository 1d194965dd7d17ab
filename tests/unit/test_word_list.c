#include "cli/word_list.h"

#include "suite.h"

#include <string.h>

static const char *const words[] = {"first", "last", "error", NULL};

START_TEST(joins_words_as_a_sentence_does)
{
    static const char *const one[] = {"full", NULL}, *const two[] = {"text", "json", NULL},
                             *const none[] = {NULL};
    char text[WORD_LIST_SIZE];

    ck_assert_str_eq(word_list_join(words, "", text), "first, last or error");
    ck_assert_str_eq(word_list_join(two, "--", text), "--text or --json");
    ck_assert_str_eq(word_list_join(one, "", text), "full");
    ck_assert_str_eq(word_list_join(none, "", text), "");
}
END_TEST

START_TEST(cuts_a_list_that_is_too_long)
{
    const char *many[WORD_LIST_SIZE + 1] = {NULL};
    char text[WORD_LIST_SIZE];

    for (size_t i = 0; i < WORD_LIST_SIZE; i++)
        many[i] = "word";
    ck_assert_uint_eq(strlen(word_list_join(many, "", text)), WORD_LIST_SIZE - 1);
}
END_TEST

START_TEST(finds_a_word_and_what_was_meant)
{
    ck_assert_int_eq(word_list_find(words, "last"), 1);
    ck_assert_int_eq(word_list_find(words, "las"), -1);
    ck_assert_str_eq(word_list_meant(words, "Last", 4), "last");
    ck_assert_str_eq(word_list_meant(words, "eror=7", 4), "error");
    ck_assert_ptr_null(word_list_meant(words, "none", 4));
    ck_assert_ptr_null(word_list_meant(words, "", 0));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("word_list");
    TCase *tests = tcase_create("word_list");

    tcase_add_test(tests, joins_words_as_a_sentence_does);
    tcase_add_test(tests, cuts_a_list_that_is_too_long);
    tcase_add_test(tests, finds_a_word_and_what_was_meant);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
