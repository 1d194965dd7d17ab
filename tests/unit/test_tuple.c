#include "hand_made_row.h"
#include "scripted_libpq.h"
#include "suite.h"
#include "write/tuple.h"

#include <stdio.h>
#include <unistd.h>

#define BYTES(literal) literal, sizeof(literal) - 1
#define HEADER         "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0"
#define TRAILER        "\377\377"
#define SQL            "COPY"
/* A field: its length and its bytes (PostgreSQL manual, COPY, "Binary Format"). */
#define NO_VALUE "\377\377\377\377"
#define TRUE     "\0\0\0\1\1"
#define FALSE    "\0\0\0\1\0"

enum { LOAD_TIME = 0x01020304 };

#define LOAD_TIME_FIELD "\0\0\0\10\0\0\0\0\1\2\3\4"

static const struct scripted_result copying = {.status = PGRES_COPY_IN};
static const struct scripted_result stored_one = {.status = PGRES_COMMAND_OK, .rows_changed = "1"};

/* All that a row is written with, and the COPY that it is written to. */
struct writing {
    const char *name; /* of the case, for the messages of failed checks */
    struct dataset dataset;
    struct row row;
    struct derived derived;
    struct event_index events;
    struct copied_columns columns;
    struct tuple_context context;
    struct connection *connection;
    struct copy_in *copy;
};

static const struct scripted_call calls[SCRIPT_LENGTH] = {
    {SENDS(SQL)},
    {GIVES(copying)},
    {PUT_COPY_DATA, .returns = 1},
    {PUT_COPY_END, .returns = 1},
    {GIVES(stored_one)},
    {GIVES_NO_MORE},
};

/* A table of which the database has no column yet. */
static struct writing *begin(enum table_id id)
{
    struct writing *writing = calloc(1, sizeof *writing);
    struct error error = {0};

    ck_assert_ptr_nonnull(writing);
    writing->dataset = (struct dataset){.id = id, .table = table_get(id)};
    for (size_t i = 0; i < writing->dataset.table->column_count; i++) {
        const char *original = writing->dataset.table->columns[i].copy_of;

        if (original != NULL)
            writing->dataset.copy_of[i] =
                (size_t)table_column_named(writing->dataset.table, original);
    }
    derived_prepare(&writing->derived);
    writing->context.columns = &writing->columns;
    writing->context.load_time = LOAD_TIME;
    writing->context.derived = &writing->derived;
    writing->context.events = &writing->events;
    writing->connection = script_open(calls);
    ck_assert_msg(copy_in_open(writing->connection, SQL, &writing->copy, &error), "%s",
                  error.message);
    return writing;
}

/* Gives the database a column, so that the tuple has it. */
static void have(struct writing *writing, const char *column)
{
    int index = table_column_named(writing->dataset.table, column);

    ck_assert_msg(index >= 0, "%s", column);
    writing->dataset.database.catalog.columns[index].present = true;
    copied_columns_all(&writing->dataset, &writing->columns);
}

static void end_copy(struct writing *writing)
{
    struct error error = {0};

    ck_assert_msg(copy_in_end(writing->copy, &error), "%s", error.message);
    writing->copy = NULL;
}

static void send(struct writing *writing)
{
    struct error error = {0};

    ck_assert_msg(
        tuple_send(writing->copy, &writing->dataset, &writing->row, &writing->context, &error),
        "%s", error.message);
    end_copy(writing);
}

static void send_inferred(struct writing *writing, int64_t id)
{
    struct error error = {0};

    ck_assert_msg(
        tuple_send_inferred(writing->copy, &writing->dataset, id, &writing->context, &error), "%s",
        error.message);
    end_copy(writing);
}

/* The fields after their number. */
static void expect_tuple(const struct writing *writing, uint8_t count, const char *fields,
                         size_t length)
{
    enum { BEFORE = sizeof HEADER - 1 + 2, AFTER = sizeof TRAILER - 1 };
    size_t copied_length;
    const uint8_t *copied = script_copied(&copied_length);

    ck_assert_msg(copied_length == BEFORE + length + AFTER, "%s: %zu bytes instead of %zu",
                  writing->name, copied_length, BEFORE + length + AFTER);
    ck_assert_msg(copied[BEFORE - 2] == 0 && copied[BEFORE - 1] == count,
                  "%s: %d fields instead of %d", writing->name, copied[BEFORE - 1], count);
    ck_assert_msg(memcmp(copied + BEFORE, fields, length) == 0, "%s: other bytes", writing->name);
}

