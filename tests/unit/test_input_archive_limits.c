/*
 * Archives that are too much: members, bytes, time.
 */
#include "base/interrupt.h"
#include "suite.h"
#include "written_archive.h"

#include <signal.h>
#include <sys/resource.h>

static const int forms[] = {ZIP_DEFLATED, TAR_USTAR, TAR_GZIP};

static void write_members(char path[PATH_SIZE * 2], int form, int count)
{
    struct archive *made =
        archive_create(path, "many", archive_forms[form].format, archive_forms[form].filter, NULL);
    char name[PATH_SIZE];

    for (int i = 0; i < count; i++) {
        (void)snprintf(name, sizeof name, "%d.csv", i);
        archive_add(made, name, BYTES(""));
    }
    archive_complete(made);
}

START_TEST(refuses_too_many_members)
{
    char path[PATH_SIZE * 2], message[PATH_SIZE * 4];
    struct input *archive;
    struct member_list list;
    struct error error = {0};

    write_members(path, forms[_i], MEMBERS_MAX);
    archive = open_input(path);
    list = list_members(archive);
    ck_assert_uint_eq(list.count, MEMBERS_MAX);
    member_list_free(&list);
    input_free(archive);
    ck_assert_int_eq(unlink(path), 0);
    write_members(path, forms[_i], MEMBERS_MAX + 1);
    archive = open_input(path);
    ck_assert(!input_list_members(archive, &list, &error));
    ck_assert_int_eq(error.kind, ERROR_DATA);
    (void)snprintf(message, sizeof message, "%s has more than 10000 members", path);
    ck_assert_str_eq(error.message, message);
    member_list_free(&list);
    input_free(archive);
}
END_TEST

enum { BLOCK = 1024 * 1024, BLOCKS = 128 };

/* A member of 128 MiB of line ends, and one behind it. */
static void write_bomb(char path[PATH_SIZE * 2], int form)
{
    static char block[BLOCK];
    struct archive *made =
        archive_create(path, "bomb", archive_forms[form].format, archive_forms[form].filter, NULL);

    memset(block, '\n', sizeof block);
    archive_add_header(made, archive_file_entry("bomb.csv", (size_t)BLOCK * BLOCKS));
    for (int i = 0; i < BLOCKS; i++)
        ck_assert_int_eq(archive_write_data(made, block, sizeof block), BLOCK);
    archive_add(made, "users.csv", BYTES(USERS));
    archive_complete(made);
}

static long peak_memory(void)
{
    struct rusage usage;

    ck_assert_int_eq(getrusage(RUSAGE_SELF, &usage), 0);
    return usage.ru_maxrss; /* in KiB */
}

/* However large a member is, it takes the same memory, and no space on disk. */
START_TEST(reads_a_bomb_in_little_memory)
{
    enum { ROOM = 16 * 1024 };
    static char block[BLOCK];
    const int bombs[] = {ZIP_DEFLATED, TAR_GZIP};
    char path[PATH_SIZE * 2];
    struct input *archive, *member;
    struct member_list list;
    struct error error = {0};
    uint64_t seen = 0;
    size_t length = 1;
    long before;

    write_bomb(path, bombs[_i]);
    before = peak_memory();
    archive = open_input(path);
    list = list_members(archive);
    member = open_member(archive, &list.members[0]);
    while (length > 0) {
        ck_assert_msg(input_read(member, block, sizeof block, &length, &error), "%s",
                      error.message);
        seen += length;
    }
    ck_assert_uint_eq(seen, (uint64_t)BLOCK * BLOCKS);
    ck_assert_uint_eq(input_size(member), seen);
    ck_assert_uint_eq(temporary_directory_list(directory, false, NULL), 1);
    ck_assert_int_lt(peak_memory() - before, ROOM);
    input_free(member);
    member = open_member(archive, &list.members[1]);
    expect_contents("behind it", member, BYTES(USERS));
    input_free(member);
    member_list_free(&list);
    input_free(archive);
}
END_TEST

/* A signal came: nothing is read to its end any more. */
START_TEST(ends_when_interrupted)
{
    char path[PATH_SIZE * 2];
    struct input *archive, *orders, *users = NULL;
    struct member_list list, other = {0};
    struct error error = {0};

    write_form(path, "all", _i);
    archive = open_input(path);
    list = list_members(archive);
    orders = open_member(archive, &list.members[0]);
    ck_assert(interrupt_install(&error));
    ck_assert_int_eq(raise(SIGTERM), 0);
    ck_assert(!input_list_members(archive, &other, &error));
    ck_assert_int_eq(error.kind, ERROR_TERMINATED);
    error = (struct error){0};
    ck_assert(!input_open_member(archive, &list.members[1], &users, &error));
    ck_assert_int_eq(error.kind, ERROR_TERMINATED);
    error = (struct error){0};
    input_end(orders);
    ck_assert(!input_rewind(orders, &error));
    ck_assert_int_eq(error.kind, ERROR_TERMINATED);
    input_free(orders);
    member_list_free(&other);
    member_list_free(&list);
    input_free(archive);
}
END_TEST

/* One that comes while a long tar is decompressed, at a moment of its own. */
START_TEST(ends_passing_over_a_long_member_when_interrupted)
{
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGTERM};
    const struct itimerspec delay = {.it_value = {.tv_nsec = 1000 * 1000}};
    char path[PATH_SIZE * 2];
    struct input *archive;
    struct member_list list = {0};
    struct error error = {0};
    timer_t timer;

    write_bomb(path, TAR_GZIP);
    archive = open_input(path);
    ck_assert(interrupt_install(&error));
    ck_assert_int_eq(timer_create(CLOCK_MONOTONIC, &event, &timer), 0);
    ck_assert_int_eq(timer_settime(timer, 0, &delay, NULL), 0);
    /* A machine that is fast enough may list it before. */
    while (input_list_members(archive, &list, &error))
        member_list_free(&list);
    ck_assert_int_eq(error.kind, ERROR_TERMINATED);
    member_list_free(&list);
    input_free(archive);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("input_archive_limits");
    TCase *tests = tcase_create("limits");

    tcase_add_checked_fixture(tests, make_directory, drop_directory);
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, refuses_too_many_members, 0, TABLE_ROWS(forms));
    tcase_add_loop_test(tests, reads_a_bomb_in_little_memory, 0, 2);
    tcase_add_loop_test(tests, ends_when_interrupted, 0, ARCHIVE_FORMS);
    tcase_add_test(tests, ends_passing_over_a_long_member_when_interrupted);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
