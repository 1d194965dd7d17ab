#include "build/step_list.h"

#include "listed_steps.h"
#include "schema/rebuild_create.h"
#include "suite.h"

static const char *const whole_catalog[] = {AISLES, DEPARTMENTS, PRODUCTS, NULL};
static const char *const two_histories[] = {USERS, ORDERS, ITEMS, NULL};
static const char *const no_user[] = {ORDERS, PRODUCTS, NULL};

START_TEST(lists_what_there_is_to_do)
{
    struct listed listed;
    size_t foreign_keys;

    list_files(&listed, whole_catalog);
    foreign_keys = (size_t)PQntuples(listed.rebuild.foreign_keys);
    make(&listed);
    ck_assert_uint_eq(count(&listed, STEP_COPY, TABLES), 3);
    ck_assert_uint_eq(count(&listed, STEP_ANALYZE, TABLES), 3);
    ck_assert_uint_eq(count(&listed, STEP_COPY, CATALOG), 3);
    ck_assert_uint_eq(count(&listed, STEP_ANALYZE, CATALOG), 3);
    /* Those of tables without rows are in one step. */
    ck_assert_uint_eq(count(&listed, STEP_INDEX_OF_EMPTY, TABLES), 1);
    ck_assert_uint_eq(count(&listed, STEP_PARENT_KEY, TABLES) + count(&listed, STEP_INDEX, TABLES),
                      6);
    ck_assert_uint_eq(count(&listed, STEP_PARENT_KEY, CATALOG), 3);
    ck_assert_uint_eq(count(&listed, STEP_ADD_FOREIGN_KEYS, TABLES), 1);
    ck_assert_uint_eq(count(&listed, STEP_FOREIGN_KEY, TABLES), foreign_keys);
    ck_assert_uint_eq(count(&listed, STEP_FOREIGN_KEY, BIT(TABLE_PRODUCTS)), 2);
    ck_assert_uint_eq(count(&listed, STEP_CONSTRAINTS, TABLES), 1);
    ck_assert(!step_list_is_done(&listed.list));
    end(&listed);
}
END_TEST

START_TEST(names_the_object_of_the_rebuild)
{
    struct listed listed;

    list_files(&listed, whole_catalog);
    make(&listed);
    for (size_t i = 0; i < listed.list.steps.count; i++) {
        const struct step *step = &steps_of(&listed)[i];
        struct rebuild_object object;

        if (step->kind != STEP_PARENT_KEY && step->kind != STEP_INDEX &&
            step->kind != STEP_FOREIGN_KEY)
            continue;
        rebuild_object_read(&listed.rebuild, step->object, &object);
        ck_assert_int_eq(object.kind,
                         step->kind == STEP_FOREIGN_KEY ? REBUILD_FOREIGN_KEY : REBUILD_INDEX);
        ck_assert_uint_eq(step->tables, BIT(table_find(object.table->name)));
        if (step->kind == STEP_PARENT_KEY)
            ck_assert_ptr_nonnull(strstr(object.label, "_pkey"));
        if (step->kind == STEP_INDEX)
            ck_assert_ptr_nonnull(strstr(object.label, "_other"));
    }
    end(&listed);
}
END_TEST

/* Foreign keys lead to no item: its key is an index like another. */
START_TEST(a_key_without_children_can_wait)
{
    struct listed listed;

    list_files(&listed, two_histories);
    make(&listed);
    ck_assert_uint_eq(count(&listed, STEP_PARENT_KEY, BIT(TABLE_ORDER_ITEMS)), 0);
    ck_assert_uint_eq(count(&listed, STEP_INDEX, BIT(TABLE_ORDER_ITEMS)), 2);
    ck_assert_uint_eq(count(&listed, STEP_PARENT_KEY, BIT(TABLE_ORDERS)), 1);
    end(&listed);
}
END_TEST

START_TEST(tables_with_external_ids_are_filled_together)
{
    struct listed listed;

    list_files(&listed, two_histories);
    make(&listed);
    ck_assert_uint_eq(count(&listed, STEP_COPY, TABLES), 2);
    ck_assert_uint_eq(find(&listed, STEP_COPY, BIT(TABLE_USERS))->tables,
                      BIT(TABLE_USERS) | BIT(TABLE_ORDERS));
    ck_assert_uint_eq(find(&listed, STEP_COPY, BIT(TABLE_ORDER_ITEMS))->tables,
                      BIT(TABLE_ORDER_ITEMS));
    end(&listed);
}
END_TEST

/* Placeholders of users are rows, too. */
START_TEST(a_table_that_gets_placeholders_alone_is_filled)
{
    struct listed listed;

    list_files(&listed, no_user);
    ck_assert(id_set_add(&listed.files.plan.datasets[TABLE_USERS].files.inferred, 7));
    make(&listed);
    ck_assert_uint_eq(find(&listed, STEP_COPY, BIT(TABLE_USERS))->tables,
                      BIT(TABLE_USERS) | BIT(TABLE_ORDERS));
    ck_assert_uint_eq(count(&listed, STEP_ANALYZE, BIT(TABLE_USERS)), 1);
    ck_assert_uint_eq(count(&listed, STEP_PARENT_KEY, BIT(TABLE_USERS)), 1);
    end(&listed);
}
END_TEST

/* As members of one archive have. The orders belong to the users because of their external ids, and
 * the items to the orders because of the archive. */
