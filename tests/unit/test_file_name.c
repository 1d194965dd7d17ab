#include "input/file_name.h"

#include "suite.h"

#include <string.h>

static const struct {
    const char *name;
    enum file_name_kind kind;
    size_t stem;
} names[] = {
    {"orders.csv", FILE_NAME_CSV, 6},
    {"ORDERS.CSV", FILE_NAME_CSV, 6},
    {"orders.csv.gz", FILE_NAME_CSV, 6},
    {"Orders.Csv.Zst", FILE_NAME_CSV, 6},
    {"orders.csv.bz2", FILE_NAME_CSV, 6},
    {"orders.csv.xz", FILE_NAME_CSV, 6},
    {"orders.csv.lz4", FILE_NAME_CSV, 6},
    {"a.csv.csv", FILE_NAME_CSV, 5},
    {"a\nb.csv", FILE_NAME_CSV, 3},
    {"all.zip", FILE_NAME_CSV, 7},
    {"all.tar", FILE_NAME_CSV, 7},
    {"all.tar.gz", FILE_NAME_CSV, 7},
    {"all.TAR.zst", FILE_NAME_CSV, 7},
    {"all.tgz", FILE_NAME_CSV, 7},
    {"all.tbz2", FILE_NAME_CSV, 8},
    {"all.txz", FILE_NAME_CSV, 7},
    {"orders.csv.part", FILE_NAME_OTHER, 15},
    {"orders.csv~", FILE_NAME_OTHER, 11},
    {"orders.gz", FILE_NAME_OTHER, 6},
    {"orders.csv.gz.gz", FILE_NAME_OTHER, 13},
    {"orders.csv.zip.gz", FILE_NAME_OTHER, 14},
    {"orders.xlsx", FILE_NAME_OTHER, 11},
    {"orders", FILE_NAME_OTHER, 6},
    {"csv", FILE_NAME_OTHER, 3},
    {"", FILE_NAME_OTHER, 0},
    {".csv", FILE_NAME_HIDDEN, 4},
    {".orders.csv", FILE_NAME_HIDDEN, 7},
    {".", FILE_NAME_HIDDEN, 1},
    {"..", FILE_NAME_HIDDEN, 2},
    {"ids.csv.timele-load-aB3xY9", FILE_NAME_HIDDEN, 26},
    {"ids.csv.timele-load-aB3", FILE_NAME_OTHER, 23},
};

START_TEST(judges_names)
{
    ck_assert_msg(file_name_judge(names[_i].name) == names[_i].kind, "%s", names[_i].name);
    ck_assert_msg(file_name_stem_length(names[_i].name) == names[_i].stem, "%s", names[_i].name);
}
END_TEST

START_TEST(finds_the_name_in_a_path)
{
    ck_assert_str_eq(file_name_of_path("a.csv"), "a.csv");
    ck_assert_str_eq(file_name_of_path("in/b/a.csv"), "a.csv");
    ck_assert_str_eq(file_name_of_path("/a.csv"), "a.csv");
    ck_assert_str_eq(file_name_of_path("in/"), "");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("file_name");
    TCase *tests = tcase_create("file_name");

    tcase_add_loop_test(tests, judges_names, 0, TABLE_ROWS(names));
    tcase_add_test(tests, finds_the_name_in_a_path);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
