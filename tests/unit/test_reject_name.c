#include "check/reject_name.h"

#include "suite.h"
#include "temporary_directory.h"

#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const struct {
    const char *file_name;
    size_t attempt;
    const char *name;
} name_cases[] = {
    {"orders.csv", 1, "orders"},
    {"orders.csv.gz", 1, "orders"},
    {"orders.csv.zst", 1, "orders"},
    {"ORDERS.CSV.GZ", 1, "ORDERS"},
    {"orders.csv.bz2", 1, "orders"},
    {"orders.xz", 1, "orders"},
    {"orders.csv.lz4", 1, "orders"},
    {"orders.gz", 1, "orders"},
    {"orders", 1, "orders"},
    {"orders.txt", 1, "orders.txt"},
    {"orders.csv.bak", 1, "orders.csv.bak"},
    {".csv", 1, ".csv"},
    {"stdin", 1, "stdin"},
    {"-", 1, "-"},
    {"orders.csv", 2, "orders-2"},
    {"stdin", 10, "stdin-10"},
};

START_TEST(names_rejects_after_the_file)
{
    char *name = reject_name(name_cases[_i].file_name, name_cases[_i].attempt);

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

/* Both files and a number have to fit into a directory; a character is not cut in two. */
START_TEST(cuts_long_names)
{
    enum { LENGTH = 250 };
    char file_name[2 * LENGTH + 8], *name;

    for (size_t before = 0; before < 2; before++) {
        memset(file_name, 'x', before);
        for (size_t i = 0; i < LENGTH; i++)
            memcpy(file_name + before + 2 * i, "\xc3\xa9", 2);
        memcpy(file_name + before + 2 * LENGTH, ".csv", sizeof ".csv");
        name = reject_name(file_name, SIZE_MAX);
        ck_assert_ptr_nonnull(name);
        ck_assert_uint_le(strlen(name) + strlen(REJECT_REASONS_ENDING), NAME_MAX);
        ck_assert_uint_gt(strlen(name), 200);
        ck_assert_mem_eq(name, file_name, strcspn(name, "-"));
        ck_assert_uint_eq((strcspn(name, "-") - before) % 2, 0);
        free(name);
    }
}
END_TEST

/* Whatever has a name keeps it: only both files, as a run leaves them, can be those of a run. */
START_TEST(looks_for_files_of_a_name)
{
    char directory[PATH_SIZE], path[PATH_SIZE * 2];

    temporary_directory_make(directory);
    ck_assert_int_eq(reject_name_look(directory, "a"), REJECT_NAME_FREE);
    put(directory, "a.csv", "");
    ck_assert_int_eq(reject_name_look(directory, "a"), REJECT_NAME_TAKEN);
    put(directory, "a.reasons.csv", "mended");
    ck_assert_int_eq(reject_name_look(directory, "a"), REJECT_NAME_COMPLETE);
    ck_assert_int_eq(reject_name_look(directory, "a-2"), REJECT_NAME_FREE);
    (void)snprintf(path, sizeof path, "%s/a.csv", directory);
    ck_assert_int_eq(unlink(path), 0);
    ck_assert_int_eq(reject_name_look(directory, "a"), REJECT_NAME_TAKEN);
    ck_assert_int_eq(symlink("a.reasons.csv", path), 0);
    ck_assert_int_eq(reject_name_look(directory, "a"), REJECT_NAME_TAKEN);
    ck_assert_int_eq(unlink(path), 0);
    ck_assert_int_eq(mkfifo(path, 0600), 0);
    ck_assert_int_eq(reject_name_look(directory, "a"), REJECT_NAME_TAKEN);
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
    tcase_add_test(tests, cuts_long_names);
    tcase_add_test(tests, looks_for_files_of_a_name);
    tcase_add_test(tests, joins_paths);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