START_TEST(tables_whose_files_share_a_reading_are_filled_together)
{
    struct listed listed;
    struct plan *plan;
    struct source *items;

    list_files(&listed, two_histories);
    plan = &listed.files.plan;
    items = plan->datasets[TABLE_ORDER_ITEMS].sources[0];
    plan->datasets[TABLE_ORDER_ITEMS].sources[0] = plan->datasets[TABLE_ORDERS].sources[0];
    make(&listed);
    ck_assert_uint_eq(count(&listed, STEP_COPY, TABLES), 1);
    ck_assert_uint_eq(find(&listed, STEP_COPY, BIT(TABLE_ORDER_ITEMS))->tables,
                      BIT(TABLE_USERS) | BIT(TABLE_ORDERS) | BIT(TABLE_ORDER_ITEMS));
    plan->datasets[TABLE_ORDER_ITEMS].sources[0] = items;
    end(&listed);
}
END_TEST

/* Each of the four is bound to one that is bound to another one. */
START_TEST(tables_are_filled_together_over_several_corners)
{
    struct listed listed;
    struct dataset *datasets;
    struct source *departments, *aisles;

    list_files(&listed, (const char *const[]){DEPARTMENTS, AISLES, USERS, ORDERS, NULL});
    datasets = listed.files.plan.datasets;
    departments = datasets[TABLE_DEPARTMENTS].sources[0];
    aisles = datasets[TABLE_AISLES].sources[0];
    datasets[TABLE_DEPARTMENTS].sources[0] = datasets[TABLE_ORDERS].sources[0];
    datasets[TABLE_AISLES].sources[0] = datasets[TABLE_USERS].sources[0];
    make(&listed);
    ck_assert_uint_eq(count(&listed, STEP_COPY, TABLES), 1);
    ck_assert_uint_eq(find(&listed, STEP_COPY, BIT(TABLE_AISLES))->tables,
                      BIT(TABLE_DEPARTMENTS) | BIT(TABLE_AISLES) | BIT(TABLE_USERS) |
                          BIT(TABLE_ORDERS));
    datasets[TABLE_DEPARTMENTS].sources[0] = departments;
    datasets[TABLE_AISLES].sources[0] = aisles;
    end(&listed);
}
END_TEST

/* Of rows that are loaded; what is left out costs nothing. */
/* A step that runs counts by its time, but never as if it were done. */
START_TEST(progress_grows_while_a_step_runs)
{
    struct listed listed;
    struct step *step;
    double cost;

    list_files(&listed, two_histories);
    make(&listed);
    ck_assert_double_eq_tol(step_list_progress(&listed.list), 0, 1e-9);
    step = step_list_next(&listed.list);
    cost = step->cost;
    step->began -= 1e6;
    ck_assert_double_eq_tol(step_list_progress(&listed.list), cost * 0.9, 1e-9);
    step_list_finish(&listed.list, step);
    ck_assert_double_eq_tol(step_list_progress(&listed.list), cost, 1e-9);
    /* The first took a million seconds, and so may the next. */
    step = step_list_next(&listed.list);
    step->began -= 1;
    ck_assert_double_lt(step_list_progress(&listed.list), cost + step->cost * 0.1);
    end(&listed);
}
END_TEST

START_TEST(costs_grow_with_rows)
{
    struct listed few, many;

    list_files(&many, whole_catalog);
    make(&many);
    list_files(&few, whole_catalog);
    for (size_t i = 0; i < few.files.plan.source_count; i++) {
        few.files.plan.sources[i]->rows_bad = ROWS / 4;
        few.files.plan.sources[i]->rows_skipped = ROWS / 4;
    }
    make(&few);
    ck_assert_double_eq_tol(find(&few, STEP_INDEX, BIT(TABLE_AISLES))->cost * 2,
                            find(&many, STEP_INDEX, BIT(TABLE_AISLES))->cost, 1e-6);
    ck_assert_double_eq_tol(find(&few, STEP_FOREIGN_KEY, BIT(TABLE_PRODUCTS))->cost * 2,
                            find(&many, STEP_FOREIGN_KEY, BIT(TABLE_PRODUCTS))->cost, 1e-6);
    /* The server's sample has a limit. */
    ck_assert_double_eq_tol(find(&few, STEP_ANALYZE, BIT(TABLE_AISLES))->cost,
                            find(&many, STEP_ANALYZE, BIT(TABLE_AISLES))->cost, 1e-6);
    ck_assert_double_gt(find(&few, STEP_COPY, BIT(TABLE_AISLES))->cost, 0);
    ck_assert_double_gt(many.list.cost, few.list.cost);
    end(&few);
    end(&many);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("step list");
    TCase *making = tcase_create("which steps there are");

    tcase_add_test(making, lists_what_there_is_to_do);
    tcase_add_test(making, names_the_object_of_the_rebuild);
    tcase_add_test(making, a_key_without_children_can_wait);
    tcase_add_test(making, tables_with_external_ids_are_filled_together);
    tcase_add_test(making, a_table_that_gets_placeholders_alone_is_filled);
    tcase_add_test(making, tables_whose_files_share_a_reading_are_filled_together);
    tcase_add_test(making, tables_are_filled_together_over_several_corners);
    tcase_add_test(making, costs_grow_with_rows);
    tcase_add_test(making, progress_grows_while_a_step_runs);
    suite_add_tcase(suite, making);
    return suite_run(suite);
}
