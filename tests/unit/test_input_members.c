#include "suite.h"
#include "written_archive.h"

#include <locale.h>

START_TEST(reads_members_twice)
{
    const char *form = archive_forms[_i].name;
    char path[PATH_SIZE * 2];
    struct input *archive, *orders, *users;
    struct member_list list;

    write_form(path, "all", _i);
    archive = open_input(path);
    ck_assert_str_eq(input_archive_format(archive), _i < TAR_GZIP ? "zip" : "tar");
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
    expect_contents_twice(form, users, strlen(USERS), BYTES(USERS));
    expect_contents_twice(form, orders, strlen(ORDERS), BYTES(ORDERS));
    ck_assert_uint_eq(input_position(users), strlen(USERS));
    input_free(orders);
    input_free(users);
}
END_TEST

/* Read by turns in small pieces, each goes on where it was. */
START_TEST(reads_two_members_at_the_same_time)
{
    char path[PATH_SIZE * 2], one[3], other[3];
    struct input *archive, *orders, *users;
    struct member_list list;
    struct error error = {0};
    size_t length;

    write_form(path, "all", _i);
    archive = open_input(path);
    list = list_members(archive);
    orders = open_member(archive, &list.members[0]);
    users = open_member(archive, &list.members[1]);
    for (size_t i = 0; i + sizeof one < strlen(USERS); i += sizeof one) {
        ck_assert(input_read(orders, one, sizeof one, &length, &error));
        ck_assert_uint_eq(length, sizeof one);
        ck_assert_mem_eq(one, ORDERS + i, sizeof one);
        ck_assert(input_read(users, other, sizeof other, &length, &error));
        ck_assert_uint_eq(length, sizeof other);
        ck_assert_mem_eq(other, USERS + i, sizeof other);
    }
    ck_assert(input_rewind(users, &error));
    expect_contents("from the start", users, BYTES(USERS));
    member_list_free(&list);
    input_free(archive);
    input_free(users);
    input_free(orders);
}
END_TEST

/* As zip programs in other countries write them, too; the tests run in the C locale. */
static const char *const names[] = {
    "orders.csv", "f\xc3\xa4hre \xe2\x82\xac.csv", "a\n\x1b[31m.csv", "../up.csv", "/etc/x.csv",
    "a/b/c.csv",
};

START_TEST(gives_names_as_they_are)
{
    char path[PATH_SIZE * 2];
    struct archive *made;
    struct input *archive;
    struct member_list list;
    locale_t before = uselocale(newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0));

    made = archive_create(path, "all", archive_forms[_i].format, archive_forms[_i].filter, NULL);
    for (int i = 0; i < TABLE_ROWS(names); i++)
        archive_add(made, names[i], BYTES(USERS));
    archive_complete(made);
    freelocale(uselocale(before));
    archive = open_input(path);
    list = list_members(archive);
    ck_assert_uint_eq(list.count, TABLE_ROWS(names));
    for (int i = 0; i < TABLE_ROWS(names); i++)
        ck_assert_str_eq(list.members[i].name, names[i]);
    member_list_free(&list);
    input_free(archive);
}
END_TEST

