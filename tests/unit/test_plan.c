#include "plan/plan.h"

#include "suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FOLDER_SIZE = 32 };

/* Files in a folder of the test's own, which is also the working directory, for short names. */
static void make_folder(char folder[FOLDER_SIZE])
{
    (void)snprintf(folder, FOLDER_SIZE, "/tmp/test_plan.XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    ck_assert_int_eq(chdir(folder), 0);
}

static void put(const char *name, const char *text)
{
    FILE *stream = fopen(name, "w");

    ck_assert_ptr_nonnull(stream);
    ck_assert_int_ge(fputs(text, stream), 0);
    ck_assert_int_eq(fclose(stream), 0);
}

/* What plan_open prints; the files are removed. */
static char *open_plan(const char *const *paths, size_t count, enum log_level level,
                       struct plan *plan, struct error *error, const char *folder)
{
    char *text = NULL;
    size_t size;
    struct log log = {.stream = open_memstream(&text, &size), .level = level};

    ck_assert_ptr_nonnull(log.stream);
    (void)plan_open(
        &(struct plan_request){.files = {.paths = paths, .path_count = count}, .mode = MODE_INSERT},
        &log, plan, error);
    ck_assert_int_eq(fclose(log.stream), 0);
    for (size_t i = 0; i < count; i++)
        (void)unlink(paths[i]);
    ck_assert_int_eq(rmdir(folder), 0);
    return text;
}

START_TEST(tells_every_wrong_file)
{
    const char *const paths[] = {"a.csv", "b.csv", "c.csv"};
    char folder[FOLDER_SIZE];
    struct plan plan;
    struct error error = {0};
    char *text;

    make_folder(folder);
    put("a.csv", "x,y\n");
    put("b.csv", "");
    put("c.csv", "aisle_id,aisle\n");
    text = open_plan(paths, 3, LOG_NORMAL, &plan, &error, folder);
    ck_assert_int_eq(error.kind, ERROR_DATA);
    ck_assert_ptr_nonnull(
        strstr(error.message, "a.csv:1: no column name in the first line (2 fields)"));
    ck_assert_ptr_nonnull(strstr(text, "b.csv: empty file"));
    free(text);
    plan_free(&plan);
}
END_TEST

START_TEST(puts_files_in_the_order_of_their_foreign_keys)
{
    const char *const paths[] = {"p.csv", "a.csv"};
    char folder[FOLDER_SIZE];
    struct plan plan;
    struct error error = {0};

    make_folder(folder);
    put("p.csv", "product_id,product_name,aisle_id,department_id\n");
    put("a.csv", "aisle_id,aisle\n");
    free(open_plan(paths, 2, LOG_NORMAL, &plan, &error, folder));
    ck_assert_int_eq(error.kind, ERROR_NONE);
    ck_assert_uint_eq(plan.source_count, 2);
    ck_assert_uint_eq(plan.datasets[TABLE_AISLES].source_count, 1);
    ck_assert_uint_eq(plan.datasets[TABLE_PRODUCTS].source_count, 1);
    ck_assert(plan_needs(&plan, TABLE_DEPARTMENTS));
    ck_assert(!plan_needs(&plan, TABLE_USERS));
    ck_assert(!plan.derived.keeps_deliveries);
    ck_assert(!plan.derived.dates_orders);
    plan_free(&plan);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("plan");
    TCase *tests = tcase_create("plan");

    tcase_add_test(tests, tells_every_wrong_file);
    tcase_add_test(tests, puts_files_in_the_order_of_their_foreign_keys);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
