#include "check/reject_name.h"

#include "suite.h"
#include "temporary_directory.h"

#include <stdlib.h>

static const struct {
    const char *path;
    size_t attempt;
    const char *name;
} name_cases[] = {
    {"orders.csv", 1, "orders"},
    {"data/in/orders.csv", 1, "orders"},
    {"orders.csv.gz", 1, "orders"},
    {"/orders.csv.zst", 1, "orders"},
    {"orders.gz", 1, "orders"},
    {"orders", 1, "orders"},
    {"orders.txt", 1, "orders.txt"},
    {"orders.csv.bak", 1, "orders.csv.bak"},
    {"in.csv/orders", 1, "orders"},
    {".csv", 1, ".csv"},
    {"-", 1, "stdin"},
    {"data/-", 1, "-"},
    {"orders.csv", 2, "orders-2"},
    {"-", 10, "stdin-10"},
};

START_TEST(names_rejects_after_the_file)
{
    char *name = reject_name(name_cases[_i].path, name_cases[_i].attempt);

    ck_assert_ptr_nonnull(name);
    ck_assert_str_eq(name, name_cases[_i].name);
    free(name);
}
END_TEST

static void put(const char *directory, const char *name, const char *text)
{
    char path[PATH_SIZE * 2];
    FILE *stream;

    (void)snprintf(path, sizeof path, "%s/%s", directory, name);
    stream = fopen(path, "w");
    ck_assert_ptr_nonnull(stream);
    ck_assert_int_ge(fputs(text, stream), 0);
    ck_assert_int_eq(fclose(stream), 0);
}

/* Both files have to be there, and the second to be one of reasons. */
START_TEST(knows_files_of_an_earlier_run)
{
    char directory[PATH_SIZE], path[PATH_SIZE * 2];

    temporary_directory_make(directory);
    ck_assert(!reject_name_is_earlier(directory, "a"));
    put(directory, "a.csv", "");
    ck_assert(!reject_name_is_earlier(directory, "a"));
    put(directory, "a.reasons.csv", REJECT_REASONS_HEADER "a.csv,2,x,type,no number,\n");
    ck_assert(reject_name_is_earlier(directory, "a"));
    ck_assert(!reject_name_is_earlier(directory, "a-2"));
    put(directory, "a.reasons.csv", "file,line,column,code,reason,ke");
    ck_assert(!reject_name_is_earlier(directory, "a"));
    put(directory, "a.reasons.csv", REJECT_REASONS_HEADER);
    ck_assert(reject_name_is_earlier(directory, "a"));
    (void)snprintf(path, sizeof path, "%s/a.csv", directory);
    ck_assert_int_eq(unlink(path), 0);
    ck_assert(reject_name_is_earlier(directory, "a"));
    ck_assert_int_eq(symlink("a.reasons.csv", path), 0);
    ck_assert(!reject_name_is_earlier(directory, "a"));
    temporary_directory_drop(directory);
}
END_TEST

START_TEST(joins_paths)
{
    static const char *const directories[] = {"in", "in/", "in//"};
    char *path;

    for (size_t i = 0; i < sizeof directories / sizeof *directories; i++) {
        path = reject_name_path(directories[i], "a", REJECT_REASONS_ENDING);
        ck_assert_str_eq(path, "in/a.reasons.csv");
        free(path);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("reject_name");
    TCase *tests = tcase_create("names");

    tcase_add_loop_test(tests, names_rejects_after_the_file, 0, TABLE_ROWS(name_cases));
    tcase_add_test(tests, knows_files_of_an_earlier_run);
    tcase_add_test(tests, joins_paths);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