START_TEST(gives_long_names_whole)
{
    char path[PATH_SIZE * 2], name[1000];
    struct archive *made;
    struct input *archive, *member;
    struct member_list list;
    const int forms[] = {ZIP_DEFLATED, TAR_PAX, TAR_GNU};

    memset(name, 'x', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    made = archive_create(path, "all", archive_forms[forms[_i]].format, ARCHIVE_FILTER_NONE, NULL);
    archive_add(made, "short.csv", BYTES(ORDERS));
    archive_add(made, name, BYTES(USERS));
    archive_complete(made);
    archive = open_input(path);
    list = list_members(archive);
    ck_assert_uint_eq(list.count, 2);
    ck_assert_str_eq(list.members[1].name, name);
    member = open_member(archive, &list.members[1]);
    expect_contents("the second", member, BYTES(USERS));
    input_free(member);
    member_list_free(&list);
    input_free(archive);
}
END_TEST

static const struct {
    const char *name;
    unsigned type; /* of the file */
    const char *hard_link, *symbolic_link;
    enum member_kind kind;
} kinds[] = {
    {"directory/", AE_IFDIR, NULL, NULL, MEMBER_DIRECTORY},
    {"hard link", AE_IFREG, "orders.csv", NULL, MEMBER_OTHER},
    {"symbolic link", AE_IFLNK, NULL, "orders.csv", MEMBER_OTHER},
    {"fifo", AE_IFIFO, NULL, NULL, MEMBER_OTHER},
    {"device", AE_IFCHR, NULL, NULL, MEMBER_OTHER},
};

START_TEST(tells_what_is_no_file)
{
    char path[PATH_SIZE * 2], message[PATH_SIZE * 4];
    struct archive *made = archive_create(path, "all", "pax", ARCHIVE_FILTER_NONE, NULL);
    struct input *archive, *member = NULL;
    struct member_list list;

    archive_add(made, "orders.csv", BYTES(ORDERS));
    for (int i = 0; i < TABLE_ROWS(kinds); i++) {
        struct archive_entry *entry = archive_file_entry(kinds[i].name, 0);

        archive_entry_set_filetype(entry, kinds[i].type);
        archive_entry_set_hardlink(entry, kinds[i].hard_link);
        if (kinds[i].symbolic_link != NULL)
            archive_entry_set_symlink(entry, kinds[i].symbolic_link);
        archive_add_header(made, entry);
    }
    archive_complete(made);
    archive = open_input(path);
    list = list_members(archive);
    ck_assert_uint_eq(list.count, TABLE_ROWS(kinds) + 1);
    for (int i = 0; i < TABLE_ROWS(kinds); i++) {
        struct error error = {0};

        ck_assert_str_eq(list.members[i + 1].name, kinds[i].name);
        ck_assert_msg(list.members[i + 1].kind == kinds[i].kind, "%s", kinds[i].name);
        ck_assert(!input_open_member(archive, &list.members[i + 1], &member, &error));
        (void)snprintf(message, sizeof message, "%s:%s is not a file", path, kinds[i].name);
        ck_assert_str_eq(error.message, message);
        ck_assert_int_eq(error.kind, ERROR_DATA);
    }
    member_list_free(&list);
    input_free(archive);
}
END_TEST

/* All of it but the first line is a hole, which tar does not store. */
START_TEST(fills_the_holes_of_a_sparse_file)
{
    enum { SIZE = 100000 };
    char path[PATH_SIZE * 2];
    char *expected = calloc(1, SIZE);
    struct archive *made =
        archive_create(path, "all", _i == 0 ? "pax" : "gnutar", ARCHIVE_FILTER_NONE, NULL);
    struct archive_entry *entry = archive_file_entry("holes.csv", SIZE);
    struct input *archive, *member;
    struct member_list list;

    ck_assert_ptr_nonnull(expected);
    memcpy(expected, BYTES(USERS));
    archive_entry_sparse_add_entry(entry, 0, strlen(USERS));
    archive_add_header(made, entry);
    ck_assert_int_ge(archive_write_data(made, expected, SIZE), (la_ssize_t)strlen(USERS));
    archive_add(made, "users.csv", BYTES(USERS));
    archive_complete(made);
    archive = open_input(path);
    list = list_members(archive);
    member = open_member(archive, &list.members[0]);
    expect_contents_twice("with holes", member, SIZE, expected, SIZE);
    input_free(member);
    member = open_member(archive, &list.members[1]);
    expect_contents("behind it", member, BYTES(USERS));
    input_free(member);
    member_list_free(&list);
    input_free(archive);
    free(expected);
}
END_TEST

START_TEST(reads_an_archive_without_a_member)
{
    static const char empty_zip[22] = "PK\5\6";
    char path[PATH_SIZE * 2];
    struct input *archive;
    struct member_list list;

    make_file(path, "empty.zip", empty_zip, sizeof empty_zip);
    archive = open_input(path);
    list = list_members(archive);
    ck_assert_uint_eq(list.count, 0);
    member_list_free(&list);
    input_free(archive);
}
END_TEST

START_TEST(reads_an_archive_from_a_pipe)
{
    char path[PATH_SIZE * 2];
    struct file_bytes file;
    struct input *archive, *orders, *users;
    struct member_list list;
    int end = pipe_to_standard_input();

    write_form(path, "all", _i);
    file = read_file(path);
    ck_assert_int_eq(unlink(path), 0);
    ck_assert_int_eq(write(end, file.bytes, file.length), (ssize_t)file.length);
    ck_assert_int_eq(close(end), 0);
    free(file.bytes);
    archive = open_input("-");
    list = list_members(archive);
    users = open_member(archive, &list.members[1]);
    orders = open_member(archive, &list.members[0]);
    member_list_free(&list);
    input_free(archive);
    input_keep_closed(users);
    input_keep_closed(orders);
    for (int i = 0; i < 2; i++) {
        struct error error = {0};

        ck_assert(input_rewind(users, &error) && input_rewind(orders, &error));
        expect_contents("users", users, BYTES(USERS));
        expect_contents("orders", orders, BYTES(ORDERS));
        input_end(users);
        input_end(orders);
    }
    ck_assert_uint_eq(temporary_directory_list(directory, false, NULL), 0);
    input_free(users);
    input_free(orders);
}
END_TEST

static size_t count_open_files(void)
{
    return temporary_directory_list("/proc/self/fd", false, NULL);
}

START_TEST(members_share_one_open_file)
{
    enum { MEMBERS = 50 };
    size_t before = count_open_files();
    char path[PATH_SIZE * 2], name[PATH_SIZE];
    struct archive *made =
        archive_create(path, "all", archive_forms[_i].format, archive_forms[_i].filter, NULL);
    struct input *archive, *members[MEMBERS];
    struct member_list list;
    struct error error = {0};

    for (int i = 0; i < MEMBERS; i++) {
        (void)snprintf(name, sizeof name, "%d.csv", i);
        archive_add(made, name, BYTES(USERS));
    }
    archive_complete(made);
    archive = open_input(path);
    list = list_members(archive);
    for (int i = 0; i < MEMBERS; i++)
        members[i] = open_member(archive, &list.members[i]);
    member_list_free(&list);
    input_free(archive);
    ck_assert_uint_eq(count_open_files(), before + 1);
    for (int i = 0; i < MEMBERS; i++)
        input_keep_closed(members[i]);
    ck_assert_uint_eq(count_open_files(), before);
    ck_assert(input_rewind(members[MEMBERS - 1], &error));
    ck_assert_uint_eq(count_open_files(), before + 1);
    expect_contents("the last", members[MEMBERS - 1], BYTES(USERS));
    input_end(members[MEMBERS - 1]);
    ck_assert_uint_eq(count_open_files(), before);
    for (int i = 0; i < MEMBERS; i++)
        input_free(members[i]);
}
END_TEST

/* How the archive of a member changes between two readings. */
static void write_other(const char *path)
{
    char made[PATH_SIZE * 2];

    write_form(made, "other", TAR_USTAR);
    ck_assert_int_eq(rename(made, path), 0);
}

static void cut_it(const char *path)
{
    ck_assert_int_eq(truncate(path, 100), 0);
}

static void (*const changes[])(const char *path) = {set_modified, write_other, cut_it};

START_TEST(notices_that_the_archive_changes)
{
    char path[PATH_SIZE * 2];
    struct input *archive, *member;
    struct member_list list;
    struct error error = {0};

    write_form(path, "all", ZIP_DEFLATED);
    archive = open_input(path);
    list = list_members(archive);
    member = open_member(archive, &list.members[0]);
    input_keep_closed(member);
    input_keep_closed(archive);
    changes[_i](path);
    ck_assert(!input_rewind(member, &error));
    expect_change(&error, path);
    input_free(member);
    error = (struct error){0};
    ck_assert(!input_open_member(archive, &list.members[1], &member, &error));
    expect_change(&error, path);
    member_list_free(&list);
    error = (struct error){0};
    ck_assert(!input_list_members(archive, &list, &error));
    expect_change(&error, path);
    member_list_free(&list);
    input_free(archive);
}
END_TEST

/* The SHA-256 of a member is that of its bytes, whatever packs them: of the file that is unpacked.
 */
START_TEST(takes_the_fingerprint_of_what_is_unpacked)
{
    char path[PATH_SIZE * 2], plain[PATH_SIZE * 2], block[5];
    char text[FINGERPRINT_TEXT_SIZE], expected[FINGERPRINT_TEXT_SIZE];
    struct input *archive, *member, *file;
    struct member_list list;
    struct error error = {0};
    size_t length;

    make_file(plain, "plain.csv", BYTES(USERS));
    file = open_input(plain);
    ck_assert(input_start_fingerprint(file, &error) && input_finish_fingerprint(file, &error));
    ck_assert(input_fingerprint(file, expected));
    write_form(path, "all", _i);
    archive = open_input(path);
    list = list_members(archive);
    member = open_member(archive, &list.members[1]);
    ck_assert(input_start_fingerprint(member, &error));
    ck_assert(input_read(member, block, sizeof block, &length, &error));
    ck_assert(!input_fingerprint(member, text));
    ck_assert_msg(input_finish_fingerprint(member, &error), "%s", error.message);
    ck_assert(input_fingerprint(member, text));
    ck_assert_str_eq(text, expected);
    expect_contents("the rest", member, USERS + sizeof block, strlen(USERS) - sizeof block);
    input_free(member);
    member_list_free(&list);
    input_free(archive);
    input_free(file);
}
END_TEST

START_TEST(orders_members_by_their_place)
{
    char path[PATH_SIZE * 2];
    struct input *archive, *again, *orders, *users, *users_again;
    struct member_list list;

    write_form(path, "all", ZIP_DEFLATED);
    archive = open_input(path);
    again = open_input(path);
    list = list_members(archive);
    orders = open_member(archive, &list.members[0]);
    users = open_member(archive, &list.members[1]);
    users_again = open_member(again, &list.members[1]);
    ck_assert_int_eq(input_compare(archive, again), 0);
    ck_assert_int_eq(input_compare(users, users_again), 0);
    ck_assert_int_lt(input_compare(orders, users), 0);
    ck_assert_int_gt(input_compare(users, orders), 0);
    ck_assert_int_lt(input_compare(archive, orders), 0);
    ck_assert_int_gt(input_compare(orders, archive), 0);
    input_free(users_again);
    input_free(users);
    input_free(orders);
    member_list_free(&list);
    input_free(again);
    input_free(archive);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("input_members");
    TCase *tests = tcase_create("members");

    tcase_add_checked_fixture(tests, make_directory, drop_directory);
    tcase_add_loop_test(tests, reads_members_twice, 0, ARCHIVE_FORMS);
    tcase_add_loop_test(tests, reads_two_members_at_the_same_time, 0, ARCHIVE_FORMS);
    tcase_add_loop_test(tests, gives_names_as_they_are, 0, TAR_BZIP2);
    tcase_add_loop_test(tests, gives_long_names_whole, 0, 3);
    tcase_add_test(tests, tells_what_is_no_file);
    tcase_add_loop_test(tests, fills_the_holes_of_a_sparse_file, 0, 2);
    tcase_add_test(tests, reads_an_archive_without_a_member);
    tcase_add_loop_test(tests, reads_an_archive_from_a_pipe, 0, ARCHIVE_FORMS);
    tcase_add_loop_test(tests, members_share_one_open_file, 0, TAR_BZIP2);
    tcase_add_loop_test(tests, notices_that_the_archive_changes, 0, TABLE_ROWS(changes));
    tcase_add_loop_test(tests, takes_the_fingerprint_of_what_is_unpacked, 0, ARCHIVE_FORMS);
    tcase_add_test(tests, orders_members_by_their_place);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