static void end(struct writing *writing)
{
    script_close(writing->connection);
    derived_free(&writing->derived);
    event_index_free(&writing->events);
    free(writing);
}

/* Sends a row of which the database has these columns (NULL ends them) and expects their fields. */
static void expect_fields(struct writing *writing, const char *const *columns, const char *fields,
                          size_t length)
{
    uint8_t count = 0;

    while (columns[count] != NULL)
        have(writing, columns[count++]);
    send(writing);
    expect_tuple(writing, count, fields, length);
    end(writing);
}

/* The same for one column. */
static void expect_field(struct writing *writing, const char *column, const char *field,
                         size_t length)
{
    const char *const columns[] = {column, NULL};

    writing->name = column;
    expect_fields(writing, columns, field, length);
}

/* A value of each type that a file can give. */
static const struct {
    enum table_id table;
    const char *column;
    int64_t integer;
    const char *text;
    const char *field;
    size_t length;
} given_values[] = {
    {TABLE_ORDERS, "id", 0x0102030405, NULL, BYTES("\0\0\0\10\0\0\0\1\2\3\4\5")},
    {TABLE_ORDERS, "order_number", 7, NULL, BYTES("\0\0\0\4\0\0\0\7")},
    {TABLE_ORDERS, "order_number", -1, NULL, BYTES("\0\0\0\4\377\377\377\377")},
    {TABLE_ORDERS, "created_at", -1, NULL, BYTES("\0\0\0\10\377\377\377\377\377\377\377\377")},
    {TABLE_ORDERS, "tracking_url", 0, "", BYTES("\0\0\0\0")},
    {TABLE_ORDERS, "tracking_url", 0, "caf\303\251", BYTES("\0\0\0\5caf\303\251")},
    {TABLE_ORDER_ITEMS, "price", 150000000, NULL, BYTES("\0\0\0\10\x3f\xf8\0\0\0\0\0\0")},
    {TABLE_ORDER_ITEMS, "quantity", 0, NULL, BYTES("\0\0\0\4\0\0\0\0")},
    {TABLE_PRODUCT_ENRICHED, "price", 2458, NULL, BYTES("\0\0\0\14\0\2\0\0\0\0\0\2\0\30\26\250")},
    {TABLE_PRODUCT_ENRICHED, "price", 0, NULL, BYTES("\0\0\0\10\0\0\0\0\0\0\0\2")},
    {TABLE_ORDER_STATUS_HISTORY, "new_status", 2, NULL, BYTES("\0\0\0\7shipped")},
    {TABLE_ORDER_STATUS_HISTORY, "changed_at", 1, NULL, BYTES("\0\0\0\10\0\0\0\0\0\0\0\1")},
};

START_TEST(writes_what_the_file_gave)
{
    enum table_id table = given_values[_i].table;
    struct writing *writing = begin(table);

    if (given_values[_i].text != NULL)
        set_text(&writing->row, table, given_values[_i].column, given_values[_i].text);
    else
        set_integer(&writing->row, table, given_values[_i].column, given_values[_i].integer);
    expect_field(writing, given_values[_i].column, given_values[_i].field, given_values[_i].length);
}
END_TEST

