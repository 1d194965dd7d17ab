#include "base/short_text.h"
#include "suite.h"

#include <string.h>

START_TEST(appends_pieces)
{
    struct short_text text = {0};

    short_text_append(&text, "%s", "");
    ck_assert_str_eq(text.bytes, "");
    short_text_append(&text, "a %d", 1);
    short_text_append(&text, ", b");
    ck_assert_str_eq(text.bytes, "a 1, b");
    ck_assert_uint_eq(text.length, 6);
    ck_assert(!text.is_cut);
}
END_TEST

START_TEST(cuts_what_has_no_room)
{
    struct short_text text = {0};
    char piece[SHORT_TEXT_SIZE];

    memset(piece, 'x', sizeof piece - 1);
    piece[sizeof piece - 1] = '\0';
    short_text_append(&text, "%s", piece);
    ck_assert(!text.is_cut);
    short_text_append(&text, "%s", "");
    ck_assert(!text.is_cut);
    short_text_append(&text, "y");
    ck_assert(text.is_cut);
    ck_assert_str_eq(text.bytes, piece);
    ck_assert_uint_eq(text.length, SHORT_TEXT_SIZE - 1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("short_text");
    TCase *tests = tcase_create("texts");

    tcase_add_test(tests, appends_pieces);
    tcase_add_test(tests, cuts_what_has_no_room);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
