#include "target/lookup_choice.h"

#include "files.h"
#include "suite.h"

#define USERS  "user_id,first_name,last_name,email_address\n1,Ann,Lee,ann@example.com\n"
#define ORDERS "order_id,user_id,order_number,order_dow,order_hour_of_day\n11,1,1,0,0\n12,1,2,0,0\n"
#define ITEMS  "order_id,product_id,add_to_cart_order\n11,101,1\n12,102,1\n"

static const char *const texts[] = {USERS, ORDERS, ITEMS, NULL};

/* What each file may name, as the choice estimates it: its bytes over four for each field. */
enum {
    USER_ROWS = (sizeof USERS - 1) / 16,
    ORDER_ROWS = (sizeof ORDERS - 1) / 20,
    ITEM_ROWS = (sizeof ITEMS - 1) / 12
};

/* How many rows a table has, and what is chosen for it. */
static const struct {
    enum table_id table;
    uint64_t rows;
    enum lookup wanted, chosen;
} choices[] = {
    {TABLE_USERS, (USER_ROWS + ORDER_ROWS) * 4, LOOKUP_BY_SIZE, LOOKUP_NAMED},
    {TABLE_USERS, (USER_ROWS + ORDER_ROWS) * 4 - 1, LOOKUP_BY_SIZE, LOOKUP_WHOLE},
    {TABLE_ORDERS, (ORDER_ROWS + ITEM_ROWS) * 4, LOOKUP_BY_SIZE, LOOKUP_NAMED},
    {TABLE_ORDERS, (ORDER_ROWS + ITEM_ROWS) * 4 - 1, LOOKUP_BY_SIZE, LOOKUP_WHOLE},
    {TABLE_PRODUCTS, ITEM_ROWS * 4, LOOKUP_BY_SIZE, LOOKUP_NAMED},
    {TABLE_PRODUCT_ENRICHED, ITEM_ROWS * 4 - 1, LOOKUP_BY_SIZE, LOOKUP_WHOLE},
    {TABLE_ORDER_ITEMS, ITEM_ROWS * 4, LOOKUP_BY_SIZE, LOOKUP_NAMED},
    {TABLE_ORDER_ITEMS, ITEM_ROWS * 4 - 1, LOOKUP_BY_SIZE, LOOKUP_WHOLE},
    {TABLE_USERS, 1, LOOKUP_NAMED, LOOKUP_NAMED},
    {TABLE_USERS, 1000 * 1000, LOOKUP_WHOLE, LOOKUP_WHOLE},
};

static void choose(struct files *files, enum table_id id, uint64_t rows, enum lookup wanted)
{
    struct catalog_table *catalog = &files->plan.datasets[id].database.catalog;

    catalog->read = true;
    catalog->empty = false;
    catalog->rows = rows;
    lookup_choose(&files->plan, wanted, &files->session);
}

START_TEST(chooses_by_the_sizes_of_files_and_table)
{
    struct files files;

    files_open(&files, texts, NULL);
    choose(&files, choices[_i].table, choices[_i].rows, choices[_i].wanted);
    for (int id = 0; id < TABLE_COUNT; id++)
        ck_assert_int_eq(files.plan.datasets[id].database.lookup,
                         id == (int)choices[_i].table ? choices[_i].chosen : LOOKUP_WHOLE);
    files_close(&files);
}
END_TEST

START_TEST(an_empty_table_has_nothing_to_look_up)
{
    struct files files;

    files_open(&files, texts, NULL);
    files.plan.datasets[TABLE_USERS].database.catalog.read = true;
    lookup_choose(&files.plan, LOOKUP_NAMED, &files.session);
    ck_assert_int_eq(files.plan.datasets[TABLE_USERS].database.lookup, LOOKUP_WHOLE);
    files_close(&files);
}
END_TEST

START_TEST(reads_a_replaced_table_whole)
{
    struct files files;

    files_open(&files, texts, NULL);
    files.plan.datasets[TABLE_USERS].mode = MODE_REPLACE;
    choose(&files, TABLE_USERS, 1000 * 1000, LOOKUP_NAMED);
    ck_assert_int_eq(files.plan.datasets[TABLE_USERS].database.lookup, LOOKUP_WHOLE);
    /* Of one without files no row is deleted. */
    files.plan.datasets[TABLE_PRODUCTS].mode = MODE_REPLACE;
    choose(&files, TABLE_PRODUCTS, 1000 * 1000, LOOKUP_BY_SIZE);
    ck_assert_int_eq(files.plan.datasets[TABLE_PRODUCTS].database.lookup, LOOKUP_NAMED);
    files_close(&files);
}
END_TEST

START_TEST(tells_what_it_has_chosen)
{
    struct files files;

    files_open(&files, texts, NULL);
    files.log.level = LOG_VERBOSE;
    choose(&files, TABLE_PRODUCTS, 49688, LOOKUP_BY_SIZE);
    ck_assert_ptr_nonnull(strstr(files_logged(&files),
                                 "products.products: about 49688 rows, of which the files name "
                                 "about 4, by their sizes: a quarter at most, so only these are "
                                 "looked up\n"));
    choose(&files, TABLE_PRODUCTS, 15, LOOKUP_BY_SIZE);
    ck_assert_ptr_nonnull(strstr(files_logged(&files),
                                 "products.products: about 15 rows, of which the files name about "
                                 "4, by their sizes: more than a quarter, so all are read\n"));
    files_close(&files);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("lookup_choice");
    TCase *cases = tcase_create("lookup_choice");

    tcase_add_loop_test(cases, chooses_by_the_sizes_of_files_and_table, 0, TABLE_ROWS(choices));
    tcase_add_test(cases, an_empty_table_has_nothing_to_look_up);
    tcase_add_test(cases, reads_a_replaced_table_whole);
    tcase_add_test(cases, tells_what_it_has_chosen);
    suite_add_tcase(suite, cases);
    return suite_run(suite);
}
