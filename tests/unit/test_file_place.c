#include "base/file_place.h"
#include "suite.h"
#include "temporary_directory.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* Each test works in an empty directory of its own, which has `file`, the links `link`, `dangling`
 * and `loop`, the hard link `hard` and the folder `in` with a link back. */
static char directory[PATH_SIZE];

static void make_directory(void)
{
    temporary_directory_make(directory);
    ck_assert_int_eq(chdir(directory), 0);
    ck_assert_int_eq(close(open("file", O_WRONLY | O_CREAT, 0600)), 0);
    ck_assert_int_eq(mkdir("in", 0700), 0);
    ck_assert_int_eq(mkfifo("pipe", 0600), 0);
    ck_assert_int_eq(link("file", "hard"), 0);
    ck_assert_int_eq(symlink("file", "link"), 0);
    ck_assert_int_eq(symlink("in/none", "dangling"), 0);
    ck_assert_int_eq(symlink("loop", "loop"), 0);
    ck_assert_int_eq(symlink("../dangling", "in/back"), 0);
}

static void drop_directory(void)
{
    ck_assert_int_eq(unlink("in/back"), 0);
    ck_assert_int_eq(rmdir("in"), 0);
    ck_assert_int_eq(chdir("/"), 0);
    temporary_directory_drop(directory);
}

static const struct {
    const char *one, *other;
    bool same;
} pairs[] = {
    {"file", "./in/../file", true},
    {"file", "link", true},
    {"file", "hard", true},
    {"in", "in/", true},
    {"pipe", "./pipe", true},
    {"file", "none", false},
    {"file", "in", false},
    {"none", "./none", true},
    {"none", "in/none", false},
    {"in/none", "dangling", true},
    {"in/none", "in/back", true},
    {"none/a", "./none//a", true},
    {"none/a", "none/b", false},
    {"none", "none/", true},
    {"loop", "none", false},
    /* They keep nothing. */
    {"/dev/null", "/dev/null", false},
};

START_TEST(compares)
{
    struct file_place one, other;
    struct error error = {0};

    ck_assert(file_place_find(pairs[_i].one, &one, &error));
    ck_assert(file_place_find(pairs[_i].other, &other, &error));
    ck_assert_int_eq(file_place_is(&one, &other), pairs[_i].same);
    ck_assert_int_eq(file_place_is(&other, &one), pairs[_i].same);
    file_place_free(&one);
    file_place_free(&other);
}
END_TEST

START_TEST(compares_with_what_is_open)
{
    struct file_place one, other;
    struct error error = {0};
    int descriptor = open("hard", O_RDONLY);

    ck_assert(file_place_find("link", &one, &error));
    other = file_place_of_descriptor(descriptor);
    ck_assert(file_place_is(&one, &other));
    ck_assert_int_eq(close(descriptor), 0);
    other = file_place_of_descriptor(descriptor);
    ck_assert(!file_place_is(&one, &other));
    ck_assert(!file_place_is(&other, &other));
    file_place_free(&one);
}
END_TEST

START_TEST(tells_where_a_path_leads)
{
    char expected[PATH_SIZE + 16];
    char *path = file_place_path("in/back");

    (void)snprintf(expected, sizeof expected, "%s/in/none", directory);
    ck_assert_str_eq(path, expected);
    free(path);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("file_place");
    TCase *tests = tcase_create("file_place");

    tcase_add_checked_fixture(tests, make_directory, drop_directory);
    tcase_add_loop_test(tests, compares, 0, TABLE_ROWS(pairs));
    tcase_add_test(tests, compares_with_what_is_open);
    tcase_add_test(tests, tells_where_a_path_leads);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
