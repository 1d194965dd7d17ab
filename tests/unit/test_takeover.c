#include "suite.h"

#include "check/takeover.h"
#include "plan/dataset.h"

#include <string.h>

enum { EMAIL = 4 };

/* Users 1 to 3 of the database; the file's lines 2 to 9 are read. */
struct shop {
    struct source source;
    struct source *sources[1];
    struct dataset users;
};

static void set_up(struct shop *shop, enum mode mode)
{
    memset(shop, 0, sizeof *shop);
    shop->source.table = table_get(TABLE_USERS);
    shop->source.line_count = 9;
    for (size_t i = 0; i < TABLE_COLUMNS_MAX; i++)
        shop->source.field_of_column[i] = (int)i;
    shop->sources[0] = &shop->source;
    shop->users.id = TABLE_USERS;
    shop->users.table = shop->source.table;
    shop->users.sources = shop->sources;
    shop->users.source_count = 1;
    shop->users.floor = 100;
    shop->users.mode = mode;
    for (int64_t id = 1; id <= 3; id++)
        ck_assert(id_set_add(&shop->users.database.existing, id));
}

static void tear_down(struct shop *shop)
{
    problem_list_free(&shop->source.problems);
    dataset_free(&shop->users);
}

/* Row `id` on `line` wants the address that `owner` has in the database. */
static void contend(struct shop *shop, const char *email, int64_t id, uint32_t line, int64_t owner)
{
    bool added;
    const struct text_entry *entry =
        text_index_add(&shop->users.files.unique[EMAIL], (struct text_value){email, strlen(email)},
                       line, id, &added);
    struct value_takeover *takeover = list_add(&shop->users.files.takeovers, sizeof *takeover, 1);

    ck_assert(added);
    ck_assert(line_index_set(&shop->users.files.lines, id, line));
    ck_assert_ptr_nonnull(takeover);
    *takeover = (struct value_takeover){
        .column = EMAIL, .owner = owner, .offset = entry->offset, .length = entry->length};
}

/* Settles all; so many rows are refused, and so many values change hands. */
static void expect_settled(struct shop *shop, uint64_t refused, size_t taken_over)
{
    ck_assert(takeover_settle(&shop->users));
    ck_assert_uint_eq(shop->source.rows_bad, refused);
    ck_assert_uint_eq(shop->users.files.takeovers.count, taken_over);
}

START_TEST(rows_that_swap_give_up_what_they_have)
{
    struct shop shop;

    set_up(&shop, MODE_UPSERT);
    contend(&shop, "b@x.org", 1, 2, 2);
    contend(&shop, "a@x.org", 2, 3, 1);
    expect_settled(&shop, 0, 2);
    tear_down(&shop);
}
END_TEST

START_TEST(what_a_row_keeps_nobody_gets)
{
    struct shop shop;

    set_up(&shop, MODE_UPSERT);
    contend(&shop, "c@x.org", 7, 2, 3);
    expect_settled(&shop, 1, 0);
    ck_assert(id_set_contains(&shop.users.files.left_out, 2));
    ck_assert_str_eq(shop.source.problems.first[0].reason,
                     "is in the database already, with user 3");
    ck_assert_str_eq(shop.source.problems.first[0].value, "c@x.org");
    ck_assert_str_eq(shop.source.problems.first[0].key, "7");
    ck_assert_uint_eq(shop.source.problems.first[0].line, 2);
    tear_down(&shop);
}
END_TEST

/* 3 stays, so 2 keeps its own, which 1 wanted, which 7 wanted: each is refused in turn. */
START_TEST(a_refused_row_gives_nothing_up)
{
    struct shop shop;

    set_up(&shop, MODE_UPSERT);
    contend(&shop, "a@x.org", 7, 2, 1);
    contend(&shop, "b@x.org", 1, 3, 2);
    contend(&shop, "c@x.org", 2, 4, 3);
    expect_settled(&shop, 3, 0);
    tear_down(&shop);
}
END_TEST

/* With rejected rows nothing is deleted any more, and so nothing given up. */
START_TEST(a_row_that_is_deleted_gives_up_all)
{
    struct shop shop;

    set_up(&shop, MODE_REPLACE);
    contend(&shop, "c@x.org", 7, 2, 3);
    expect_settled(&shop, 0, 1);
    shop.source.rows_bad = 1;
    ck_assert(takeover_settle(&shop.users));
    ck_assert_uint_eq(shop.source.rows_bad, 2);
    tear_down(&shop);
}
END_TEST

START_TEST(the_application_gives_nothing_up)
{
    struct shop shop;

    set_up(&shop, MODE_REPLACE);
    ck_assert(id_set_add(&shop.users.database.existing, 100));
    contend(&shop, "new@x.org", 7, 2, 100);
    ck_assert(takeover_settle(&shop.users));
    ck_assert_uint_eq(shop.source.rows_bad, 1);
    tear_down(&shop);
}
END_TEST

START_TEST(who_is_left_out_or_is_the_owner_again_wants_nothing)
{
    struct shop shop;

    set_up(&shop, MODE_UPSERT);
    contend(&shop, "b@x.org", 7, 2, 2);
    ck_assert(id_set_add(&shop.users.files.left_out, 2));
    contend(&shop, "c@x.org", 3, 4, 3);
    expect_settled(&shop, 0, 0);
    tear_down(&shop);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("takeover");
    TCase *tests = tcase_create("settling");

    tcase_add_test(tests, rows_that_swap_give_up_what_they_have);
    tcase_add_test(tests, what_a_row_keeps_nobody_gets);
    tcase_add_test(tests, a_refused_row_gives_nothing_up);
    tcase_add_test(tests, a_row_that_is_deleted_gives_up_all);
    tcase_add_test(tests, the_application_gives_nothing_up);
    tcase_add_test(tests, who_is_left_out_or_is_the_owner_again_wants_nothing);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
