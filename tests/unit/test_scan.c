#include "check/scan.h"
#include "files.h"
#include "scripted_libpq.h"
#include "suite.h"

#include <stdio.h>

#define USERS "user_id,email_address\n"
#define ITEMS "order_id,product_id,add_to_cart_order\n"

enum { ROWS_MAX = 8 };

/* Takes rows, until it has as many as it wants. */
struct taking {
    struct error *error;
    size_t wanted;
    size_t count;
    int64_t ids[ROWS_MAX];
    const struct source *sources[ROWS_MAX];
};

/* Files being checked. */
struct checking {
    struct files files;
    struct scan *scan;
    struct taking taking;
};

static bool take_row(void *context, struct source *source, const struct row *row)
{
    struct taking *taking = context;

    if (taking->count == taking->wanted) {
        (void)error_set(taking->error, ERROR_DATABASE, "the disk is full");
        (void)error_detail(taking->error, "no space left");
        return error_hint(taking->error, "Make some.");
    }
    ck_assert_uint_lt(taking->count, ROWS_MAX);
    taking->sources[taking->count] = source;
    taking->ids[taking->count++] =
        row->values[source->table->key[source->table->key_count - 1]].integer;
    return true;
}

static void begin(struct checking *checking, const char *const *texts, enum duplicates duplicates,
                  struct connection *connection)
{
    *checking = (struct checking){.taking = {.wanted = ROWS_MAX}};
    files_open(&checking->files, texts, connection);
    checking->taking.error = &checking->files.error;
    ck_assert(
        scan_new(&checking->files.plan, duplicates, &checking->files.session, &checking->scan));
}

static void end(struct checking *checking)
{
    scan_free(checking->scan);
    files_close(&checking->files);
}

static bool scan_taking(struct checking *checking, enum table_id id)
{
    const struct row_taker taker = {.take = take_row, .context = &checking->taking};

    return scan_table(checking->scan, id, &taker);
}

static void scan_all(struct checking *checking)
{
    for (int id = 0; id < TABLE_COUNT; id++)
        ck_assert_msg(scan_table(checking->scan, (enum table_id)id, NULL), "%s",
                      checking->files.error.message);
}

static const struct source *source(const struct checking *checking, size_t index)
{
    return checking->files.plan.sources[index];
}

static const struct dataset *dataset(const struct checking *checking, enum table_id id)
{
    return &checking->files.plan.datasets[id];
}

static void expect_left_out(const struct dataset *dataset, const char *lines)
{
    char found[64] = "";
    size_t used = 0;

    for (uint32_t line = 1; line <= dataset->files.line_count; line++)
        if (id_set_contains(&dataset->files.left_out, line))
            used += (size_t)snprintf(found + used, sizeof found - used, "%u ", line);
    ck_assert_str_eq(found, lines);
}

/* Line 3 has no address, 5 has the id of 2, the record of 6 goes on in 7. */
#define MIXED USERS "1,a@x.org\n2,\n3,c@x.org\n1,d@x.org\n5,\"e@\nx.org\"\n6,f@x.org\n"

START_TEST(counts_rows_of_every_kind)
{
    struct checking checking;

    begin(&checking, (const char *const[]){MIXED, NULL}, DUPLICATES_FIRST, NULL);
    scan_all(&checking);
    ck_assert_uint_eq(source(&checking, 0)->rows_read, 6);
    ck_assert_uint_eq(source(&checking, 0)->rows_bad, 1);
    ck_assert_uint_eq(source(&checking, 0)->rows_skipped, 1);
    ck_assert_uint_eq(source(&checking, 0)->rows_kept, 0);
    ck_assert_uint_eq(source(&checking, 0)->line_count, 9);
    ck_assert_uint_eq(source(&checking, 0)->header_end, 2);
    expect_left_out(dataset(&checking, TABLE_USERS), "3 5 ");
    ck_assert(scan_found_problems(checking.scan));
    ck_assert(dataset_has(dataset(&checking, TABLE_USERS), 6));
    ck_assert(!dataset_has(dataset(&checking, TABLE_USERS), 4));
    end(&checking);
}
END_TEST

