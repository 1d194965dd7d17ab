#include "plan/file_list.h"

#include "base/interrupt.h"
#include "suite.h"
#include "written_archive.h"

#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

static struct file_list list;
static struct error error;
static char *logged;

/* Each test works in a directory of its own. */
static void make(void)
{
    make_directory();
    ck_assert_int_eq(chdir(directory), 0);
    ck_assert_int_eq(mkdir("in", 0700), 0);
}

static void drop(void)
{
    temporary_directory_drop("in");
    drop_directory();
}

static void put_text(const char *name, const char *text)
{
    FILE *stream = fopen(name, "w");

    ck_assert_ptr_nonnull(stream);
    ck_assert_int_ge(fputs(text, stream), 0);
    ck_assert_int_eq(fclose(stream), 0);
}

/* Sets the list, the error and what is logged; to be closed. */
static bool open_list(const char *const *paths, size_t count, bool may_be_empty)
{
    size_t size;
    struct log log = {.stream = open_memstream(&logged, &size), .level = LOG_NORMAL};
    bool opened;

    list = (struct file_list){.files = {0}};
    error = (struct error){0};
    ck_assert_ptr_nonnull(log.stream);
    opened = file_list_open(&(struct file_list_request){.paths = paths,
                                                        .path_count = count,
                                                        .may_be_empty = may_be_empty},
                            &log, &list, &error);
    ck_assert_int_eq(fclose(log.stream), 0);
    ck_assert_int_eq(opened, error.kind == ERROR_NONE);
    return opened;
}

static void close_list(void)
{
    file_list_free(&list);
    free(logged);
    ck_assert_uint_eq(list.files.count, 0);
    ck_assert_ptr_null(list.empty_directory);
}

/* The list is these files, joined by blanks; `!` stands before one that is no source. */
static void expect_files(const char *expected)
{
    const struct listed_file *files = list.files.items;
    char names[1024] = "";
    size_t used = 0;

    for (size_t i = 0; i < list.files.count; i++) {
        used += (size_t)snprintf(names + used, sizeof names - used, "%s%s%s", i == 0 ? "" : " ",
                                 files[i].source == NULL ? "!" : "", files[i].name);
        if (files[i].source != NULL)
            ck_assert_ptr_eq(files[i].source->path, files[i].name);
    }
    ck_assert_str_eq(names, expected);
}

START_TEST(takes_the_csv_files_of_a_directory)
{
    static const char *const paths[] = {"z.csv", "in//", "a.csv"};

    put_text("z.csv", "aisle_id,aisle\n");
    put_text("a.csv", "aisle_id,aisle\n");
    put_text("in/b.csv", "aisle_id,aisle\n");
    put_text("in/B.CSV", "department_id,department\n");
    put_text("in/.b.csv", "hidden");
    put_text("in/ids.csv.timele-load-aB3xY9", "temporary");
    put_text("in/b.csv.part", "aisle_id,aisle\n");
    put_text("in/c.csv", "name,phone\n");
    ck_assert_int_eq(mkfifo("in/d.csv", 0600), 0);
    ck_assert_int_eq(symlink("/tmp", "in/e.csv"), 0);
    ck_assert_msg(open_list(paths, 3, false), "%s", error.message);
    expect_files("z.csv in/B.CSV in/b.csv a.csv");
    ck_assert_str_eq(logged,
                     "timele-load: in/b.csv.part is left out: its name is not that of a CSV file\n"
                     "timele-load: in/c.csv is left out: no dataset has its header\n"
                     "timele-load: in/d.csv is left out: it is no regular file\n");
    ck_assert_str_eq(((struct listed_file *)list.files.items)[1].source->file_name, "B.CSV");
    close_list();
}
END_TEST

