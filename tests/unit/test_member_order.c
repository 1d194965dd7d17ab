/*
 * What reading the members of an archive one after another gives, and costs.
 */
#include "suite.h"
#include "written_archive.h"

#include <stdint.h>
#include <stdio.h>

/* Both are longer than what is read at first, to see what a member is. */
enum { MEMBERS = 4, MEMBER_SIZE = 20000, PART_SIZE = 9000 };

static char contents[MEMBERS][MEMBER_SIZE];

static void write_members(char path[PATH_SIZE * 2], int form)
{
    struct archive *made = archive_create(path, "all", archive_forms[form].format,
                                          archive_forms[form].filter, archive_forms[form].options);
    char name[PATH_SIZE];
    uint32_t random = 1;

    for (int i = 0; i < MEMBERS; i++) {
        for (size_t k = 0; k < MEMBER_SIZE; k++) {
            random = random * 1664525 + 1013904223;
            contents[i][k] = (char)('0' + (random >> 24) % 10);
        }
        (void)snprintf(name, sizeof name, "%d.csv", i);
        archive_add(made, name, contents[i], MEMBER_SIZE);
    }
    archive_complete(made);
}

static void read_part(struct input *member, int number)
{
    struct error error = {0};
    char *part = malloc(PART_SIZE);
    size_t length = 0, got = 1;

    ck_assert_ptr_nonnull(part);
    for (; length < PART_SIZE && got > 0; length += got)
        ck_assert_msg(input_read(member, part + length, PART_SIZE - length, &got, &error), "%s",
                      error.message);
    ck_assert_uint_eq(length, PART_SIZE);
    ck_assert_mem_eq(part, contents[number], PART_SIZE);
    free(part);
    ck_assert_uint_eq(input_position(member), PART_SIZE);
}

static void rewind_member(struct input *member)
{
    struct error error = {0};

    ck_assert_msg(input_rewind(member, &error), "%s", error.message);
    ck_assert_uint_eq(input_position(member), 0);
}

/* One reading, whole or of the first part. */
static void read_member(struct input *member, int number, bool whole)
{
    rewind_member(member);
    if (whole)
        expect_contents("whole", member, contents[number], MEMBER_SIZE);
    else
        read_part(member, number);
    input_end(member);
}

/* Orders of reading: numbers of members; upper case reads all of it. */
static const char *const orders[] = {"ABCD", "abcd", "aBcDabcD", "aCbD", "dcba", "aaBB", "DaDb"};

START_TEST(gives_the_same_in_any_order)
{
    char path[PATH_SIZE * 2];
    struct input *archive, *members[MEMBERS];
    struct member_list list;

    write_members(path, _i);
    archive = open_input(path);
    list = list_members(archive);
    for (int i = 0; i < MEMBERS; i++)
        members[i] = open_member(archive, &list.members[i]);
    member_list_free(&list);
    input_free(archive);
    for (size_t i = 0; i < sizeof orders / sizeof orders[0]; i++) {
        for (const char *member = orders[i]; *member != '\0'; member++) {
            int number = (*member | 0x20) - 'a';

            /* All kinds of them: the hint may be wrong, what is read may not. */
            input_follow(members[number], i % 3 == 2 ? NULL : members[MEMBERS - 1]);
            read_member(members[number], number, (*member & 0x20) == 0);
        }
    }
    /* Again in the midst of a reading. */
    rewind_member(members[1]);
    read_part(members[1], 1);
    rewind_member(members[1]);
    read_part(members[1], 1);
    for (int i = 0; i < MEMBERS; i++)
        input_free(members[i]);
}
END_TEST

/* What was read to see what a member is comes once more, and once only. */
START_TEST(begins_anew_after_the_first_bytes)
{
    char path[PATH_SIZE * 2], some[100];
    struct input *archive, *member;
    struct member_list list;
    struct error error = {0};
    size_t length;

    write_members(path, _i);
    archive = open_input(path);
    list = list_members(archive);
    member = open_member(archive, &list.members[1]);
    ck_assert(input_read(member, some, sizeof some, &length, &error));
    ck_assert_mem_eq(some, contents[1], length);
    rewind_member(member);
    expect_contents("behind the first bytes", member, contents[1], MEMBER_SIZE);
    rewind_member(member);
    expect_contents("behind all", member, contents[1], MEMBER_SIZE);
    input_free(member);
    member_list_free(&list);
    input_free(archive);
}
END_TEST

/* A member that is damaged is no reason against the one behind it. Its name is told, though its
 * reading was begun for the one before. */