/* The order of a bad user is not called bad as well. */
START_TEST(tells_the_problems_of_every_file_and_sums_them_up)
{
    struct checking checking;
    char expected[512];

    begin(&checking,
          (const char *const[]){USERS "1,a@x.org\n2,\n",
                                "order_id,user_id,order_number,order_dow,order_hour_of_day\n"
                                "1,1,1,0,0\n2,2,1,0,0\n3,3,1,0,0\n4,1,1,7,0\n",
                                NULL},
          DUPLICATES_ERROR, NULL);
    scan_all(&checking);
    ck_assert(!scan_finish(checking.scan));
    ck_assert_int_eq(checking.files.error.kind, ERROR_DATA);
    ck_assert_str_eq(checking.files.error.message, "3 bad rows in 2 files; nothing was loaded");
    ck_assert_str_eq(checking.files.error.hint, "");
    (void)snprintf(expected, sizeof expected,
                   "%s:3: email_address: empty, but required\n"
                   "%s:4: user_id: no such user in the files or the database (\"3\")\n"
                   "%s:5: order_dow: not in 0 to 6 (\"7\")\n",
                   source(&checking, 0)->path, source(&checking, 1)->path,
                   source(&checking, 1)->path);
    ck_assert_str_eq(files_logged(&checking.files), expected);
    /* The foreign key of a row that is bad otherwise is not looked at. */
    ck_assert_uint_eq(dataset(&checking, TABLE_ORDERS)->files.references_checked[2], 3);
    ck_assert_uint_eq(dataset(&checking, TABLE_ORDERS)->files.references_violated[2], 1);
    end(&checking);
}
END_TEST

START_TEST(is_content_where_bad_rows_are_set_aside)
{
    struct checking checking;

    begin(&checking, (const char *const[]){MIXED, NULL}, DUPLICATES_FIRST, NULL);
    checking.files.plan.datasets[TABLE_USERS].files.sets_aside = true;
    scan_all(&checking);
    ck_assert(scan_finish(checking.scan));
    ck_assert_int_eq(checking.files.error.kind, ERROR_NONE);
    ck_assert(id_set_contains(&dataset(&checking, TABLE_USERS)->files.rejected, 3));
    ck_assert_uint_eq(id_set_count(&dataset(&checking, TABLE_USERS)->files.rejected), 1);
    ck_assert(id_set_contains(&dataset(&checking, TABLE_USERS)->files.continued, 7));
    ck_assert_uint_eq(id_set_count(&dataset(&checking, TABLE_USERS)->files.continued), 1);
    end(&checking);
}
END_TEST

/* A file counts one line more than it has: the one after its last record. */
START_TEST(numbers_lines_through_the_files_of_a_table)
{
    static const char two_users[] = USERS "1,a@x.org\n2,b@x.org\n";
    struct checking checking;
    const struct dataset *users;
    uint64_t line;
    char expected[128];

    begin(&checking,
          (const char *const[]){two_users, "aisle_id,aisle\n1,soup\n", USERS,
                                "email_address,user_id\nc@x.org,3\nd@x.org,2\ne@x.org,x\n", NULL},
          DUPLICATES_ERROR, NULL);
    scan_all(&checking);
    users = dataset(&checking, TABLE_USERS);
    ck_assert_uint_eq(source(&checking, 0)->line_base, 0);
    ck_assert_uint_eq(source(&checking, 0)->line_count, 4);
    ck_assert_uint_eq(source(&checking, 1)->line_base, 0);
    ck_assert_uint_eq(source(&checking, 2)->line_base, 4);
    ck_assert_uint_eq(source(&checking, 2)->line_count, 2);
    ck_assert_uint_eq(source(&checking, 3)->line_base, 6);
    ck_assert_uint_eq(users->files.line_count, 11);
    expect_left_out(users, "9 10 ");
    ck_assert_ptr_eq(dataset_source_of_line(users, 9, &line), source(&checking, 3));
    ck_assert_uint_eq(line, 3);
    (void)snprintf(expected, sizeof expected, "stands twice, first on line 3 of %s",
                   source(&checking, 0)->path);
    ck_assert_str_eq(source(&checking, 3)->problems.first[0].reason, expected);
    ck_assert_uint_eq(source(&checking, 3)->problems.first[0].line, 3);
    end(&checking);
}
END_TEST