/* A file that is named is never left out. */
START_TEST(refuses_what_is_named)
{
    static const char *const paths[] = {"c.csv", "none.csv", "in"};

    put_text("c.csv", "name,phone\n");
    put_text("in/a.csv", "");
    ck_assert(!open_list(paths, 3, false));
    ck_assert_int_eq(error.kind, ERROR_DATA);
    ck_assert_ptr_nonnull(strstr(error.message, "c.csv:1: "));
    ck_assert_ptr_nonnull(strstr(logged, "cannot open none.csv: No such file"));
    ck_assert_ptr_nonnull(strstr(logged, "in/a.csv: empty file"));
    expect_files("!c.csv !none.csv !in/a.csv");
    close_list();
}
END_TEST

/* What may be meant for this program is an error in a directory, too: nobody reads notes at
 * night. */
static const struct {
    const char *text;
    bool left_out;
} contents[] = {
    {"name,phone\n1,2\n", true},
    {"file,line,column,code,reason,key\n", true},
    {"hello\n", true},
    {"aisle id,shelf\n", true},
    {"aisle id,Aisle\n", false},
    {"Order ID,User ID,x\n", false},
    {"aisle_id,shelf\n", false},
    {"status,x\n", true},
    {"order_id,products\n", true},
    {"city,country\n", true},
    {"order_id,status,x\n", false},
    {"user_id,mail\n", false},
    {"name;phone\n", false},
    {"name\tphone\n", false},
    {"1,2\n", false},
    {"ada@example.org,x\n", false},
    {",,\n", false},
    {"\"\"\n", false},
    {"", false},
    {"a,\xff\n", false},
    {"<!DOCTYPE html>\n", false},
};

START_TEST(leaves_out_what_is_of_something_else)
{
    static const char *const paths[] = {"in"};

    put_text("in/a.csv", contents[_i].text);
    ck_assert_msg(open_list(paths, 1, true) == contents[_i].left_out, "%s", logged);
    ck_assert_msg((list.files.count == 0) == contents[_i].left_out, "%s", error.message);
    ck_assert_int_eq(strstr(logged, "in/a.csv is left out: ") != NULL, contents[_i].left_out);
    ck_assert(contents[_i].left_out || error.kind == ERROR_DATA);
    close_list();
}
END_TEST

/* It would be missed, and with -q nobody would be told. */
START_TEST(leaves_out_nothing_that_is_called_like_a_table)
{
    static const char *const names[] = {"orders.csv", "Users.CSV.gz", "order_items.csv",
                                        "orders_2024-05.csv"};
    static const char *const paths[] = {"in"};
    char path[64];

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        (void)snprintf(path, sizeof path, "in/%s", names[i]);
        put_text(path, "id,customer\n1,2\n");
        ck_assert(!open_list(paths, 1, true));
        ck_assert_int_eq(error.kind, ERROR_DATA);
        ck_assert_ptr_nonnull(strstr(error.message, names[i]));
        close_list();
        ck_assert_int_eq(unlink(path), 0);
    }
    put_text("in/reorders.csv", "id,customer\n1,2\n");
    ck_assert(open_list(paths, 1, true));
    ck_assert_uint_eq(list.files.count, 0);
    close_list();
}
END_TEST

START_TEST(refuses_an_empty_directory_unless_it_may_be)
{
    static const char *const paths[] = {"in/", "a.csv"};

    put_text("a.csv", "aisle_id,aisle\n");
    put_text("in/README", "");
    ck_assert(!open_list(paths, 2, false));
    ck_assert_int_eq(error.kind, ERROR_USAGE);
    ck_assert_str_eq(error.message, "no file to load in the directory in/");
    close_list();
    ck_assert(open_list(paths, 2, true));
    expect_files("a.csv");
    ck_assert_str_eq(list.empty_directory, "in/");
    close_list();
    ck_assert(open_list(paths, 0, false));
    expect_files("");
    ck_assert_ptr_null(list.empty_directory);
    close_list();
}
END_TEST

