#include "suite.h"
#include "written_archive.h"

#include <pthread.h>

/* Files that no other thread reads at the same time: input_shares_reading. */
enum { READERS = 4, READINGS = 4, ROWS = 20000, ROW_SIZE = 16 };

static char rows[ROWS * ROW_SIZE];

static void make_rows(void)
{
    for (size_t i = 0; i < ROWS; i++) {
        char row[ROW_SIZE + 1];

        (void)snprintf(row, sizeof row, "%06zu,%08zx\n", i, i * 2654435761U % UINT32_MAX);
        memcpy(rows + i * ROW_SIZE, row, ROW_SIZE);
    }
}

struct reader {
    pthread_t thread;
    struct input *input;
    unsigned complete; /* readings that brought all rows; Check is for the main thread */
};

static bool brings_all_rows(struct input *input)
{
    char block[4099];
    struct error error = {0};
    size_t seen = 0, length;

    do {
        if (!input_read(input, block, sizeof block, &length, &error) ||
            seen + length > sizeof rows || memcmp(block, rows + seen, length) != 0)
            return false;
        seen += length;
    } while (length > 0);
    return seen == sizeof rows;
}

static void *read_often(void *context)
{
    struct reader *reader = context;

    for (int i = 0; i < READINGS; i++) {
        struct error error = {0};

        if (!input_rewind(reader->input, &error))
            return NULL;
        reader->complete += brings_all_rows(reader->input);
        input_end(reader->input);
    }
    return NULL;
}

/* The second member of an archive of its own. */
static struct input *make_member(char path[PATH_SIZE * 2], const char *name, int form)
{
    const struct archive_form *written = &archive_forms[form];
    struct archive *archive;
    struct input *opened, *member;
    struct member_list list;

    archive = archive_create(path, name, written->format, written->filter, written->options);
    archive_add(archive, "orders.csv", BYTES(ORDERS));
    archive_add(archive, "rows.csv", rows, sizeof rows);
    archive_complete(archive);
    opened = open_input(path);
    list = list_members(opened);
    member = open_member(opened, &list.members[1]);
    member_list_free(&list);
    input_free(opened);
    return member;
}

static void read_at_the_same_time(struct reader readers[READERS])
{
    for (int i = 0; i < READERS; i++)
        ck_assert_int_eq(pthread_create(&readers[i].thread, NULL, read_often, &readers[i]), 0);
    for (int i = 0; i < READERS; i++)
        ck_assert_int_eq(pthread_join(readers[i].thread, NULL), 0);
}

START_TEST(each_thread_reads_its_own_files)
{
    char one_path[PATH_SIZE * 2], other_path[PATH_SIZE * 2], plain_path[PATH_SIZE * 2];
    struct reader readers[READERS] = {{.complete = 0}};

    make_rows();
    make_file(plain_path, "plain.csv", rows, sizeof rows);
    readers[0].input = make_member(one_path, "one", _i);
    readers[1].input = make_member(other_path, "other", _i);
    readers[2].input = open_input(plain_path);
    readers[3].input = open_input(plain_path);
    input_keep_closed(readers[1].input);
    input_keep_closed(readers[3].input);
    read_at_the_same_time(readers);
    for (int i = 0; i < READERS; i++) {
        ck_assert_uint_eq(readers[i].complete, READINGS);
        input_free(readers[i].input);
    }
}
END_TEST

START_TEST(members_of_one_archive_share_their_readings)
{
    char path[PATH_SIZE * 2], other_path[PATH_SIZE * 2];
    struct input *archive, *orders, *users, *again, *users_again, *other;
    struct member_list list;

    write_form(path, "all", _i);
    make_file(other_path, "other.csv", BYTES(USERS));
    archive = open_input(path);
    again = open_input(path);
    other = open_input(other_path);
    list = list_members(archive);
    orders = open_member(archive, &list.members[0]);
    users = open_member(archive, &list.members[1]);
    users_again = open_member(again, &list.members[1]);
    ck_assert(input_shares_reading(users, users));
    ck_assert(input_shares_reading(users, orders));
    ck_assert(input_shares_reading(orders, users));
    ck_assert(input_shares_reading(archive, users));
    ck_assert(!input_shares_reading(users, other));
    ck_assert(!input_shares_reading(archive, again));
    ck_assert(!input_shares_reading(users, users_again));
    member_list_free(&list);
    input_free(archive);
    ck_assert(input_shares_reading(users, orders));
    input_free(again);
    input_free(other);
    input_free(orders);
    input_free(users);
    input_free(users_again);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("input threads");
    TCase *tests = tcase_create("threads");

    tcase_add_checked_fixture(tests, make_directory, drop_directory);
    tcase_add_loop_test(tests, members_of_one_archive_share_their_readings, 0, ARCHIVE_FORMS);
    tcase_add_loop_test(tests, each_thread_reads_its_own_files, 0, ARCHIVE_FORMS);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
