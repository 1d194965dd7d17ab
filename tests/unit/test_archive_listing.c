#include "plan/archive_listing.h"

#include "suite.h"
#include "written_archive.h"

#include <string.h>

enum { MEMBERS_IN_CASE_MAX = 5 };

static struct archive_listing listing;
static struct error error;

/* An archive of members with these names; those that end with "/" are directories, those that end
 * with "@" links. */
static struct input *open_archive(char path[PATH_SIZE * 2], const char *const *names)
{
    struct archive *archive = archive_create(path, "a.tar", "pax", ARCHIVE_FILTER_NONE, NULL);

    for (size_t i = 0; i < MEMBERS_IN_CASE_MAX && names[i] != NULL; i++) {
        struct archive_entry *entry = archive_file_entry(names[i], 0);

        if (names[i][strlen(names[i]) - 1] == '/')
            archive_entry_set_filetype(entry, AE_IFDIR);
        if (names[i][strlen(names[i]) - 1] == '@')
            archive_entry_set_symlink(entry, "users.csv");
        if (names[i][strlen(names[i]) - 1] == '@')
            archive_entry_set_filetype(entry, AE_IFLNK);
        archive_add_header(archive, entry);
    }
    archive_complete(archive);
    listing = (struct archive_listing){.entries = {0}};
    error = (struct error){0};
    return open_input(path);
}

/* The entries are these, joined by blanks; `!` stands before those that are left out. */
static void expect_entries(const char *expected)
{
    const struct archive_entry *entries = listing.entries.items;
    char names[1024] = "";
    size_t used = 0;

    for (size_t i = 0; i < listing.entries.count; i++)
        used += (size_t)snprintf(names + used, sizeof names - used, "%s%s%s", i == 0 ? "" : " ",
                                 entries[i].left_out != NULL ? "!" : "", entries[i].name);
    ck_assert_str_eq(names, expected);
}

static const struct {
    const char *names[MEMBERS_IN_CASE_MAX];
    bool by_name;
    const char *entries; /* NULL: an error */
    const char *message; /* behind the path */
} cases[] = {
    {{"b.csv", "a.csv"}, false, "b.csv a.csv", NULL},
    {{"b.csv", "README", "c.csv.gz"}, false, "b.csv README c.csv.gz", NULL},
    {{"b.csv", "README", "d/c.csv"}, true, "b.csv !README d/c.csv", NULL},
    {{"d/", "d/a.csv", "d/e/"}, false, "d/a.csv", NULL},
    {{"./", "./a.csv", ".//./d/b.csv", "./.c.csv"}, false, "a.csv d/b.csv", NULL},
    {{".a.csv", "d/.a.csv", ".d/a.csv", "__MACOSX/a.csv", "a.csv"}, false, "a.csv", NULL},
    {{"d/__MACOSX/._a.csv", "__MACOSX", "MACOSX/a"}, false, "__MACOSX MACOSX/a", NULL},
    {{"a..csv", "..."}, false, "a..csv", NULL},
    {{"a.csv", "../b.csv"}, true, NULL, ":../b.csv: its name leads out of the archive"},
    {{"a/../b.csv"}, false, NULL, ":a/../b.csv: its name leads out of the archive"},
    {{"./../b.csv"}, false, NULL, ":../b.csv: its name leads out of the archive"},
    {{"/etc/passwd"}, true, NULL, ":/etc/passwd: its name leads out of the archive"},
    {{"a.csv", "b@"}, false, NULL, ":b@: no file, but a link or a device"},
    {{"a.csv", ".b@"}, false, "a.csv", NULL},
    {{"a.csv", "b.csv", "a.csv"}, false, NULL, ":a.csv: two members of the archive have this name"},
    {{"a.csv", "./a.csv"}, false, NULL, ":a.csv: two members of the archive have this name"},
    {{"a.csv", "d/a.csv", "A.csv"}, false, "a.csv d/a.csv A.csv", NULL},
    {{"d/", ".hidden"}, true, NULL, ": the tar archive has no file"},
};

