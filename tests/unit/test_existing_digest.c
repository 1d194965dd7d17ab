#include "files.h"
#include "scripted_libpq.h"
#include "suite.h"
#include "target/existing.h"
#include "target/existing_digest.h"

#define USERS  "user_id,email_address\n"
#define ITEMS  "order_id,product_id,add_to_cart_order\n"
#define EVENTS "order_id,status,changed_at\n"

/* Fields of binary COPY data, and the head of a row. */
#define ROW(count)      "\0" count
#define INTEGER(number) "\0\0\0\4\0\0\0" number
#define BIGINT(number)  "\0\0\0\10\0\0\0\0\0\0\0" number
#define FALSE_FIELD     "\0\0\0\1\0"
#define TRUE_FIELD      "\0\0\0\1\1"

static struct dataset *open_files(struct files *files, const char *text, enum table_id id,
                                  enum mode mode, struct connection *connection)
{
    struct dataset *dataset;

    files_open(files, (const char *const[]){text, NULL}, connection);
    dataset = &files->plan.datasets[id];
    ck_assert_uint_eq(dataset->source_count, 1);
    dataset->mode = mode;
    dataset->database.catalog.empty = false;
    return dataset;
}

static uint64_t digest_of(const struct dataset *dataset, int64_t id)
{
    const uint64_t *digest = paged_array_peek(&dataset->database.digests, sizeof *digest, id);

    return digest == NULL ? 0 : *digest;
}

/* The modes in which rows of a table are compared: of users, of items. */
static const struct {
    enum mode mode;
    bool users, items;
} modes[] = {{MODE_INSERT, false, false},
             {MODE_SKIP, false, true},
             {MODE_UPSERT, true, true},
             {MODE_REPLACE, true, true}};

START_TEST(compares_where_the_mode_looks_at_values)
{
    struct files files;
    struct dataset *dataset = open_files(&files, USERS, TABLE_USERS, modes[_i].mode, NULL);

    ck_assert(existing_digest_choose(dataset, &files.error));
    ck_assert_int_eq(dataset->database.compared.table != NULL, modes[_i].users);
    files_close(&files);
    dataset = open_files(&files, ITEMS, TABLE_ORDER_ITEMS, modes[_i].mode, NULL);
    ck_assert(existing_digest_choose(dataset, &files.error));
    ck_assert_int_eq(dataset->database.compared.table != NULL, modes[_i].items);
    dataset->database.compared.table = NULL;
    dataset->database.catalog.empty = true;
    ck_assert(existing_digest_choose(dataset, &files.error));
    ck_assert_ptr_null(dataset->database.compared.table);
    /* A table without files is read for its ids alone. */
    dataset = &files.plan.datasets[TABLE_ORDERS];
    dataset->database.catalog.empty = false;
    dataset->mode = modes[_i].mode;
    ck_assert(existing_digest_choose(dataset, &files.error));
    ck_assert_ptr_null(dataset->database.compared.table);
    files_close(&files);
}
END_TEST

/* Users 1 and 2, who is a placeholder. */
static const struct scripted_call reading_users[SCRIPT_LENGTH] = {
    {COPIES_OUT("SELECT \"id\", \"inferred\", \"email_address\" FROM \"users\".\"users\"",
                ROW("\3") BIGINT("\1") FALSE_FIELD "\0\0\0\1a" ROW("\3") BIGINT("\2") TRUE_FIELD
                "\0\0\0\1a")},
    {COPIES_OUT("SELECT \"external_user_id\", \"id\", \"inferred\" FROM \"users\".\"users\" "
                "WHERE \"external_user_id\" IS NOT NULL",
                "")},
    {COPIES_OUT("SELECT \"email_address\", \"id\", \"inferred\" FROM \"users\".\"users\" "
                "WHERE \"email_address\" IS NOT NULL AND NOT \"inferred\"",
                "")},
};

