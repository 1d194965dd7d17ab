#include "base/error.h"
#include "suite.h"

#include <string.h>

static const struct {
    enum error_kind kind;
    int status;
} statuses[] = {
    {ERROR_NONE, 0},          {ERROR_DATA, 2},         {ERROR_DATABASE, 3}, {ERROR_FILE, 4},
    {ERROR_LOCKED, 5},        {ERROR_INVARIANT, 6},    {ERROR_USAGE, 64},   {ERROR_INTERNAL, 70},
    {ERROR_INTERRUPTED, 130}, {ERROR_TERMINATED, 143}, {ERROR_STOPPED, 70},
};

START_TEST(kinds_have_their_exit_status)
{
    ck_assert_int_eq(error_exit_status(statuses[_i].kind), statuses[_i].status);
}
END_TEST

START_TEST(an_unknown_kind_is_a_bug)
{
    ck_assert_int_eq(error_exit_status((enum error_kind)9999), 70);
}
END_TEST

START_TEST(zero_is_no_error)
{
    struct error error = {0};

    ck_assert_int_eq(error.kind, ERROR_NONE);
}
END_TEST

START_TEST(set_fills_kind_and_message)
{
    struct error error = {0};

    ck_assert(!error_set(&error, ERROR_FILE, "cannot read %s: line %d", "users.csv", 7));
    ck_assert_int_eq(error.kind, ERROR_FILE);
    ck_assert_str_eq(error.message, "cannot read users.csv: line 7");
    ck_assert_str_eq(error.detail, "");
    ck_assert_str_eq(error.hint, "");
}
END_TEST

START_TEST(set_empties_what_an_earlier_use_left)
{
    struct error error = {0};

    (void)error_detail(&error, "left over");
    (void)error_hint(&error, "Left over.");
    (void)error_set(&error, ERROR_DATA, "bad data");
    ck_assert_str_eq(error.detail, "");
    ck_assert_str_eq(error.hint, "");
}
END_TEST

START_TEST(the_first_error_stays)
{
    struct error error = {0};

    (void)error_set(&error, ERROR_DATABASE, "connection lost");
    (void)error_detail(&error, "while copying %s", "orders");
    (void)error_hint(&error, "Start again.");
    ck_assert(!error_set(&error, ERROR_FILE, "cannot remove %s", "rejects"));
    ck_assert(!error_memory(&error));
    ck_assert_int_eq(error.kind, ERROR_DATABASE);
    ck_assert_str_eq(error.message, "connection lost");
    ck_assert_str_eq(error.detail, "while copying orders");
    ck_assert_str_eq(error.hint, "Start again.");
}
END_TEST

START_TEST(detail_and_hint_are_added)
{
    struct error error = {0};

    (void)error_set(&error, ERROR_LOCKED, "another run holds the lock");
    ck_assert(!error_detail(&error, "process %d", 42));
    ck_assert(!error_hint(&error, "Try --wait=%d.", 60));
    ck_assert_int_eq(error.kind, ERROR_LOCKED);
    ck_assert_str_eq(error.message, "another run holds the lock");
    ck_assert_str_eq(error.detail, "process 42");
    ck_assert_str_eq(error.hint, "Try --wait=60.");
}
END_TEST

START_TEST(longer_texts_are_cut)
{
    struct error error = {0};
    char text[2 * ERROR_TEXT_SIZE];
    char cut[ERROR_TEXT_SIZE];

    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    memset(cut, 'x', sizeof cut - 1);
    cut[sizeof cut - 1] = '\0';
    (void)error_set(&error, ERROR_DATA, "%s", text);
    (void)error_detail(&error, "%s", text);
    (void)error_hint(&error, "%s", text);
    ck_assert_int_eq(error.kind, ERROR_DATA);
    ck_assert_str_eq(error.message, cut);
    ck_assert_str_eq(error.detail, cut);
    ck_assert_str_eq(error.hint, cut);
}
END_TEST

START_TEST(memory_is_internal)
{
    struct error error = {0};

    ck_assert(!error_memory(&error));
    ck_assert_int_eq(error.kind, ERROR_INTERNAL);
    ck_assert_str_eq(error.message, "out of memory");
}
END_TEST

START_TEST(copies_all_that_another_says)
{
    struct error other = {0}, error = {0};

    (void)error_set(&other, ERROR_LOCKED, "another run holds the lock");
    (void)error_detail(&other, "process %d", 42);
    (void)error_hint(&other, "Try --wait=%d.", 60);
    ck_assert(!error_copy(&error, &other));
    ck_assert_int_eq(error.kind, ERROR_LOCKED);
    ck_assert_str_eq(error.message, "another run holds the lock");
    ck_assert_str_eq(error.detail, "process 42");
    ck_assert_str_eq(error.hint, "Try --wait=60.");
}
END_TEST

START_TEST(a_copy_does_not_replace_the_first_error)
{
    struct error other = {0}, error = {0};

    (void)error_set(&error, ERROR_DATABASE, "connection lost");
    (void)error_set(&other, ERROR_FILE, "cannot write rejects");
    ck_assert(!error_copy(&error, &other));
    (void)error_hint(&error, "Make room.");
    ck_assert_int_eq(error.kind, ERROR_DATABASE);
    ck_assert_str_eq(error.message, "connection lost");
    ck_assert_str_eq(error.hint, "");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("error");
    TCase *kinds = tcase_create("kinds");
    TCase *texts = tcase_create("texts");

    tcase_add_loop_test(kinds, kinds_have_their_exit_status, 0, TABLE_ROWS(statuses));
    tcase_add_test(kinds, an_unknown_kind_is_a_bug);
    suite_add_tcase(suite, kinds);
    tcase_add_test(texts, zero_is_no_error);
    tcase_add_test(texts, set_fills_kind_and_message);
    tcase_add_test(texts, set_empties_what_an_earlier_use_left);
    tcase_add_test(texts, the_first_error_stays);
    tcase_add_test(texts, detail_and_hint_are_added);
    tcase_add_test(texts, longer_texts_are_cut);
    tcase_add_test(texts, memory_is_internal);
    tcase_add_test(texts, copies_all_that_another_says);
    tcase_add_test(texts, a_copy_does_not_replace_the_first_error);
    suite_add_tcase(suite, texts);
    return suite_run(suite);
}
