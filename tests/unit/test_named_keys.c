#include "check/named_keys.h"

#include "files.h"
#include "suite.h"

#include <inttypes.h>
#include <stdio.h>

static const char *const texts[] = {
    "user_id,first_name,last_name,email_address\n1,Ann,Lee,ann@example.com\n2,Bo,Ray,bo@example."
    "com\n"
    "x,Cy,Day,cy@example.com\n3,Di,Fox,ann@example.com\n",
    "order_id,user_id,order_number,order_dow,order_hour_of_day\n11,1,1,0,0\n12,7,1,0,0\n\"13\n",
    "order_id,product_id,add_to_cart_order\n11,101,1\n21,102,1\n11,102,2\n", NULL};

static bool add_text(int64_t id, void *context)
{
    char *text = context;
    size_t used = strlen(text);

    (void)snprintf(text + used, 128 - used, "%" PRId64 " ", id);
    return true;
}

/* The ids as text, in ascending order. */
static void expect_ids(const struct files *files, enum table_id id, const char *expected)
{
    char text[128] = "";

    (void)id_set_each(&files->plan.datasets[id].files.named.ids, add_text, text);
    ck_assert_str_eq(text, expected);
}

static bool has_value(const struct files *files, const char *column, const char *value)
{
    const struct dataset *users = &files->plan.datasets[TABLE_USERS];
    int index = table_column_named(users->table, column);

    return text_index_find(&users->files.named.values[index],
                           (struct text_value){value, strlen(value)}) != NULL;
}

static void gather(struct files *files, enum table_id first, enum table_id second)
{
    files->plan.datasets[first].database.lookup = LOOKUP_NAMED;
    files->plan.datasets[second].database.lookup = LOOKUP_NAMED;
    ck_assert_msg(named_keys_gather(&files->plan, &files->session), "%s", files->error.message);
}

START_TEST(gathers_ids_of_rows_and_of_those_they_refer_to)
{
    struct files files;

    files_open(&files, texts, NULL);
    gather(&files, TABLE_ORDERS, TABLE_PRODUCTS);
    expect_ids(&files, TABLE_ORDERS, "11 12 21 ");
    expect_ids(&files, TABLE_PRODUCTS, "101 102 ");
    /* These are read whole. */
    expect_ids(&files, TABLE_USERS, "");
    expect_ids(&files, TABLE_PRODUCT_ENRICHED, "");
    ck_assert(!has_value(&files, "email_address", "ann@example.com"));
    ck_assert_str_eq(files_logged(&files), "");
    files_close(&files);
}
END_TEST

/* Those of a row that is bad by itself are not asked for. */
START_TEST(gathers_unique_values)
{
    struct files files;

    files_open(&files, texts, NULL);
    gather(&files, TABLE_USERS, TABLE_PRODUCT_ENRICHED);
    expect_ids(&files, TABLE_USERS, "1 2 3 7 ");
    expect_ids(&files, TABLE_PRODUCT_ENRICHED, "101 102 ");
    ck_assert(has_value(&files, "email_address", "ann@example.com"));
    ck_assert(!has_value(&files, "email_address", "cy@example.com"));
    ck_assert_str_eq(files_logged(&files), "");
    files_close(&files);
}
END_TEST

/* The placeholder of a product belongs to aisle and department of that name. */
START_TEST(gathers_what_placeholders_refer_to)
{
    struct files files;
    const struct dataset *aisles;
    int name;

    files_open(&files, texts, NULL);
    gather(&files, TABLE_AISLES, TABLE_DEPARTMENTS);
    aisles = &files.plan.datasets[TABLE_AISLES];
    name = table_column_named(aisles->table, "aisle");
    ck_assert_uint_eq(id_set_count(&aisles->files.named.ids), 1);
    ck_assert_uint_eq(aisles->files.named.values[name].entry_count, 1);
    files_close(&files);
}
END_TEST

START_TEST(reads_nothing_where_all_is_read_whole)
{
    struct files files;

    files_open(&files, texts, NULL);
    ck_assert(named_keys_gather(&files.plan, &files.session));
    for (size_t i = 0; i < files.plan.source_count; i++)
        ck_assert_uint_eq(files.plan.sources[i]->header_end, 0);
    files_close(&files);
}
END_TEST

/* The check tells of the file, and of all others. */
START_TEST(a_file_that_cannot_be_read_has_all_read_whole)
{
    struct files files;

    files_open(&files, texts, NULL);
    ck_assert_int_eq(ftruncate(files.files[2].descriptor, 30), 0);
    gather(&files, TABLE_ORDERS, TABLE_PRODUCTS);
    ck_assert_int_eq(files.error.kind, ERROR_NONE);
    for (int id = 0; id < TABLE_COUNT; id++)
        ck_assert_int_eq(files.plan.datasets[id].database.lookup, LOOKUP_WHOLE);
    ck_assert_str_eq(files_logged(&files), "");
    files_close(&files);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("named_keys");
    TCase *cases = tcase_create("named_keys");

    tcase_add_test(cases, gathers_ids_of_rows_and_of_those_they_refer_to);
    tcase_add_test(cases, gathers_unique_values);
    tcase_add_test(cases, gathers_what_placeholders_refer_to);
    tcase_add_test(cases, reads_nothing_where_all_is_read_whole);
    tcase_add_test(cases, a_file_that_cannot_be_read_has_all_read_whole);
    suite_add_tcase(suite, cases);
    return suite_run(suite);
}
