#include "single_statement.h"

#include "suite.h"

static const struct {
    const char *sql;
    bool single;
} texts[] = {
    {"", true},
    {"SELECT 1", true},
    {"SELECT 1;", true},
    {"SELECT 1; \n -- and nothing;\n /* a; /* b; */ c; */ ", true},
    {"SELECT 1; SELECT 2", false},
    {"SELECT 1;;", false},
    {"-- a\nSELECT 1;\n-- b\nSELECT 2;", false},
    {"SELECT ';' || 'it''s; so' || \"a;b\"", true},
    {"SELECT 'a'; SELECT 'b'", false},
    {"SELECT E'\\'; a'", true},
    {"SELECT '\\'; SELECT 1", false},
    {"SELECT name'; a'", true},
    {"DO $$ BEGIN a; b; END $$", true},
    {"DO $a$ b; $$ c; $a$; SELECT 1", false},
    {"SELECT $1; SELECT $2", false},
    {"SELECT a$1$ ; SELECT b$1$", false},
    {"SELECT 1 /* ; */ - 1 / 2; SELECT 2", false},
    {"SELECT 'without end; and so", true},
};

START_TEST(tells_one_statement_from_more)
{
    ck_assert_msg(is_single_statement(texts[_i].sql) == texts[_i].single, "%s", texts[_i].sql);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("single_statement");
    TCase *tests = tcase_create("texts");

    tcase_add_loop_test(tests, tells_one_statement_from_more, 0, TABLE_ROWS(texts));
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