START_TEST(reads_on_behind_a_damaged_member)
{
    enum { DAMAGE_AT = 4500, DAMAGE_SIZE = 500 };
    char path[PATH_SIZE * 2], block[1000];
    struct input *archive, *members[MEMBERS];
    struct member_list list;
    struct error error = {0};
    struct file_bytes file;
    size_t length = 1;
    char *place;

    write_members(path, ZIP_DEFLATED);
    file = read_file(path);
    place = memmem(file.bytes, file.length, BYTES("1.csv"));
    ck_assert_ptr_nonnull(place);
    memset(place + DAMAGE_AT, 0xff, DAMAGE_SIZE);
    put(path, O_TRUNC, file.bytes, file.length);
    free(file.bytes);
    archive = open_input(path);
    list = list_members(archive);
    for (int i = 0; i < MEMBERS; i++) {
        members[i] = open_member(archive, &list.members[i]);
        input_end(members[i]);
    }
    member_list_free(&list);
    input_free(archive);
    read_member(members[0], 0, true);
    input_free(members[0]);
    rewind_member(members[1]);
    while (length > 0 && input_read(members[1], block, sizeof block, &length, &error))
        continue;
    ck_assert_int_eq(error.kind, ERROR_FILE);
    ck_assert_ptr_nonnull(strstr(error.message, ":1.csv: damaged zip data"));
    input_end(members[1]);
    read_member(members[2], 2, true);
    for (int i = 1; i < MEMBERS; i++)
        input_free(members[i]);
}
END_TEST

/* Changes the names of both members where they stand, and no time of the file's. */
static void rename_members(const char *path)
{
    int descriptor = open(path, O_RDWR | O_CLOEXEC);
    struct file_bytes file = read_file(path);
    struct stat status;
    char *place;

    ck_assert_int_ge(descriptor, 0);
    ck_assert_int_eq(fstat(descriptor, &status), 0);
    for (size_t i = 0; i < 2; i++) {
        place = memmem(file.bytes, file.length, BYTES("users.csv"));
        ck_assert_ptr_nonnull(place);
        place[0] = 'v';
        ck_assert_int_eq(pwrite(descriptor, file.bytes, file.length, 0), (ssize_t)file.length);
    }
    ck_assert_int_eq(futimens(descriptor, (struct timespec[]){status.st_atim, status.st_mtim}), 0);
    ck_assert_int_eq(close(descriptor), 0);
    free(file.bytes);
}

/* Another member stands in its place: some copy programs keep times. */
START_TEST(knows_a_member_by_its_name)
{
    char path[PATH_SIZE * 2];
    struct input *archive, *member = NULL;
    struct member_list list;
    struct error error = {0};

    write_two_members(path, "all", "zip", ARCHIVE_FILTER_NONE, "zip:compression=store");
    archive = open_input(path);
    list = list_members(archive);
    rename_members(path);
    ck_assert(!input_open_member(archive, &list.members[1], &member, &error));
    ck_assert_int_eq(error.kind, ERROR_FILE);
    ck_assert_ptr_nonnull(strstr(error.message, ":users.csv: the archive has changed"));
    member_list_free(&list);
    input_free(archive);
}
END_TEST

/* How many bytes this process has read; 0: this system does not tell. */
static uint64_t bytes_read(void)
{
    static const char name[] = "rchar: ";
    FILE *stream = fopen("/proc/self/io", "re");
    char line[100];
    uint64_t bytes = 0;

    if (stream == NULL)
        return 0;
    if (fgets(line, sizeof line, stream) != NULL && strncmp(line, name, strlen(name)) == 0)
        bytes = strtoull(line + strlen(name), NULL, 10);
    ck_assert_int_eq(fclose(stream), 0);
    return bytes;
}

/* A zip's directory is not read for each of its members, nor is a compressed tar decompressed up to
 * each. */
START_TEST(reads_an_archive_once_for_all_members)
{
    enum { MANY = 400, EACH = 2500 };
    static struct input *members[MANY];
    struct archive *made;
    struct input *archive;
    struct member_list list;
    char path[PATH_SIZE * 2], name[PATH_SIZE];
    uint64_t before;

    made = archive_create(path, "all", archive_forms[_i].format, archive_forms[_i].filter, NULL);
    for (int i = 0; i < MANY; i++) {
        (void)snprintf(name, sizeof name, "of_a_long_name_that_fills_the_directory_%d.csv", i);
        archive_add(made, name, BYTES(USERS));
    }
    archive_complete(made);
    archive = open_input(path);
    list = list_members(archive);
    before = bytes_read();
    for (int i = 0; i < MANY; i++) {
        members[i] = open_member(archive, &list.members[i]);
        input_end(members[i]);
    }
    member_list_free(&list);
    input_free(archive);
    for (int i = 0; i < MANY; i++) {
        input_follow(members[i], i + 1 < MANY ? members[i + 1] : NULL);
        rewind_member(members[i]);
        expect_contents("of many", members[i], BYTES(USERS));
        input_end(members[i]);
    }
    if (before > 0)
        ck_assert_uint_lt(bytes_read() - before, MANY * EACH);
    for (int i = 0; i < MANY; i++)
        input_free(members[i]);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("member_order");
    TCase *tests = tcase_create("order");

    tcase_add_checked_fixture(tests, make_directory, drop_directory);
    tcase_add_loop_test(tests, gives_the_same_in_any_order, 0, ARCHIVE_FORMS);
    tcase_add_loop_test(tests, begins_anew_after_the_first_bytes, 0, ARCHIVE_FORMS);
    tcase_add_test(tests, reads_on_behind_a_damaged_member);
    tcase_add_test(tests, knows_a_member_by_its_name);
    tcase_add_loop_test(tests, reads_an_archive_once_for_all_members, 0, ARCHIVE_FORMS);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