/* What fills columns that the file does not, when nothing else is known. */
static const struct {
    enum table_id table;
    const char *column;
    const char *field;
    size_t length;
} absent_values[] = {
    {TABLE_USERS, "city", BYTES(NO_VALUE)},
    {TABLE_USERS, "last_login", BYTES(NO_VALUE)},
    {TABLE_USERS, "days_between_order_notifications", BYTES("\0\0\0\4\0\0\0\7")},
    {TABLE_USERS, "pending_order_notification", BYTES(TRUE)},
    {TABLE_USERS, "order_notifications_via_email", BYTES(FALSE)},
    {TABLE_USERS, "order_notifications_start_date_time", BYTES(NO_VALUE)},
    {TABLE_USERS, "order_notifications_next_scheduled_time", BYTES(NO_VALUE)},
    {TABLE_USERS, "last_notification_sent_at", BYTES(NO_VALUE)},
    {TABLE_USERS, "inferred", BYTES(FALSE)},
    {TABLE_ORDERS, "days_since_prior_order", BYTES(NO_VALUE)},
    {TABLE_ORDERS, "total_items", BYTES("\0\0\0\4\0\0\0\0")},
    {TABLE_ORDERS, "total_price", BYTES("\0\0\0\10\0\0\0\0\0\0\0\0")},
    {TABLE_ORDERS, "status", BYTES("\0\0\0\7pending")},
    {TABLE_ORDERS, "delivery_name", BYTES(NO_VALUE)},
    {TABLE_ORDERS, "country", BYTES(NO_VALUE)},
    {TABLE_ORDERS, "created_at", BYTES(LOAD_TIME_FIELD)},
    {TABLE_ORDERS, "updated_at", BYTES(LOAD_TIME_FIELD)},
    {TABLE_ORDER_ITEMS, "reordered", BYTES("\0\0\0\4\0\0\0\0")},
    {TABLE_ORDER_ITEMS, "quantity", BYTES("\0\0\0\4\0\0\0\1")},
    {TABLE_ORDER_ITEMS, "price", BYTES("\0\0\0\10\0\0\0\0\0\0\0\0")},
    {TABLE_ORDER_ITEMS, "price_given", BYTES(NO_VALUE)},
    {TABLE_ORDER_STATUS_HISTORY, "old_status", BYTES(NO_VALUE)},
    {TABLE_PRODUCTS, "inferred", BYTES(FALSE)},
    {TABLE_PRODUCT_ENRICHED, "price", BYTES(NO_VALUE)},
};

START_TEST(fills_what_the_file_did_not_give)
{
    struct writing *writing = begin(absent_values[_i].table);

    expect_field(writing, absent_values[_i].column, absent_values[_i].field,
                 absent_values[_i].length);
}
END_TEST

/* Times that follow from the last login: the same time, or seven days later. */
static const struct {
    const char *column;
    int64_t days;
} copies[] = {
    {"order_notifications_start_date_time", 0},
    {"order_notifications_next_scheduled_time", 7},
    {"last_notification_sent_at", 0},
};

START_TEST(copies_a_value_with_an_offset)
{
    struct writing *writing = begin(TABLE_USERS);
    const int64_t day = INT64_C(24) * 60 * 60 * 1000000;
    char field[12] = {0, 0, 0, 8};

    set_integer(&writing->row, TABLE_USERS, "last_login", -copies[_i].days * day + 0x0504);
    field[10] = 5;
    field[11] = 4;
    expect_field(writing, copies[_i].column, field, sizeof field);
}
END_TEST

/* What the tests below put into a row and know of other rows. */
static void give_a_price(struct writing *writing)
{
    set_integer(&writing->row, TABLE_ORDER_ITEMS, "price", 0);
}

static void have_a_catalogue(struct writing *writing)
{
    ck_assert(derived_note_price(&writing->derived, 24852, 150, 2));
    set_integer(&writing->row, TABLE_ORDER_ITEMS, "product_id", 24852);
}

/* An item of order 7. */
static void add_item(struct writing *writing, int64_t product, int64_t price)
{
    struct row row = {0};
    bool overflow;

    set_integer(&row, TABLE_ORDER_ITEMS, "order_id", 7);
    set_integer(&row, TABLE_ORDER_ITEMS, "product_id", product);
    set_integer(&row, TABLE_ORDER_ITEMS, "price", price);
    ck_assert(derived_note_row(&writing->derived, TABLE_ORDER_ITEMS, &row, false, &overflow));
}

static void have_three_items(struct writing *writing)
{
    add_item(writing, 1, 100000000);
    add_item(writing, 2, 50000000);
    add_item(writing, 3, 0);
    set_integer(&writing->row, TABLE_ORDERS, "id", 7);
}

static void have_two_events(struct writing *writing)
{
    ck_assert(event_index_add(&writing->derived.events, 7, 1, 0));
    ck_assert(event_index_add(&writing->derived.events, 7, 0x0506, 3));
    set_integer(&writing->row, TABLE_ORDERS, "id", 7);
    set_integer(&writing->row, TABLE_ORDERS, "created_at", 1);
}

static void have_events_of_another(struct writing *writing)
{
    ck_assert(event_index_add(&writing->derived.events, 8, 0x0506, 3));
    set_integer(&writing->row, TABLE_ORDERS, "id", 7);
    set_integer(&writing->row, TABLE_ORDERS, "created_at", 0x0102);
}