START_TEST(refuses_more_lines_than_can_be_numbered)
{
    struct checking checking;

    begin(&checking, (const char *const[]){USERS "1,a@x.org\n2,b@x.org\n", NULL}, DUPLICATES_ERROR,
          NULL);
    checking.files.plan.datasets[TABLE_USERS].files.line_count = UINT32_MAX - 4;
    ck_assert(!scan_table(checking.scan, TABLE_USERS, NULL));
    ck_assert_int_eq(checking.files.error.kind, ERROR_DATA);
    ck_assert_ptr_nonnull(
        strstr(checking.files.error.message, ":4: the files of users.users have too many lines"));
    end(&checking);
}
END_TEST

/* Nobody knows what is behind the quote: which users there are cannot be judged. */
START_TEST(judges_no_reference_to_a_file_that_has_no_end)
{
    struct checking checking;

    begin(&checking,
          (const char *const[]){USERS "1,a@x.org\n2,\"b@x.org\n3,c@x.org\n",
                                "order_id,user_id,order_number,order_dow,order_hour_of_day\n"
                                "1,3,1,0,0\n",
                                NULL},
          DUPLICATES_ERROR, NULL);
    scan_all(&checking);
    ck_assert(dataset(&checking, TABLE_USERS)->files.incomplete);
    ck_assert_uint_eq(source(&checking, 0)->unreadable_from, 3);
    ck_assert_uint_eq(source(&checking, 0)->rows_bad, 1);
    ck_assert_uint_eq(source(&checking, 0)->rows_read, 2);
    ck_assert_uint_eq(source(&checking, 1)->rows_bad, 0);
    end(&checking);
}
END_TEST

START_TEST(says_what_the_mode_could_allow)
{
    struct checking checking;

    begin(&checking, (const char *const[]){USERS "1,a@x.org\n", NULL}, DUPLICATES_ERROR, NULL);
    ck_assert(id_set_add(&checking.files.plan.datasets[TABLE_USERS].database.existing, 1));
    scan_all(&checking);
    ck_assert(!scan_finish(checking.scan));
    ck_assert_str_eq(checking.files.error.message, "1 bad row in 1 file; nothing was loaded");
    ck_assert_ptr_nonnull(strstr(checking.files.error.hint, "--mode=skip"));
    end(&checking);
}
END_TEST

START_TEST(needs_the_columns_that_the_database_needs)
{
    struct checking checking;
    struct catalog_column *city;

    begin(&checking, (const char *const[]){USERS "1,a@x.org\n", NULL}, DUPLICATES_ERROR, NULL);
    city = &checking.files.plan.datasets[TABLE_USERS]
                .database.catalog.columns[table_column_named(table_get(TABLE_USERS), "city")];
    city->not_null = true;
    ck_assert(!scan_taking(&checking, TABLE_USERS));
    ck_assert_int_eq(checking.files.error.kind, ERROR_DATA);
    ck_assert_ptr_nonnull(
        strstr(checking.files.error.message,
               ": the header has no column city, which users.users needs in this database"));
    ck_assert_uint_eq(checking.taking.count, 0);
    end(&checking);
}
END_TEST

