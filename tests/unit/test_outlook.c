#include "run/outlook.h"

#include "files.h"
#include "suite.h"

/* Users and items; gzip's and zstd's are in the tests of inputs. */
static const char *const texts[] = {"user_id,email_address\n1,ada@example.com\n",
                                    "order_id,product_id,add_to_cart_order\n1,1,1\n", NULL};

START_TEST(checks_every_file_once)
{
    struct phase_outlook outlook;
    struct files files;

    files_open(&files, texts, NULL);
    outlook = outlook_check(&files.plan);
    ck_assert(outlook.known && !outlook.rebuilds);
    ck_assert_double_eq(outlook.check_bytes, (double)(strlen(texts[0]) + strlen(texts[1])));
    ck_assert_double_eq(outlook.send_bytes, 0);
    files_close(&files);
}
END_TEST

START_TEST(reads_a_file_twice_unless_its_rows_are_sent_at_once)
{
    const struct run_options options = {.rebuild = REBUILD_AUTO};
    struct phase_outlook outlook;
    struct files files;

    files_open(&files, texts, NULL);
    outlook = outlook_load(&files.plan, &options, _i == 1);
    ck_assert(outlook.known && outlook.rebuilds);
    ck_assert_double_eq(outlook.check_bytes,
                        (double)(strlen(texts[0]) + (_i == 1 ? 0 : strlen(texts[1]))));
    ck_assert_double_eq(outlook.send_bytes, (double)(strlen(texts[0]) + strlen(texts[1])));
    files_close(&files);
}
END_TEST

static const struct {
    struct run_options options;
    bool filled; /* the table of items has rows */
    bool known;
} loads[] = {
    {{.rebuild = REBUILD_AUTO}, false, true},   {{.rebuild = REBUILD_ALWAYS}, false, true},
    {{.rebuild = REBUILD_NEVER}, false, false}, {{.verify = true}, false, false},
    {{.rebuild = REBUILD_AUTO}, true, false},   {{.rebuild = REBUILD_ALWAYS}, true, false},
};

START_TEST(is_known_for_empty_tables_whose_indexes_are_made_afterwards)
{
    struct files files;

    files_open(&files, texts, NULL);
    files.plan.datasets[TABLE_ORDER_ITEMS].database.catalog.empty = !loads[_i].filled;
    /* No file is for it. */
    files.plan.datasets[TABLE_PRODUCTS].database.catalog.empty = false;
    ck_assert(outlook_load(&files.plan, &loads[_i].options, false).known == loads[_i].known);
    files_close(&files);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("outlook");
    TCase *tests = tcase_create("outlook");

    tcase_add_test(tests, checks_every_file_once);
    tcase_add_loop_test(tests, reads_a_file_twice_unless_its_rows_are_sent_at_once, 0, 2);
    tcase_add_loop_test(tests, is_known_for_empty_tables_whose_indexes_are_made_afterwards, 0,
                        TABLE_ROWS(loads));
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