START_TEST(a_placeholder_has_no_digest)
{
    const struct copy_out_field address = {.bytes = (const uint8_t *)"a", .length = 1};
    struct connection *connection = script_open(reading_users);
    struct files files;
    struct dataset *dataset = open_files(&files, "user_id,email_address,external_user_id\n",
                                         TABLE_USERS, MODE_UPSERT, connection);

    ck_assert(existing_digest_choose(dataset, &files.error));
    ck_assert_msg(existing_read(dataset, &files.session), "%s", files.error.message);
    ck_assert(existing_digest_read(&files.plan, dataset, &files.session));
    ck_assert_uint_eq(digest_of(dataset, 1),
                      row_digest_of_fields(&dataset->database.compared, &address));
    ck_assert_uint_eq(digest_of(dataset, 2), 0);
    ck_assert(id_set_contains(&dataset->database.existing_inferred, 2));
    script_close(connection);
    files_close(&files);
}
END_TEST

#define ITEM_1_10 ROW("\3") BIGINT("\1") INTEGER("\12") INTEGER("\1")
#define ITEM_1_11 ROW("\3") BIGINT("\1") INTEGER("\13") INTEGER("\2")
#define ITEM_2_10 ROW("\3") BIGINT("\2") INTEGER("\12") INTEGER("\1")

static const struct scripted_call reading_items[SCRIPT_LENGTH] = {
    {COPIES_OUT("SELECT \"order_id\", \"product_id\", \"add_to_cart_order\" "
                "FROM \"orders\".\"order_items\" WHERE \"order_id\" < 3422000",
                ITEM_1_10 ITEM_2_10 ITEM_1_11)},
};

START_TEST(adds_up_the_rows_of_a_parent)
{
    static const struct copy_out_field rows[][2] = {
        {{(const uint8_t *)"\0\0\0\12", 4}, {(const uint8_t *)"\0\0\0\1", 4}},
        {{(const uint8_t *)"\0\0\0\13", 4}, {(const uint8_t *)"\0\0\0\2", 4}},
    };
    struct connection *connection = script_open(reading_items);
    struct files files;
    struct dataset *dataset =
        open_files(&files, ITEMS, TABLE_ORDER_ITEMS, MODE_REPLACE, connection);
    const struct row_digest_columns *compared = &dataset->database.compared;

    ck_assert(existing_digest_choose(dataset, &files.error));
    ck_assert_msg(existing_digest_read(&files.plan, dataset, &files.session), "%s",
                  files.error.message);
    ck_assert_uint_eq(digest_of(dataset, 1), row_digest_of_fields(compared, rows[0]) +
                                                 row_digest_of_fields(compared, rows[1]));
    ck_assert_uint_eq(digest_of(dataset, 2), row_digest_of_fields(compared, rows[0]));
    ck_assert_uint_eq(digest_of(dataset, 3), 0);
    script_close(connection);
    files_close(&files);
}
END_TEST

static const struct scripted_result refused = {
    .status = PGRES_FATAL_ERROR, .state = "42501", .message = "permission denied"};

/* All orders, where there is no floor. */
static const struct scripted_call refusing[SCRIPT_LENGTH] = {
    {SENDS("COPY (SELECT \"order_id\", \"changed_at\", \"new_status\" "
           "FROM \"orders\".\"order_status_history\") TO STDOUT (FORMAT binary)")},
    {GIVES(refused)},
    {GIVES_NO_MORE},
};

START_TEST(fails_with_the_servers_error)
{
    struct connection *connection = script_open(refusing);
    struct files files;
    struct dataset *dataset =
        open_files(&files, EVENTS, TABLE_ORDER_STATUS_HISTORY, MODE_SKIP, connection);

    files.plan.datasets[TABLE_ORDERS].floor = 0;
    ck_assert(existing_digest_choose(dataset, &files.error));
    ck_assert(!existing_digest_read(&files.plan, dataset, &files.session));
    ck_assert_int_eq(files.error.kind, ERROR_DATABASE);
    script_close(connection);
    files_close(&files);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("existing_digest");
    TCase *tests = tcase_create("existing_digest");

    tcase_add_loop_test(tests, compares_where_the_mode_looks_at_values, 0, TABLE_ROWS(modes));
    tcase_add_test(tests, a_placeholder_has_no_digest);
    tcase_add_test(tests, adds_up_the_rows_of_a_parent);
    tcase_add_test(tests, fails_with_the_servers_error);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