static void have_sent_events(struct writing *writing)
{
    ck_assert(event_index_add(&writing->events, 7, 1, 1));
    ck_assert(event_index_add(&writing->events, 8, 2, 4));
    ck_assert(event_index_add(&writing->derived.events, 7, 9, 8));
    set_integer(&writing->row, TABLE_ORDER_STATUS_HISTORY, "order_id", 7);
    set_integer(&writing->row, TABLE_ORDER_STATUS_HISTORY, "changed_at", 3);
    set_integer(&writing->row, TABLE_ORDER_STATUS_HISTORY, "new_status", 2);
}

static void have_an_empty_detail(struct writing *writing)
{
    const struct delivery delivery = {.texts[DELIVERY_CITY] = ""};

    ck_assert(delivery_add(&writing->derived.deliveries, 9, &delivery));
    set_integer(&writing->row, TABLE_ORDERS, "user_id", 9);
}

static void give_an_aisle(struct writing *writing)
{
    set_text(&writing->row, TABLE_AISLES, "aisle", "soup");
    set_integer(&writing->row, TABLE_AISLES, "aisle_id", 7);
}

enum { COLUMNS = 4 };

/* The columns are in the order of the description, whatever the order in which they are named. */
static const struct {
    const char *name;
    enum table_id table;
    void (*set_up)(struct writing *writing);
    const char *columns[COLUMNS];
    const char *fields;
    size_t length;
} derivations[] = {
    {"a price was given", TABLE_ORDER_ITEMS, give_a_price, {"price_given"}, BYTES(TRUE)},
    {"the price of the catalogue",
     TABLE_ORDER_ITEMS,
     have_a_catalogue,
     {"price_given", "price"},
     BYTES("\0\0\0\10\x3f\xf8\0\0\0\0\0\0" NO_VALUE)},
    {"an order's totals",
     TABLE_ORDERS,
     have_three_items,
     {"total_items", "total_price"},
     BYTES("\0\0\0\4\0\0\0\3\0\0\0\10\x3f\xf8\0\0\0\0\0\0")},
    {"the last status and its time",
     TABLE_ORDERS,
     have_two_events,
     {"status", "updated_at"},
     BYTES("\0\0\0\11delivered\0\0\0\10\0\0\0\0\0\0\5\6")},
    {"an order without events was updated when it was made",
     TABLE_ORDERS,
     have_events_of_another,
     {"updated_at"},
     BYTES("\0\0\0\10\0\0\0\0\0\0\1\2")},
    {"the previous status, of the events sent so far",
     TABLE_ORDER_STATUS_HISTORY,
     have_sent_events,
     {"old_status"},
     BYTES("\0\0\0\12processing")},
    {"an empty detail", TABLE_ORDERS, have_an_empty_detail, {"city"}, BYTES("\0\0\0\0")},
    {"columns in another order",
     TABLE_AISLES,
     give_an_aisle,
     {"inferred", "aisle", "aisle_id"},
     BYTES("\0\0\0\4\0\0\0\7\0\0\0\4soup" FALSE)},
    {"columns that the database lacks",
     TABLE_AISLES,
     give_an_aisle,
     {"aisle_id", "aisle"},
     BYTES("\0\0\0\4\0\0\0\7\0\0\0\4soup")},
};

START_TEST(writes_the_columns_of_a_row)
{
    struct writing *writing = begin(derivations[_i].table);

    writing->name = derivations[_i].name;
    derivations[_i].set_up(writing);
    expect_fields(writing, derivations[_i].columns, derivations[_i].fields, derivations[_i].length);
}
END_TEST

/* User 9 has one detail alone; the others before it are sent as well. */
static const struct {
    const char *column;
    enum delivery_detail detail;
} details[] = {
    {"delivery_name", DELIVERY_NAME},
    {"phone_number", DELIVERY_PHONE_NUMBER},
    {"street_address", DELIVERY_STREET_ADDRESS},
    {"city", DELIVERY_CITY},
    {"postal_code", DELIVERY_POSTAL_CODE},
    {"country", DELIVERY_COUNTRY},
};

