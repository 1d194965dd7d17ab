#include "key_shop.h"
#include "suite.h"

/* The floor goes before everything else. */
START_TEST(the_applications_ids_are_refused_in_every_mode)
{
    struct shop shop;

    open_shop(&shop, TABLE_USERS, "user_id,email_address,external_user_id\n");
    shop.dataset->mode = (enum mode)_i;
    have_user(&shop, FLOOR, "app@x.org", OWN_UUID);
    ck_assert_int_eq(take_user(&shop, FLOOR - 1, "a@x.org", NULL), KEY_FREE);
    ck_assert_int_eq(take_user(&shop, FLOOR, "app@x.org", NULL), KEY_REFUSED);
    ck_assert_int_eq(take_user(&shop, FLOOR + 1, "b@x.org", NULL), KEY_REFUSED);
    ck_assert_uint_eq(shop.source->problems.count, 2);
    ck_assert_int_eq(shop.source->problems.first[0].code, PROBLEM_FLOOR);
    ck_assert_str_eq(shop.source->problems.first[0].value, "100");
    ck_assert(id_set_is_empty(&shop.dataset->files.updates));
    close_shop(&shop);
}
END_TEST

/* It stays as it is in the database: the value in the file is nobody's. */
START_TEST(a_row_that_is_kept_leaves_its_new_value_to_others)
{
    struct shop shop;

    open_shop(&shop, TABLE_USERS, "user_id,email_address,external_user_id\n");
    shop.dataset->mode = MODE_SKIP;
    have_user(&shop, 1, "a@x.org", OWN_UUID);
    ck_assert_int_eq(take_user(&shop, 1, "b@x.org", NULL), KEY_SKIPPED);
    ck_assert_int_eq(take_user(&shop, 2, "b@x.org", NULL), KEY_FREE);
    ck_assert_int_eq(take_user(&shop, 3, "a@x.org", NULL), KEY_REFUSED);
    close_shop(&shop);
}
END_TEST

/* Its address was another's, so that its external id is nobody's. */
START_TEST(a_bad_row_holds_no_value)
{
    struct shop shop;

    open_shop(&shop, TABLE_USERS, "user_id,email_address,external_user_id\n");
    have_user(&shop, 1, "a@x.org", OWN_UUID);
    ck_assert_int_eq(take_user(&shop, 3, "a@x.org", UNKNOWN_UUID), KEY_REFUSED);
    ck_assert_int_eq(take_user(&shop, ROW, "b@x.org", UNKNOWN_UUID), KEY_FREE);
    close_shop(&shop);
}
END_TEST

/* The database's row gives the value up once, to whoever is the last to have it. */
START_TEST(a_value_that_was_taken_over_passes_on_in_the_files)
{
    struct shop shop;

    open_shop(&shop, TABLE_USERS, "user_id,email_address,external_user_id\n");
    shop.dataset->mode = MODE_UPSERT;
    shop.duplicates = DUPLICATES_LAST;
    have_user(&shop, 1, "a@x.org", OWN_UUID);
    ck_assert_int_eq(take_user(&shop, 3, "a@x.org", NULL), KEY_FREE);
    ck_assert_int_eq(take_user(&shop, ROW, "a@x.org", NULL), KEY_FREE);
    ck_assert_uint_eq(shop.dataset->files.takeovers.count, 1);
    ck_assert(id_set_contains(&shop.dataset->files.left_out, 2));
    close_shop(&shop);
}
END_TEST

/* No row of the files may refer to one that gave way, id and all. */
START_TEST(a_row_that_gives_way_gives_up_its_id)
{
    struct shop shop;

    open_shop(&shop, TABLE_USERS, "user_id,email_address,external_user_id\n");
    shop.duplicates = DUPLICATES_LAST;
    ck_assert_int_eq(take_user(&shop, 3, "a@x.org", NULL), KEY_FREE);
    ck_assert(dataset_has(shop.dataset, 3));
    ck_assert_int_eq(take_user(&shop, ROW, "a@x.org", NULL), KEY_FREE);
    ck_assert(!dataset_has(shop.dataset, 3));
    ck_assert(dataset_has(shop.dataset, ROW));
    close_shop(&shop);
}
END_TEST

