#include "suite.h"
#include "written_archive.h"

/* Each way that an archive comes in. */
static const struct {
    const char *name;
    const char *format;
    int filter;
    const char *options;
} forms[] = {
    {"zip, deflated", "zip", ARCHIVE_FILTER_NONE, NULL},
    {"zip, stored", "zip", ARCHIVE_FILTER_NONE, "zip:compression=store"},
    {"zip64", "zip", ARCHIVE_FILTER_NONE, "zip:zip64"},
    {"tar, ustar", "ustar", ARCHIVE_FILTER_NONE, NULL},
    {"tar, pax", "pax", ARCHIVE_FILTER_NONE, NULL},
    {"tar, GNU", "gnutar", ARCHIVE_FILTER_NONE, NULL},
    {"tar, v7", "v7tar", ARCHIVE_FILTER_NONE, NULL},
    {"tar.gz", "paxr", ARCHIVE_FILTER_GZIP, NULL},
    {"tar.zst", "paxr", ARCHIVE_FILTER_ZSTD, NULL},
    {"tar.bz2", "paxr", ARCHIVE_FILTER_BZIP2, NULL},
    {"tar.xz", "paxr", ARCHIVE_FILTER_XZ, NULL},
    {"tar.lz4", "paxr", ARCHIVE_FILTER_LZ4, NULL},
};

enum { FORMS = TABLE_ROWS(forms) };

START_TEST(reads_members_twice)
{
    char path[PATH_SIZE * 2];
    struct input *archive, *orders, *users;
    struct member_list list;

    write_two_members(path, "all", forms[_i].format, forms[_i].filter, forms[_i].options);
    archive = open_input(path);
    list = list_members(archive);
    ck_assert_uint_eq(list.count, 2);
    ck_assert_str_eq(list.members[0].name, "orders.csv");
    ck_assert_str_eq(list.members[1].name, "users.csv");
    ck_assert_uint_eq(list.members[1].index, 1);
    ck_assert_int_eq(list.members[1].kind, MEMBER_FILE);
    users = open_member(archive, &list.members[1]);
    orders = open_member(archive, &list.members[0]);
    input_free(archive);
    member_list_free(&list);
    ck_assert(!input_is_archive(users) && !input_is_compressed(users));
    expect_contents_twice(forms[_i].name, users, strlen(USERS), BYTES(USERS));
    expect_contents_twice(forms[_i].name, orders, strlen(ORDERS), BYTES(ORDERS));
    ck_assert_uint_eq(input_position(users), strlen(USERS));
    input_free(orders);
    input_free(users);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("input_members");
    TCase *reading = tcase_create("reading");

    tcase_add_checked_fixture(reading, make_directory, drop_directory);
    tcase_add_loop_test(reading, reads_members_twice, 0, FORMS);
    suite_add_tcase(suite, reading);
    return suite_run(suite);
}