START_TEST(writes_a_users_details)
{
    struct writing *writing = begin(TABLE_ORDERS);
    struct delivery delivery = {0}, other = {0};
    char fields[DELIVERY_COUNT * 4 + 4];

    delivery.texts[details[_i].detail] = "this";
    delivery.lengths[details[_i].detail] = 4;
    for (int i = 0; i < DELIVERY_COUNT; i++) {
        other.texts[i] = "another's";
        other.lengths[i] = 9;
    }
    ck_assert(delivery_add(&writing->derived.deliveries, 9, &delivery));
    ck_assert(delivery_add(&writing->derived.deliveries, 7, &other));
    set_integer(&writing->row, TABLE_ORDERS, "id", 7);
    set_integer(&writing->row, TABLE_ORDERS, "user_id", 9);
    writing->name = details[_i].column;
    for (int i = 0; i < TABLE_ROWS(details); i++)
        if (i <= _i)
            have(writing, details[i].column);
    send(writing);
    memset(fields, 0xff, sizeof fields);
    memcpy(fields + (size_t)_i * 4, BYTES("\0\0\0\4this"));
    expect_tuple(writing, (uint8_t)(_i + 1), fields, (size_t)_i * 4 + 8);
    end(writing);
}
END_TEST

/* The bytes of the one field of a tuple. */
static void copied_uuid(uint8_t uuid[UUID_SIZE])
{
    enum { BEFORE = sizeof HEADER - 1 + 2 };
    size_t length;
    const uint8_t *copied = script_copied(&length);

    ck_assert_uint_eq(length, BEFORE + 4 + UUID_SIZE + sizeof TRAILER - 1);
    ck_assert_mem_eq(copied + BEFORE, "\0\0\0\20", 4);
    memcpy(uuid, copied + BEFORE + 4, UUID_SIZE);
}

static const uint8_t given_uuid[UUID_SIZE] = {0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc, 0x4d, 0xef,
                                              0x80, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0xff};

/* The file that tells the external ids; removed when it is read. */
struct map_file {
    char path[64];
    struct pending_file *map;
};

static void open_map(struct map_file *file, struct writing *writing)
{
    struct error error = {0};
    int descriptor = mkstemp(file->path);

    ck_assert_int_ge(descriptor, 0);
    ck_assert_int_eq(close(descriptor), 0);
    ck_assert_msg(id_map_open(file->path, &file->map, &error), "%s", error.message);
    writing->context.id_map = file->map;
}

/* The one field is a random UUID, which is given as text. */
static void expect_random_uuid(char text[UUID_TEXT_SIZE])
{
    uint8_t uuid[UUID_SIZE];

    copied_uuid(uuid);
    uuid_format(uuid, text);
    ck_assert_ptr_null(uuid_v4_parse(text, UUID_TEXT_SIZE - 1, uuid));
}

static void expect_map(struct map_file *file, const char *line)
{
    struct error error = {0};
    char text[256], expected[256];
    FILE *stream;
    size_t length;

    ck_assert(pending_file_complete(file->map, &error));
    ck_assert(pending_file_publish(file->map, &error));
    pending_file_free(file->map);
    stream = fopen(file->path, "r");
    ck_assert_ptr_nonnull(stream);
    length = fread(text, 1, sizeof text - 1, stream);
    text[length] = '\0';
    ck_assert_int_eq(fclose(stream), 0);
    ck_assert_int_eq(unlink(file->path), 0);
    (void)snprintf(expected, sizeof expected, "table,id,external_id\n%s", line);
    ck_assert_str_eq(text, expected);
}

START_TEST(keeps_an_external_id_that_the_file_gave)
{
    struct writing *writing = begin(TABLE_USERS);
    uint8_t uuid[UUID_SIZE];
    struct map_file file = {.path = "/tmp/test_tuple.XXXXXX"};

    open_map(&file, writing);
    set_integer(&writing->row, TABLE_USERS, "id", 7);
    memcpy(hand_made_value(&writing->row, TABLE_USERS, "external_user_id")->uuid, given_uuid,
           UUID_SIZE);
    have(writing, "external_user_id");
    send(writing);
    copied_uuid(uuid);
    ck_assert_mem_eq(uuid, given_uuid, UUID_SIZE);
    expect_map(&file, "users.users,7,12345678-9abc-4def-8001-0203040506ff\n");
    end(writing);
}
END_TEST

START_TEST(makes_and_tells_a_random_external_id)
{
    struct writing *writing = begin(TABLE_ORDERS);
    char text[UUID_TEXT_SIZE], line[128];
    struct map_file file = {.path = "/tmp/test_tuple.XXXXXX"};

    open_map(&file, writing);
    set_integer(&writing->row, TABLE_ORDERS, "id", 7);
    have(writing, "external_order_id");
    send(writing);
    expect_random_uuid(text);
    (void)snprintf(line, sizeof line, "orders.orders,7,%s\n", text);
    expect_map(&file, line);
    end(writing);
}
END_TEST