START_TEST(says_where_the_first_one_stands)
{
    struct shop shop;
    const struct problem *problem;

    open_shop(&shop, TABLE_USERS, "user_id,email_address,external_user_id\n");
    (void)take_user(&shop, 7, "a@x.org", NULL);
    (void)take_user(&shop, 7, "b@x.org", NULL);
    (void)take_user(&shop, 7, "c@x.org", NULL);
    (void)take_user(&shop, 8, "a@x.org", NULL);
    problem = shop.source->problems.first;
    ck_assert_uint_eq(shop.source->problems.count, 3);
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(problem[i].code, PROBLEM_DUPLICATE);
        ck_assert_str_eq(problem[i].reason, "stands twice, first on line 2");
        ck_assert_uint_eq(problem[i].line, (uint64_t)i + 3);
    }
    ck_assert_str_eq(problem[1].column, "user_id");
    ck_assert_str_eq(problem[2].column, "email_address");
    ck_assert_str_eq(problem[2].key, "8");
    close_shop(&shop);
}
END_TEST

START_TEST(names_the_other_file)
{
    struct source *first = calloc(1, sizeof *first), *second = calloc(1, sizeof *second);
    struct source *sources[] = {first, second};
    const struct dataset dataset = {.sources = sources, .source_count = 2};
    char text[KEY_PLACE_SIZE];

    ck_assert(first != NULL && second != NULL);
    first->path = "a.csv";
    second->path = "b.csv";
    second->line_base = 10;
    ck_assert_str_eq(key_place(&dataset, first, 10, text), "line 10");
    ck_assert_str_eq(key_place(&dataset, second, 10, text), "line 10 of a.csv");
    ck_assert_str_eq(key_place(&dataset, second, 12, text), "line 2");
    ck_assert_str_eq(key_place(&dataset, first, 12, text), "line 2 of b.csv");
    free(first);
    free(second);
}
END_TEST

static enum key_verdict take_item(struct shop *shop, const char *order, const char *product)
{
    return take(shop, (const char *const[FIELDS_MAX]){order, product, "1"});
}

/* Items are told apart by order and product; what the database has is asked for later. */
static const struct {
    enum duplicates duplicates;
    enum key_verdict repeated;
    uint64_t bad, skipped;
    bool second_stays;
} items[] = {
    {DUPLICATES_ERROR, KEY_REFUSED, 2, 0, false},
    {DUPLICATES_FIRST, KEY_SKIPPED, 0, 2, false},
    {DUPLICATES_LAST, KEY_FREE, 0, 2, true},
};

START_TEST(an_order_has_a_product_once)
{
    struct shop shop;

    open_shop(&shop, TABLE_ORDER_ITEMS, "order_id,product_id,add_to_cart_order\n");
    shop.duplicates = items[_i].duplicates;
    ck_assert_int_eq(take_item(&shop, "1", "36"), KEY_FREE);
    ck_assert_int_eq(take_item(&shop, "1", "37"), KEY_FREE);
    ck_assert_int_eq(take_item(&shop, "1", "36"), items[_i].repeated);
    ck_assert_int_eq(take_item(&shop, "1", "36"), items[_i].repeated);
    ck_assert_int_eq(take_item(&shop, "2", "36"), KEY_FREE);
    ck_assert_uint_eq(shop.source->rows_bad, items[_i].bad);
    ck_assert_uint_eq(shop.source->rows_skipped, items[_i].skipped);
    ck_assert_int_eq(id_set_contains(&shop.dataset->files.left_out, 2), items[_i].second_stays);
    ck_assert_int_eq(id_set_contains(&shop.dataset->files.left_out, 5), !items[_i].second_stays);
    ck_assert(!id_set_contains(&shop.dataset->files.left_out, 3));
    ck_assert(!id_set_contains(&shop.dataset->files.left_out, 6));
    /* The order was counted with the row that gave way: the database counts it anew. */
    ck_assert_int_eq(id_set_contains(&shop.plan->derived.item_orders, 1), items[_i].second_stays);
    ck_assert(!id_set_contains(&shop.plan->derived.item_orders, 2));
    for (uint64_t i = 0; i < items[_i].bad; i++)
        ck_assert_str_eq(shop.source->problems.first[i].reason, "stands twice, first on line 2");
    close_shop(&shop);
}
END_TEST