START_TEST(names_some_of_many_that_are_left_out)
{
    static const char *const paths[] = {"in"};
    char name[32];

    for (int i = 0; i < 23; i++) {
        (void)snprintf(name, sizeof name, "in/%02d.txt", i);
        put_text(name, "");
    }
    ck_assert(open_list(paths, 1, true));
    ck_assert_ptr_nonnull(strstr(logged, "in/19.txt is left out"));
    ck_assert_ptr_null(strstr(logged, "in/20.txt"));
    ck_assert_ptr_nonnull(strstr(logged, "timele-load: in: 3 more files are left out\n"));
    close_list();
}
END_TEST

START_TEST(refuses_a_file_that_is_there_twice)
{
    static const char *const paths[] = {"in/a.csv", "in"};

    put_text("in/a.csv", "aisle_id,aisle\n");
    ck_assert(!open_list(paths, 2, false));
    ck_assert_int_eq(error.kind, ERROR_USAGE);
    ck_assert_str_eq(error.message, "in/a.csv is there twice");
    close_list();
    ck_assert_int_eq(symlink("a.csv", "in/b.csv"), 0);
    ck_assert(!open_list(paths + 1, 1, false));
    ck_assert_str_eq(error.message, "in/a.csv and in/b.csv are the same file");
    close_list();
}
END_TEST

/* A link that leads nowhere may have been meant for a file of this run. */
START_TEST(refuses_what_cannot_be_opened)
{
    static const char *const paths[] = {"in"};

    ck_assert_int_eq(symlink("nowhere", "in/x.csv"), 0);
    ck_assert(!open_list(paths, 1, true));
    ck_assert_int_eq(error.kind, ERROR_FILE);
    ck_assert_str_eq(error.message, "cannot open in/x.csv: No such file or directory");
    ck_assert_ptr_null(list.empty_directory);
    close_list();
}
END_TEST

START_TEST(opens_more_files_than_may_be_open)
{
    enum { COUNT = 400 };
    static const char *const paths[] = {"in"};
    const struct rlimit limit = {.rlim_cur = 100, .rlim_max = 100};
    char name[32];

    for (int i = 0; i < COUNT; i++) {
        (void)snprintf(name, sizeof name, "in/%03d.csv", i);
        put_text(name, "aisle_id,aisle\n");
    }
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
    ck_assert_msg(open_list(paths, 1, false), "%s", error.message);
    ck_assert_uint_eq(list.files.count, COUNT);
    close_list();
}
END_TEST

/* Writes a tar archive in the working directory. */
static void put_archive(const char *path, const char *const (*members)[2], size_t count)
{
    struct archive *archive = archive_write_new();

    ck_assert_ptr_nonnull(archive);
    MUST(archive, archive_write_set_format_by_name(archive, "pax"));
    MUST(archive, archive_write_open_filename(archive, path));
    for (size_t i = 0; i < count; i++)
        archive_add(archive, members[i][0], members[i][1], strlen(members[i][1]));
    archive_complete(archive);
}

static const char *const members[][2] = {
    {"./d/b.csv", "aisle_id,aisle\n"},
    {"a.csv", "department_id,department\n"},
    {"notes.txt", "hello\n"},
    {"c.csv", "name,phone\n"},
};

START_TEST(takes_the_members_of_archives)
{
    static const char *const paths[] = {"x.csv", "in", "all"};

    put_text("x.csv", "aisle_id,aisle\n");
    put_archive("in/all.tar", members, 4);
    put_archive("all", members, 2);
    ck_assert_msg(open_list(paths, 3, false), "%s", error.message);
    expect_files("x.csv in/all.tar:d/b.csv in/all.tar:a.csv all:d/b.csv all:a.csv");
    ck_assert_str_eq(
        logged,
        "timele-load: in/all.tar:notes.txt is left out: its name is not that of a CSV file\n"
        "timele-load: in/all.tar:c.csv is left out: no dataset has its header\n");
    ck_assert_str_eq(((struct listed_file *)list.files.items)[1].source->file_name, "b.csv");
    ck_assert_str_eq(((struct listed_file *)list.files.items)[4].source->file_name, "a.csv");
    close_list();
}
END_TEST

