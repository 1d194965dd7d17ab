#include "check/reject_name.h"
#include "suite.h"

static const struct {
    const char *path;
    size_t attempt;
    const char *name;
} names[] = {
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
    char *name = reject_name(names[_i].path, names[_i].attempt);

    ck_assert_ptr_nonnull(name);
    ck_assert_str_eq(name, names[_i].name);
    free(name);
}
END_TEST

static const struct {
    const char *one, *other;
    bool collide;
} pairs[] = {
    {"orders", "orders", true},         {"orders", "orders-2", false},
    {"orders", "orders.reasons", true}, {"orders.reasons", "orders.reasons.reasons", true},
    {"orders", "orders.reason", false}, {"orders", "users.reasons", false},
    {"orders", "order", false},
};

START_TEST(sees_two_that_would_write_one_file)
{
    ck_assert_int_eq(reject_names_collide(pairs[_i].one, pairs[_i].other), pairs[_i].collide);
    ck_assert_int_eq(reject_names_collide(pairs[_i].other, pairs[_i].one), pairs[_i].collide);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("reject_name");
    TCase *tests = tcase_create("names");

    tcase_add_loop_test(tests, names_rejects_after_the_file, 0, TABLE_ROWS(names));
    tcase_add_loop_test(tests, sees_two_that_would_write_one_file, 0, TABLE_ROWS(pairs));
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