/* Products 1 and 2 cost something in the database; 2 is in no file. */
START_TEST(a_product_that_will_be_deleted_costs_nothing_any_more)
{
    const struct row items[] = {{.values[1] = {.present = true, .integer = 1}},
                                {.values[1] = {.present = true, .integer = 2}}};
    struct checking checking;
    struct dataset *enriched;
    struct derived *derived;

    begin(&checking, (const char *const[]){"product_id,description,price\n1,An apple,2.50\n", NULL},
          DUPLICATES_ERROR, NULL);
    derived = &checking.files.plan.derived;
    enriched = &checking.files.plan.datasets[TABLE_PRODUCT_ENRICHED];
    enriched->mode = _i == 1 ? MODE_REPLACE : MODE_UPSERT;
    for (int64_t id = 1; id <= 2; id++)
        ck_assert(id_set_add(&enriched->database.existing, id) &&
                  derived_note_price(derived, id, 100, 2));
    scan_all(&checking);
    ck_assert_int_eq(derived_item_price(derived, table_get(TABLE_ORDER_ITEMS), &items[0]),
                     250000000);
    ck_assert_int_eq(derived_item_price(derived, table_get(TABLE_ORDER_ITEMS), &items[1]),
                     _i == 1 ? 0 : 100000000);
    end(&checking);
}
END_TEST

/* Two files, and the products whose items somebody takes. */
static const struct {
    const char *name;
    enum duplicates duplicates;
    const char *first, *second;
    const char *taken;
} takings[] = {
    {"all are good", DUPLICATES_ERROR, "1,10,1\n1,11,2\n", "2,12,1\n", "10 11 12 "},
    {"the first is bad", DUPLICATES_ERROR, "x,10,1\n1,11,2\n", "2,12,1\n", ""},
    {"one in the middle is bad", DUPLICATES_ERROR, "1,10,1\n1,11,\n1,12,3\n", "2,13,1\n", "10 "},
    {"the last of a file is bad", DUPLICATES_ERROR, "1,10,1\n1,x,2\n", "2,12,1\n", "10 "},
    {"the last of a file is no CSV", DUPLICATES_ERROR, "1,10,1\n1,\"1\"1,2\n", "2,12,1\n", "10 "},
    {"one is a duplicate", DUPLICATES_ERROR, "1,10,1\n1,10,2\n1,11,3\n", "2,12,1\n", "10 "},
    {"one is skipped", DUPLICATES_FIRST, "1,10,1\n1,10,2\n1,11,3\n", "2,12,1\n", "10 11 12 "},
    {"an order's total is too large", DUPLICATES_ERROR,
     "1,10,1,1,80000000000\n1,11,2,2,80000000000\n1,12,3,1,1\n", "2,13,1\n", "10 "},
};

START_TEST(gives_good_rows_away_up_to_the_first_bad_one)
{
    struct checking checking;
    char first[256], second[256], taken[64] = "";
    size_t used = 0;

    (void)snprintf(first, sizeof first, "%s%s",
                   strstr(takings[_i].first, "0000") == NULL
                       ? ITEMS
                       : "order_id,product_id,add_to_cart_order,quantity,price\n",
                   takings[_i].first);
    (void)snprintf(second, sizeof second, ITEMS "%s", takings[_i].second);
    begin(&checking, (const char *const[]){first, second, NULL}, takings[_i].duplicates, NULL);
    ck_assert(scan_taking(&checking, TABLE_ORDER_ITEMS));
    for (size_t i = 0; i < checking.taking.count; i++)
        used +=
            (size_t)snprintf(taken + used, sizeof taken - used, "%d ", (int)checking.taking.ids[i]);
    ck_assert_msg(strcmp(taken, takings[_i].taken) == 0, "%s: %s", takings[_i].name, taken);
    ck_assert_int_eq(scan_found_problems(checking.scan), strlen(takings[_i].taken) < 9);
    ck_assert_uint_eq(source(&checking, 1)->rows_read, 1);
    end(&checking);
}
END_TEST

