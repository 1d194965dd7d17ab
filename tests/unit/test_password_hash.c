#include "value/password_hash.h"

#include "suite.h"

#include <stdio.h>

static const struct {
    const char *text, *shown;
} texts[] = {
    {"", ""},
    {"$2b$12$SECRETHASH", "[hash]"},
    {"(7, $2b$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW, x)", "(7, [hash], x)"},
    {"$2b$12$secrethash1 and $argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$aGFzaA",
     "[hash] and [hash]"},
    {"costs $5$ or $10$", "costs $5$ or $10$"},
    {"a $1$ note", "a $1$ note"},
    {"$$body of a function$$", "$$body of a function$$"},
    {"$", "$"},
};

START_TEST(hides_what_has_the_form_of_a_hash)
{
    char text[256];

    (void)snprintf(text, sizeof text, "%s", texts[_i].text);
    password_hash_mask(text);
    ck_assert_str_eq(text, texts[_i].shown);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("password_hash");
    TCase *tests = tcase_create("texts");

    tcase_add_loop_test(tests, hides_what_has_the_form_of_a_hash, 0, TABLE_ROWS(texts));
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