START_TEST(chooses_members)
{
    char path[PATH_SIZE * 2];
    struct input *archive = open_archive(path, cases[_i].names);
    bool listed = archive_listing_read(archive, path, cases[_i].by_name, &listing, &error);

    ck_assert_msg(listed == (cases[_i].entries != NULL), "%s", error.message);
    ck_assert_int_eq(error.kind, listed ? ERROR_NONE : ERROR_DATA);
    if (listed) {
        expect_entries(cases[_i].entries);
    } else {
        ck_assert_mem_eq(error.message, path, strlen(path));
        ck_assert_str_eq(error.message + strlen(path), cases[_i].message);
    }
    archive_listing_free(&listing);
    input_free(archive);
}
END_TEST

START_TEST(finds_a_member)
{
    static const char *const names[MEMBERS_IN_CASE_MAX] = {"./a.csv", "../b.csv", "d/.c.csv",
                                                           "a:b.csv", "a:b.csv"};
    char path[PATH_SIZE * 2];
    struct input *archive = open_archive(path, names);

    ck_assert(archive_listing_find(archive, path, "a.csv", &listing, &error));
    expect_entries("a.csv");
    archive_listing_free(&listing);
    ck_assert(archive_listing_find(archive, path, "./a.csv", &listing, &error));
    expect_entries("a.csv");
    archive_listing_free(&listing);
    ck_assert(archive_listing_find(archive, path, "d/.c.csv", &listing, &error));
    archive_listing_free(&listing);
    ck_assert(!archive_listing_find(archive, path, "b.csv", &listing, &error));
    ck_assert_int_eq(error.kind, ERROR_FILE);
    ck_assert_ptr_nonnull(strstr(error.message, "/a.tar has no member b.csv"));
    ck_assert_str_eq(error.hint, "It has a.csv, a:b.csv, a:b.csv.");
    archive_listing_free(&listing);
    error = (struct error){0};
    ck_assert(!archive_listing_find(archive, path, "../b.csv", &listing, &error));
    ck_assert_int_eq(error.kind, ERROR_DATA);
    archive_listing_free(&listing);
    error = (struct error){0};
    ck_assert(!archive_listing_find(archive, path, "a:b.csv", &listing, &error));
    ck_assert_ptr_nonnull(strstr(error.message, "two members"));
    archive_listing_free(&listing);
    input_free(archive);
}
END_TEST

START_TEST(knows_an_argument_that_names_a_member)
{
    ck_assert_int_eq(chdir(directory), 0);
    put("a", O_CREAT, "", 0);
    put("a:b", O_CREAT, "", 0);
    put("c:d", O_CREAT, "", 0);
    ck_assert_uint_eq(archive_listing_path_length("a"), 0);
    ck_assert_uint_eq(archive_listing_path_length("a:b"), 0);
    ck_assert_uint_eq(archive_listing_path_length("a:c"), 1);
    ck_assert_uint_eq(archive_listing_path_length("./a:c/d.csv"), 3);
    ck_assert_uint_eq(archive_listing_path_length("a:c:d"), 1);
    ck_assert_uint_eq(archive_listing_path_length("c:d:e"), 3);
    ck_assert_uint_eq(archive_listing_path_length("a:"), 0);
    ck_assert_uint_eq(archive_listing_path_length(":a"), 0);
    ck_assert_uint_eq(archive_listing_path_length("x:a"), 0);
    ck_assert_uint_eq(archive_listing_path_length(".:a"), 0);
    ck_assert_uint_eq(archive_listing_path_length("-:a"), 0);
    ck_assert_uint_eq(archive_listing_path_length(""), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("archive_listing");
    TCase *tests = tcase_create("archive_listing");

    tcase_add_checked_fixture(tests, make_directory, drop_directory);
    tcase_add_loop_test(tests, chooses_members, 0, TABLE_ROWS(cases));
    tcase_add_test(tests, finds_a_member);
    tcase_add_test(tests, knows_an_argument_that_names_a_member);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