START_TEST(refuses_what_is_not_ours_in_a_named_archive)
{
    static const char *const paths[] = {"all", "all:none.csv", "x.csv:2", "all:a.csv", "all:a.csv"};

    put_text("x.csv", "aisle_id,aisle\n");
    put_archive("all", members, 4);
    ck_assert(!open_list(paths, 1, false));
    ck_assert_ptr_nonnull(strstr(error.message, "all:notes.txt:1: "));
    ck_assert_str_eq(error.hint, "Name the members that are to be loaded, each as all:NAME.");
    ck_assert_ptr_nonnull(strstr(logged, "all:c.csv:1: "));
    expect_files("all:d/b.csv all:a.csv !all:notes.txt !all:c.csv");
    close_list();
    ck_assert(!open_list(paths + 1, 4, false));
    ck_assert_int_eq(error.kind, ERROR_FILE);
    ck_assert_str_eq(error.message, "all has no member none.csv");
    ck_assert_ptr_nonnull(strstr(logged, "cannot open x.csv:2: No such file or directory"));
    ck_assert_ptr_nonnull(strstr(logged, "all:a.csv is there twice"));
    expect_files("!all:none.csv !x.csv:2 all:a.csv !all:a.csv");
    close_list();
}
END_TEST

/* Its members are nothing that could be read. */
START_TEST(refuses_an_archive_as_such)
{
    static const char *const twins[][2] = {{"a.csv", ""}, {"./a.csv", ""}};
    static const char *const hidden[][2] = {{".a.csv", ""}};
    static const char *const paths[] = {"in", "all"};

    put_archive("in/all.tar", twins, 2);
    put_archive("all", hidden, 1);
    ck_assert(!open_list(paths, 2, true));
    ck_assert_str_eq(error.message, "in/all.tar:a.csv: two members of the archive have this name");
    ck_assert_ptr_nonnull(strstr(logged, "all: the tar archive has no file"));
    expect_files("!in/all.tar !all");
    close_list();
}
END_TEST

START_TEST(ends_when_it_is_interrupted)
{
    static const char *const paths[] = {"in"};

    put_text("in/a.csv", "");
    put_text("in/b.csv", "aisle_id,aisle\n");
    error = (struct error){0};
    ck_assert(interrupt_install(&error));
    ck_assert_int_eq(raise(SIGTERM), 0);
    ck_assert(!open_list(paths, 1, false));
    ck_assert_int_eq(error.kind, ERROR_TERMINATED);
    expect_files("");
    close_list();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("file_list");
    TCase *tests = tcase_create("file_list");

    tcase_add_checked_fixture(tests, make, drop);
    tcase_add_test(tests, takes_the_csv_files_of_a_directory);
    tcase_add_test(tests, refuses_what_is_named);
    tcase_add_loop_test(tests, leaves_out_what_is_of_something_else, 0, TABLE_ROWS(contents));
    tcase_add_test(tests, leaves_out_nothing_that_is_called_like_a_table);
    tcase_add_test(tests, refuses_an_empty_directory_unless_it_may_be);
    tcase_add_test(tests, names_some_of_many_that_are_left_out);
    tcase_add_test(tests, refuses_a_file_that_is_there_twice);
    tcase_add_test(tests, refuses_what_cannot_be_opened);
    tcase_add_test(tests, opens_more_files_than_may_be_open);
    tcase_add_test(tests, takes_the_members_of_archives);
    tcase_add_test(tests, refuses_what_is_not_ours_in_a_named_archive);
    tcase_add_test(tests, refuses_an_archive_as_such);
    tcase_add_test(tests, ends_when_it_is_interrupted);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
