#include "base/spelling.h"

#include "suite.h"

#include <stdint.h>
#include <string.h>

static struct spelling take(const char *text)
{
    struct spelling spelling;

    ck_assert_msg(spelling_take(text, strlen(text), &spelling), "%s", text);
    return spelling;
}

static size_t distance(const char *typed, const char *word)
{
    const struct spelling one = take(typed), other = take(word);

    return spelling_distance(&one, &other);
}

static const struct {
    const char *typed;
    const char *word;
} near[] = {
    {"crate-schema", "create-schema"}, /* one is missing */
    {"creaate-schema", "create-schema"},
    {"creote-schema", "create-schema"},
    {"craete-schema", "create-schema"}, /* two are swapped */
    {"craete-shema", "create-schema"},
    {"creat_schem", "create-schema"},
    {"jsno", "json"},
    {"firs", "first"},
};

START_TEST(finds_what_is_near)
{
    size_t found = distance(near[_i].typed, near[_i].word);

    ck_assert_uint_gt(found, 0);
    ck_assert_uint_lt(found, SIZE_MAX);
}
END_TEST

static const struct {
    const char *typed;
    const char *word;
} same[] = {
    {"mode", "mode"},
    {"MODE", "mode"},
    {"create_schema", "create-schema"},
    {"CreateSchema", "create-schema"},
    {" dry run ", "dry-run"},
};

START_TEST(takes_case_and_what_is_between_words_for_nothing)
{
    ck_assert_uint_eq(distance(same[_i].typed, same[_i].word), 0);
}
END_TEST

static const struct {
    const char *typed;
    const char *word;
} far[] = {
    {"nude", "mode"}, /* two letters of a short word */
    {"xml", "text"},
    {"jso", "jonos"},
    {"crte-shma", "create-schema"},
};

START_TEST(finds_nothing_that_is_far)
{
    ck_assert_uint_eq(distance(far[_i].typed, far[_i].word), SIZE_MAX);
}
END_TEST

START_TEST(prefers_fewer_wrong_letters)
{
    ck_assert_uint_lt(distance("rejets", "rejects"), distance("rejets", "reset"));
    ck_assert_uint_lt(distance("dry_rn", "dry-run"), SIZE_MAX);
    ck_assert_uint_lt(distance("user_ids", "user_id"), distance("user_ids", "userid"));
}
END_TEST

START_TEST(takes_no_text_without_a_letter_and_none_that_is_long)
{
    char text[SPELLING_SIZE + 1];
    struct spelling spelling;

    ck_assert(!spelling_take("", 0, &spelling));
    ck_assert(!spelling_take("- _", 3, &spelling));
    memset(text, 'a', sizeof text);
    ck_assert(!spelling_take(text, sizeof text, &spelling));
    ck_assert(spelling_take(text, SPELLING_SIZE, &spelling));
    ck_assert_uint_eq(spelling_distance(&spelling, &spelling), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("spelling");
    TCase *tests = tcase_create("spelling");

    tcase_add_loop_test(tests, finds_what_is_near, 0, TABLE_ROWS(near));
    tcase_add_loop_test(tests, takes_case_and_what_is_between_words_for_nothing, 0,
                        TABLE_ROWS(same));
    tcase_add_loop_test(tests, finds_nothing_that_is_far, 0, TABLE_ROWS(far));
    tcase_add_test(tests, prefers_fewer_wrong_letters);
    tcase_add_test(tests, takes_no_text_without_a_letter_and_none_that_is_long);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