/* It is not out of memory, and not a bad row's either. */
START_TEST(a_takers_failure_keeps_its_error)
{
    struct checking checking;

    begin(&checking, (const char *const[]){ITEMS "1,10,1\n1,11,2\n1,x,3\n", NULL}, DUPLICATES_ERROR,
          NULL);
    checking.taking.wanted = (size_t)_i;
    ck_assert(!scan_taking(&checking, TABLE_ORDER_ITEMS));
    ck_assert(!scan_finish(checking.scan));
    ck_assert_uint_eq(checking.taking.count, (size_t)_i);
    ck_assert_uint_eq(source(&checking, 0)->rows_read, (size_t)_i + 1);
    ck_assert_int_eq(checking.files.error.kind, ERROR_DATABASE);
    ck_assert_str_eq(checking.files.error.message, "the disk is full");
    ck_assert_str_eq(checking.files.error.detail, "no space left");
    ck_assert_str_eq(checking.files.error.hint, "Make some.");
    ck_assert_str_eq(files_logged(&checking.files), "");
    end(&checking);
}
END_TEST

static const struct scripted_result refused = {.status = PGRES_FATAL_ERROR,
                                               .state = "53100",
                                               .message = "could not extend file",
                                               .detail = "No space left on device.",
                                               .hint = "Check free disk space."};

static const struct scripted_call refusing[SCRIPT_LENGTH] = {
    {ASKS_ROWS("SELECT \"order_id\", \"product_id\" FROM unnest($1::bigint[]) timele_load (named) "
               "JOIN \"orders\".\"order_items\" ON \"order_id\" = timele_load.named",
               " [{1}]")},
    {GIVES(refused)},
    {GIVES_NO_MORE},
};

/* The items' order is in the database, and perhaps they are too. */
START_TEST(a_servers_refusal_keeps_its_detail_and_hint)
{
    struct checking checking;
    struct connection *connection = script_open(refusing);

    begin(&checking, (const char *const[]){ITEMS "1,10,1\n1,x,2\n", NULL}, DUPLICATES_ERROR,
          connection);
    ck_assert(id_set_add(&checking.files.plan.datasets[TABLE_ORDERS].database.existing, 1));
    checking.files.plan.datasets[TABLE_ORDER_ITEMS].database.catalog.empty = false;
    ck_assert(!scan_table(checking.scan, TABLE_ORDER_ITEMS, NULL));
    ck_assert(!scan_finish(checking.scan));
    ck_assert_int_eq(checking.files.error.kind, ERROR_DATABASE);
    ck_assert_ptr_nonnull(strstr(checking.files.error.message, "could not extend file"));
    ck_assert_str_eq(checking.files.error.detail, "No space left on device.");
    ck_assert_str_eq(checking.files.error.hint, "Check free disk space.");
    /* What was found up to then is told all the same. */
    ck_assert_ptr_nonnull(strstr(files_logged(&checking.files), ":3: product_id: not an integer"));
    script_close(connection);
    end(&checking);
}
END_TEST

static TCase *counting_case(void)
{
    TCase *tests = tcase_create("counting");

    tcase_add_test(tests, counts_rows_of_every_kind);
    tcase_add_test(tests, tells_the_problems_of_every_file_and_sums_them_up);
    tcase_add_test(tests, is_content_where_bad_rows_are_set_aside);
    tcase_add_test(tests, numbers_lines_through_the_files_of_a_table);
    tcase_add_test(tests, refuses_more_lines_than_can_be_numbered);
    tcase_add_test(tests, judges_no_reference_to_a_file_that_has_no_end);
    tcase_add_test(tests, says_what_the_mode_could_allow);
    tcase_add_test(tests, needs_the_columns_that_the_database_needs);
    tcase_add_loop_test(tests, a_product_that_will_be_deleted_costs_nothing_any_more, 0, 2);
    return tests;
}

static TCase *taking_case(void)
{
    TCase *tests = tcase_create("taking");

    tcase_add_loop_test(tests, gives_good_rows_away_up_to_the_first_bad_one, 0,
                        TABLE_ROWS(takings));
    tcase_add_loop_test(tests, a_takers_failure_keeps_its_error, 0, 2);
    tcase_add_test(tests, a_servers_refusal_keeps_its_detail_and_hint);
    return tests;
}

int main(void)
{
    Suite *suite = suite_create("scan");

    suite_add_tcase(suite, counting_case());
    suite_add_tcase(suite, taking_case());
    return suite_run(suite);
}
