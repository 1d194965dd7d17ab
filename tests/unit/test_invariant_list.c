#include "cli/invariant_list.h"
#include "memory_stream.h"
#include "suite.h"

#include <stdio.h>
#include <stdlib.h>

static char examples[][VERIFY_EXAMPLE_SIZE] = {"id 13, user_id 77", "id 14, user_id 78"};

static struct verify_result results[] = {
    {.name = "users.external_user_id: unique", .checked = 206209},
    {.name = "product_enriched.product_id -> products.products",
     .constraint = "valid",
     .checked = 34196122},
    {.name = "orders.user_id -> users.users", .constraint = "not valid", .checked = 1000},
    {.name = "carts.user_id -> users.users",
     .constraint = "not there",
     .checked = 3421083,
     .broken = 1200,
     .examples = examples,
     .example_count = TABLE_ROWS(examples)},
    {.name = "orders.external_order_id: unique", .proven_by = "orders_external_order_id_key"},
    {.name = "cart_items.cart_id -> orders.carts", .constraint = "disabled", .checked = 3},
    {.name = "users.id: next value",
     .checked = 1,
     .broken = 1,
     .examples = examples,
     .example_count = 1},
};

static const struct verify_results list = {
    .list = {.items = results, .count = TABLE_ROWS(results)}, .broken_count = 2, .proven_count = 1};

START_TEST(has_a_line_for_each_and_examples)
{
    struct memory_stream memory;

    memory_stream_open(&memory);
    ck_assert(invariant_list_print(&list, 80, memory.stream));
    memory_stream_expect(
        &memory, "        invariant                                               rows      wrong\n"
                 "ok      users.external_user_id: unique                       206,209\n"
                 "ok      product_enriched.product_id -> products.products  34,196,122\n"
                 "ok      orders.user_id -> users.users                          1,000  not valid\n"
                 "FAILED  carts.user_id -> users.users                       3,421,083      1,200\n"
                 "        (the constraint is not there)\n"
                 "          id 13, user_id 77\n"
                 "          id 14, user_id 78\n"
                 "          ...\n"
                 "ok      orders.external_order_id: unique                      proven\n"
                 "ok      cart_items.cart_id -> orders.carts                         3   disabled\n"
                 "FAILED  users.id: next value                                       1          1\n"
                 "          id 13, user_id 77\n");
}
END_TEST

START_TEST(folds_names_and_says_what_proves_where_there_is_room)
{
    static struct verify_result proven = {.name = "orders.external_order_id: version 4, not NULL",
                                          .proven_by = "orders_external_order_id_key"};
    static const struct verify_results one = {.list = {.items = &proven, .count = 1}};
    struct memory_stream memory;

    memory_stream_open(&memory);
    ck_assert(invariant_list_print(&one, 40, memory.stream));
    ck_assert(invariant_list_print(&one, 0, memory.stream));
    memory_stream_expect(&memory, "        invariant                   rows\n"
                                  "ok      orders.external_order_id:\n"
                                  "        version 4, not NULL       proven\n"
                                  "        invariant                                        rows\n"
                                  "ok      orders.external_order_id: version 4, not NULL  proven"
                                  "  by orders_external_order_id_key\n");
}
END_TEST

/* A list that nobody looked at closely must not seem to hold. */
START_TEST(says_why_one_is_not_checked)
{
    static struct verify_result left[] = {
        {.name = "users.external_user_id: unique", .checked = 206209},
        {.name = "orders: delivery details as the user's", .not_checked = "nobody knows"}};
    static const struct verify_results two = {.list = {.items = left, .count = TABLE_ROWS(left)},
                                              .unchecked_count = 1};
    struct memory_stream memory;
    struct log log = {.level = LOG_QUIET};

    memory_stream_open(&memory);
    log.stream = memory.stream;
    ck_assert(invariant_list_print(&two, 80, memory.stream));
    invariant_list_warn(&two, &log);
    memory_stream_expect(&memory, "        invariant                                      rows\n"
                                  "ok      users.external_user_id: unique              206,209\n"
                                  "-       orders: delivery details as the user's  not checked\n"
                                  "        (nobody knows)\n");
    ck_assert_uint_eq(verify_results_checked(&two), 1);
}
END_TEST

START_TEST(warns_of_what_is_broken)
{
    struct memory_stream memory;
    struct log log = {.level = LOG_QUIET};

    memory_stream_open(&memory);
    log.stream = memory.stream;
    invariant_list_warn(&list, &log);
    memory_stream_expect(
        &memory, "timele-load: warning: carts.user_id -> users.users: 1,200 of 3,421,083 wrong: "
                 "id 13, user_id 77; id 14, user_id 78; ...\n"
                 "timele-load: warning: users.id: next value: 1 of 1 wrong: id 13, user_id 77\n");
}
END_TEST

START_TEST(says_when_it_cannot_be_written)
{
    FILE *full = fopen("/dev/full", "w");

    ck_assert_ptr_nonnull(full);
    ck_assert(!invariant_list_print(&list, 80, full));
    (void)fclose(full);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("invariant list");
    TCase *tests = tcase_create("lines");

    tcase_add_test(tests, has_a_line_for_each_and_examples);
    tcase_add_test(tests, folds_names_and_says_what_proves_where_there_is_room);
    tcase_add_test(tests, says_why_one_is_not_checked);
    tcase_add_test(tests, warns_of_what_is_broken);
    tcase_add_test(tests, says_when_it_cannot_be_written);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