START_TEST(needs_nobody_who_wants_the_external_ids)
{
    struct writing *writing = begin(TABLE_ORDERS);
    char text[UUID_TEXT_SIZE];

    have(writing, "external_order_id");
    send(writing);
    expect_random_uuid(text);
    end(writing);
}
END_TEST

enum { INFERRED_COLUMNS = 8 };

/* Without columns the database has all. The placeholders' names are unique: a real aisle of that
 * name is the same one. */
static const struct {
    const char *name;
    enum table_id table;
    const char *columns[INFERRED_COLUMNS];
    int64_t id;
    uint8_t count;
    const char *fields;
    size_t length;
} inferences[] = {
    {"a product",
     TABLE_PRODUCTS,
     {NULL},
     49688,
     5,
     BYTES("\0\0\0\4\0\0\302\30"
           "\0\0\0\15Product 49688"
           "\0\0\0\4\0\0\0\144"
           "\0\0\0\4\0\0\0\25" TRUE)},
    {"an aisle that is missing",
     TABLE_AISLES,
     {NULL},
     100,
     3,
     BYTES("\0\0\0\4\0\0\0\144\0\0\0\7missing" TRUE)},
    {"a user",
     TABLE_USERS,
     {"id", "email_address", "last_login", "days_between_order_notifications",
      "last_notification_sent_at", "pending_order_notification", "inferred"},
     206209,
     7,
     BYTES("\0\0\0\10\0\0\0\0\0\3\45\201" NO_VALUE NO_VALUE "\0\0\0\4\0\0\0\7" NO_VALUE TRUE TRUE)},
};

START_TEST(infers_a_row)
{
    const char *const *columns = inferences[_i].columns;
    struct writing *writing = begin(inferences[_i].table);

    writing->name = inferences[_i].name;
    for (size_t i = 0; columns[0] == NULL && i < writing->dataset.table->column_count; i++)
        have(writing, writing->dataset.table->columns[i].name);
    for (size_t i = 0; columns[i] != NULL; i++)
        have(writing, columns[i]);
    send_inferred(writing, inferences[_i].id);
    expect_tuple(writing, inferences[_i].count, inferences[_i].fields, inferences[_i].length);
    end(writing);
}
END_TEST

START_TEST(an_inferred_user_has_an_external_id)
{
    struct writing *writing = begin(TABLE_USERS);
    char text[UUID_TEXT_SIZE], line[128];
    struct map_file file = {.path = "/tmp/test_tuple.XXXXXX"};

    open_map(&file, writing);
    have(writing, "external_user_id");
    send_inferred(writing, 206209);
    expect_random_uuid(text);
    (void)snprintf(line, sizeof line, "users.users,206209,%s\n", text);
    expect_map(&file, line);
    end(writing);
}
END_TEST

static TCase *value_case(void)
{
    TCase *tests = tcase_create("values");

    tcase_add_loop_test(tests, writes_what_the_file_gave, 0, TABLE_ROWS(given_values));
    tcase_add_loop_test(tests, fills_what_the_file_did_not_give, 0, TABLE_ROWS(absent_values));
    tcase_add_loop_test(tests, copies_a_value_with_an_offset, 0, TABLE_ROWS(copies));
    tcase_add_loop_test(tests, writes_the_columns_of_a_row, 0, TABLE_ROWS(derivations));
    tcase_add_loop_test(tests, writes_a_users_details, 0, TABLE_ROWS(details));
    tcase_add_loop_test(tests, infers_a_row, 0, TABLE_ROWS(inferences));
    return tests;
}

static TCase *identity_case(void)
{
    TCase *tests = tcase_create("external ids");

    tcase_add_test(tests, keeps_an_external_id_that_the_file_gave);
    tcase_add_test(tests, makes_and_tells_a_random_external_id);
    tcase_add_test(tests, needs_nobody_who_wants_the_external_ids);
    tcase_add_test(tests, an_inferred_user_has_an_external_id);
    return tests;
}

int main(void)
{
    Suite *suite = suite_create("tuple");

    suite_add_tcase(suite, value_case());
    suite_add_tcase(suite, identity_case());
    return suite_run(suite);
}
