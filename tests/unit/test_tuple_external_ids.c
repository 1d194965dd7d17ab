#include "hand_made_row.h"
#include "scripted_libpq.h"
#include "suite.h"
#include "written_tuple.h"

#include <stdio.h>
#include <unistd.h>

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
    struct map_file file = {.path = "/tmp/test_tuple_external_ids.XXXXXX"};

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
    struct map_file file = {.path = "/tmp/test_tuple_external_ids.XXXXXX"};

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

START_TEST(an_inferred_user_has_an_external_id)
{
    struct writing *writing = begin(TABLE_USERS);
    char text[UUID_TEXT_SIZE], line[128];
    struct map_file file = {.path = "/tmp/test_tuple_external_ids.XXXXXX"};

    open_map(&file, writing);
    have(writing, "external_user_id");
    send_inferred(writing, 206209);
    expect_random_uuid(text);
    (void)snprintf(line, sizeof line, "users.users,206209,%s\n", text);
    expect_map(&file, line);
    end(writing);
}
END_TEST

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
    Suite *suite = suite_create("tuple external ids");

    suite_add_tcase(suite, identity_case());
    return suite_run(suite);
}