/* A bad row whose id is remembered, and a good one after it. */
START_TEST(only_where_bad_rows_are_set_aside_a_good_one_may_follow)
{
    struct shop shop;
    struct row row = {.values[0] = {.present = true, .integer = ROW}};

    open_shop(&shop, TABLE_USERS, "user_id,email_address,external_user_id\n");
    shop.dataset->files.sets_aside = _i == 1;
    ck_assert(key_note_bad(shop.dataset, &row, 2));
    ck_assert_uint_eq(line_index_get(&shop.dataset->files.lines, ROW), _i == 1 ? 0 : 2);
    ck_assert_uint_eq(line_index_get(&shop.dataset->files.rejected_rows, ROW), _i == 1 ? 2 : 0);
    ck_assert(key_note_bad(shop.dataset, &row, 3));
    ck_assert_uint_eq(line_index_get(&shop.dataset->files.rejected_rows, ROW), _i == 1 ? 2 : 0);
    shop.line = 3;
    ck_assert_int_eq(take_user(&shop, ROW, "a@x.org", NULL), _i == 1 ? KEY_FREE : KEY_REFUSED);
    ck_assert(key_give_back(shop.dataset, &row));
    ck_assert_uint_eq(line_index_get(&shop.dataset->files.lines, ROW), _i == 1 ? 0 : 2);
    close_shop(&shop);
}
END_TEST

START_TEST(refuses_a_row_that_was_read_before)
{
    struct shop shop;
    const struct key_pair key = {.parent = 1, .child = 36};
    const struct problem *problem;

    open_shop(&shop, TABLE_ORDER_ITEMS, "order_id,product_id,add_to_cart_order\n");
    ck_assert(key_refuse(shop.dataset, 5, &key, PROBLEM_EXISTS, "order %d has it", 1));
    problem = shop.source->problems.first;
    ck_assert_uint_eq(problem->line, 5);
    ck_assert_str_eq(problem->column, "product_id");
    ck_assert_str_eq(problem->value, "36");
    ck_assert_str_eq(problem->key, "1/36");
    ck_assert_str_eq(problem->reason, "order 1 has it");
    ck_assert_uint_eq(shop.source->rows_bad, 1);
    ck_assert(id_set_contains(&shop.dataset->files.left_out, 5));
    close_shop(&shop);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("key");
    TCase *users = tcase_create("users"), *others = tcase_create("other keys");

    tcase_add_loop_test(users, the_applications_ids_are_refused_in_every_mode, MODE_INSERT,
                        MODE_REPLACE + 1);
    tcase_add_test(users, a_row_that_is_kept_leaves_its_new_value_to_others);
    tcase_add_test(users, a_bad_row_holds_no_value);
    tcase_add_test(users, a_value_that_was_taken_over_passes_on_in_the_files);
    tcase_add_test(users, a_row_that_gives_way_gives_up_its_id);
    tcase_add_test(users, says_where_the_first_one_stands);
    tcase_add_test(users, names_the_other_file);
    tcase_add_loop_test(users, only_where_bad_rows_are_set_aside_a_good_one_may_follow, 0, 2);
    tcase_add_loop_test(others, an_order_has_a_product_once, 0, TABLE_ROWS(items));
    tcase_add_test(others, refuses_a_row_that_was_read_before);
    suite_add_tcase(suite, users);
    suite_add_tcase(suite, others);
    return suite_run(suite);
}
