#include "plan/ignored_column.h"

#include "memory_file.h"
#include "plan/plan.h"
#include "suite.h"

#include <stdlib.h>
#include <string.h>

enum { FILES_MAX = 4 };

/* What is logged of the ignored columns of some files; each file's path is NAME in the text. */
static char *log_ignored(const char *const *headers, size_t count, enum log_level level)
{
    struct memory_file files[FILES_MAX];
    const char *paths[FILES_MAX];
    struct plan plan;
    struct error error = {0};
    char *text = NULL, *place;
    size_t size;
    struct log log = {.stream = open_memstream(&text, &size), .level = level};

    ck_assert_ptr_nonnull(log.stream);
    for (size_t i = 0; i < count; i++) {
        memory_file_open(&files[i], headers[i], strlen(headers[i]));
        paths[i] = files[i].path;
    }
    ck_assert_msg(plan_open(&(struct plan_request){.files = {.paths = paths, .path_count = count},
                                                   .mode = MODE_INSERT},
                            &log, &plan, &error) &&
                      plan_log_ignored(&plan, &log, &error),
                  "%s", error.message);
    ck_assert_int_eq(fclose(log.stream), 0);
    for (size_t i = 0; i < count; i++) {
        while ((place = strstr(text, paths[i])) != NULL) {
            memcpy(place, "NAME", 4);
            memmove(place + 4, place + strlen(paths[i]), strlen(place + strlen(paths[i])) + 1);
        }
        memory_file_close(&files[i]);
    }
    plan_free(&plan);
    return text;
}

static void expect_log(const char *const *headers, size_t count, enum log_level level,
                       const char *expected)
{
    char *text = log_ignored(headers, count, level);

    ck_assert_str_eq(text, expected);
    free(text);
}

static const char *const orders[] = {
    "order_id,user_id,order_number,order_dow,order_hour_of_day,note\n",
    "note,order_id,user_id,order_number,order_dow,order_hour_of_day,\"a\033b\",eval_set\n",
    "aisle_id,aisle,note\n"};

START_TEST(names_a_column_once)
{
    expect_log(orders, 3, LOG_NORMAL,
               "timele-load: NAME: column note has no place in products.aisles and is ignored\n"
               "timele-load: NAME (and 1 more): column note has no place in orders.orders and is "
               "ignored\n"
               "timele-load: NAME: field 7 of the header has no place in orders.orders and is "
               "ignored\n");
    expect_log(orders, 3, LOG_QUIET, "");
}
END_TEST

START_TEST(is_silent_on_columns_that_files_are_known_to_have)
{
    const char *const headers[] = {
        "user_id,email_address,Password \n",
        "order_id,user_id,order_number,order_dow,order_hour_of_day,eval_set\n",
        "product_id,product_name,description,price\n",
        "product_id,description,price,product_name\n"};

    expect_log(headers, 4, LOG_NORMAL, "");
    expect_log(headers, 4, LOG_VERBOSE,
               "timele-load: NAME (and 1 more): column product_name has no place in "
               "products.product_enriched and is ignored\n"
               "timele-load: NAME: column Password  has no place in users.users and is ignored\n"
               "timele-load: NAME: column eval_set has no place in orders.orders and is ignored\n");
}
END_TEST

static const struct {
    const char *header;
    const char *warning;
} meant[] = {
    {"order_id,product_id,add_to_cart_order,Price,qty\n",
     "timele-load: warning: NAME: column Price is ignored; did you mean price?\n"
     "timele-load: warning: NAME: column qty is ignored; did you mean quantity?\n"},
    {"order_id,product_id,add_to_cart_order, price\n",
     "timele-load: warning: NAME: column  price is ignored; did you mean price?\n"},
    {"order_id,product_id,add_to_cart_order,prize\n",
     "timele-load: warning: NAME: column prize is ignored; did you mean price?\n"},
    {"user_id,email_address,firstname,e-mail\n",
     "timele-load: warning: NAME: column firstname is ignored; did you mean first_name?\n"},
    /* The file has the column. */
    {"order_id,product_id,add_to_cart_order,price,Price,prices,reordered,ordered\n", ""},
    {"product_id,product_name,aisle_id,aisle,department_id,department\n", ""},
    /* What may be a value is not shown, nor whether it is nearly a column's name. */
    {"user_id,email_address,firstname,12,City1\n",
     "timele-load: warning: NAME: field 3 of the header is ignored; did you mean first_name?\n"},
};

START_TEST(asks_what_was_meant)
{
    expect_log(&meant[_i].header, 1, LOG_QUIET, meant[_i].warning);
}
END_TEST

START_TEST(asks_once)
{
    const char *const headers[] = {"user_id,email_address,FirstName\n",
                                   "FirstName,user_id,email_address\n",
                                   "user_id,email_address,FirstName,first_name\n"};

    expect_log(headers, 3, LOG_QUIET,
               "timele-load: warning: NAME (and 1 more): column FirstName is ignored; did you mean "
               "first_name?\n");
}
END_TEST

/* The index that pandas writes, a header that ends with a comma. */
static const struct {
    const char *headers[2];
    const char *note;
} unnamed[] = {
    {{",aisle_id,aisle\n", "aisle_id,aisle\n"},
     "timele-load: NAME: column 1 has no name and is ignored\n"},
    {{"aisle_id,aisle,\n", "\"\",aisle_id,,aisle\n"},
     "timele-load: NAME (and 1 more): column 3 has no name and is ignored\n"},
    {{"aisle_id,aisle,,note,  ,\n", "note,aisle_id,aisle\n"},
     "timele-load: NAME: 3 columns have no name and are ignored, the first is column 3\n"
     "timele-load: NAME (and 1 more): column note has no place in products.aisles and is "
     "ignored\n"},
};

START_TEST(tells_of_columns_without_a_name_once)
{
    expect_log(unnamed[_i].headers, 2, LOG_NORMAL, unnamed[_i].note);
}
END_TEST

/* It is ignored as often as the header has it, in one file. */
START_TEST(counts_a_file_once)
{
    const char *const headers[] = {"aisle_id,note,aisle,note\n"};

    expect_log(headers, 1, LOG_NORMAL,
               "timele-load: NAME: column note has no place in products.aisles and is ignored\n");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("ignored_column");
    TCase *tests = tcase_create("ignored_column");

    tcase_add_test(tests, names_a_column_once);
    tcase_add_test(tests, is_silent_on_columns_that_files_are_known_to_have);
    tcase_add_loop_test(tests, asks_what_was_meant, 0, TABLE_ROWS(meant));
    tcase_add_test(tests, asks_once);
    tcase_add_loop_test(tests, tells_of_columns_without_a_name_once, 0, TABLE_ROWS(unnamed));
    tcase_add_test(tests, counts_a_file_once);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
