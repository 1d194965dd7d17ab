#include "build/step_list.h"

#include "listed_steps.h"
#include "suite.h"

static const char *const whole_catalog[] = {AISLES, DEPARTMENTS, PRODUCTS, NULL};
static const char *const two_histories[] = {USERS, ORDERS, ITEMS, NULL};

/* The table that is streamed may be filled meanwhile, if it is filled alone. */
static void take_indexes_of_empty(struct listed *listed)
{
    struct step *step = step_list_next(&listed->list);

    ck_assert_ptr_nonnull(step);
    ck_assert_int_eq(step->kind, STEP_INDEX_OF_EMPTY);
}

START_TEST(little_begins_before_the_files_are_checked)
{
    struct listed listed;
    struct step *step;
    double done;

    list_files(&listed, two_histories);
    make_unchecked(&listed);
    step = step_list_next(&listed.list);
    ck_assert_ptr_nonnull(step);
    ck_assert_int_eq(step->kind, STEP_COPY);
    ck_assert_uint_eq(step->tables, BIT(table_streamed()));
    take_indexes_of_empty(&listed);
    ck_assert_ptr_null(step_list_next(&listed.list));
    step_list_finish(&listed.list, step);
    ck_assert_ptr_null(step_list_next(&listed.list));
    step_list_allow(&listed.list, &listed.files.plan);
    done = listed.list.done;
    ck_assert_double_gt(done, 0);
    ck_assert_double_eq_tol(done, step->cost, 1e-12);
    ck_assert_ptr_nonnull(step_list_next(&listed.list));
    end(&listed);
}
END_TEST

START_TEST(nothing_begins_before_that_where_the_table_is_filled_with_others)
{
    struct listed listed;
    struct dataset *items;
    struct source *own;

    list_files(&listed, two_histories);
    items = &listed.files.plan.datasets[TABLE_ORDER_ITEMS];
    own = items->sources[0];
    items->sources[0] = listed.files.plan.datasets[TABLE_ORDERS].sources[0];
    make_unchecked(&listed);
    take_indexes_of_empty(&listed);
    ck_assert_ptr_null(step_list_next(&listed.list));
    items->sources[0] = own;
    end(&listed);
}
END_TEST

START_TEST(the_largest_comes_first)
{
    struct listed listed;
    struct step *first, *second;
    double done;

    list_files(&listed, two_histories);
    make(&listed);
    first = step_list_next(&listed.list);
    second = step_list_next(&listed.list);
    ck_assert_int_eq(first->kind, STEP_COPY);
    ck_assert_int_eq(second->kind, STEP_COPY);
    ck_assert_double_ge(first->cost, second->cost);
    step_list_finish(&listed.list, second);
    ck_assert_double_eq(listed.list.done, second->cost);
    step_list_finish(&listed.list, first);
    done = listed.list.done;
    ck_assert_double_eq_tol(done, first->cost + second->cost, 1e-12);
    /* An index of all rows takes longer than the sample of an ANALYZE. */
    ck_assert_int_eq(step_list_next(&listed.list)->kind, STEP_PARENT_KEY);
    end(&listed);
}
END_TEST

/* What waits while one step goes on and all others that can are done. */
static const struct {
    const char *name;
    enum step_kind kind; /* of the step that goes on */
    unsigned tables;
    unsigned all_wait;  /* kinds of which all steps wait */
    unsigned same_wait; /* kinds of which those of the same tables wait */
} holds[] = {
    {"COPY", STEP_COPY, BIT(TABLE_AISLES),
     KIND(STEP_ADD_FOREIGN_KEYS) | KIND(STEP_INDEX) | KIND(STEP_FOREIGN_KEY) | KIND(STEP_ANALYZE) |
         KIND(STEP_CONSTRAINTS),
     KIND(STEP_PARENT_KEY)},
    {"indexes of empty tables", STEP_INDEX_OF_EMPTY, TABLES,
     KIND(STEP_ADD_FOREIGN_KEYS) | KIND(STEP_INDEX) | KIND(STEP_FOREIGN_KEY) | KIND(STEP_ANALYZE) |
         KIND(STEP_CONSTRAINTS),
     0},
    {"a parent's key", STEP_PARENT_KEY, BIT(TABLE_AISLES),
     KIND(STEP_ADD_FOREIGN_KEYS) | KIND(STEP_INDEX) | KIND(STEP_FOREIGN_KEY) | KIND(STEP_ANALYZE) |
         KIND(STEP_CONSTRAINTS),
     0},
    {"foreign keys, unproven", STEP_ADD_FOREIGN_KEYS, TABLES,
     KIND(STEP_INDEX) | KIND(STEP_FOREIGN_KEY) | KIND(STEP_ANALYZE) | KIND(STEP_CONSTRAINTS), 0},
    {"an index of the child", STEP_INDEX, BIT(TABLE_PRODUCTS), KIND(STEP_CONSTRAINTS),
     KIND(STEP_FOREIGN_KEY) | KIND(STEP_ANALYZE)},
    {"an index of the parent", STEP_INDEX, BIT(TABLE_AISLES), KIND(STEP_CONSTRAINTS),
     KIND(STEP_ANALYZE)},
    {"ANALYZE", STEP_ANALYZE, BIT(TABLE_AISLES), 0, 0},
};

static void run_all_but(struct listed *listed, enum step_kind kind, unsigned tables)
{
    for (struct step *step; (step = step_list_next(&listed->list)) != NULL;)
        if (step->kind != kind || (step->tables & tables) == 0)
            step_list_finish(&listed->list, step);
}

START_TEST(steps_wait_for_those_before_them)
{
    struct listed listed;

    list_files(&listed, whole_catalog);
    make(&listed);
    run_all_but(&listed, holds[_i].kind, holds[_i].tables);
    for (size_t i = 0; i < listed.list.steps.count; i++) {
        const struct step *step = &steps_of(&listed)[i];
        bool same = (step->tables & holds[_i].tables) != 0;
        enum step_state expected = STEP_IS_DONE;

        if (step->kind == holds[_i].kind && same)
            expected = STEP_RUNS;
        else if ((holds[_i].all_wait & KIND(step->kind)) != 0 ||
                 (same && (holds[_i].same_wait & KIND(step->kind)) != 0))
            expected = STEP_WAITS;
        ck_assert_msg(step->state == expected, "%s: kind %d of tables %x is %d", holds[_i].name,
                      step->kind, step->tables, step->state);
    }
    ck_assert(!step_list_is_done(&listed.list));
    end(&listed);
}
END_TEST

/* Even where they are the larger ones: a join that proves them may read the index. */
START_TEST(foreign_keys_are_proven_when_the_indexes_of_the_table_are_there)
{
    struct listed listed;

    list_files(&listed, whole_catalog);
    make(&listed);
    for (size_t i = 0; i < listed.list.steps.count; i++)
        if (steps_of(&listed)[i].kind == STEP_INDEX)
            steps_of(&listed)[i].cost = 0;
    for (struct step *step; (step = step_list_next(&listed.list)) != NULL;) {
        if (step->kind == STEP_FOREIGN_KEY && step->tables == BIT(TABLE_PRODUCTS))
            ck_assert_int_eq(find(&listed, STEP_INDEX, BIT(TABLE_PRODUCTS))->state, STEP_IS_DONE);
        step_list_finish(&listed.list, step);
    }
    ck_assert(step_list_is_done(&listed.list));
    end(&listed);
}
END_TEST

/* Two of one table want it for themselves. */
START_TEST(foreign_keys_of_a_table_are_proven_one_by_one)
{
    struct listed listed;
    size_t running = 0, waiting = 0;

    list_files(&listed, whole_catalog);
    make(&listed);
    run_all_but(&listed, STEP_FOREIGN_KEY, BIT(TABLE_PRODUCTS));
    for (size_t i = 0; i < listed.list.steps.count; i++) {
        const struct step *step = &steps_of(&listed)[i];

        if (step->kind != STEP_FOREIGN_KEY || step->tables != BIT(TABLE_PRODUCTS))
            continue;
        running += step->state == STEP_RUNS;
        waiting += step->state == STEP_WAITS;
    }
    ck_assert_uint_eq(running, 1);
    ck_assert_uint_eq(waiting, 1);
    ck_assert_int_eq(find(&listed, STEP_CONSTRAINTS, TABLES)->state, STEP_WAITS);
    end(&listed);
}
END_TEST

START_TEST(indexes_of_a_table_are_made_side_by_side)
{
    struct listed listed;
    size_t running = 0;

    list_files(&listed, two_histories);
    make(&listed);
    run_all_but(&listed, STEP_INDEX, BIT(TABLE_ORDER_ITEMS));
    for (size_t i = 0; i < listed.list.steps.count; i++)
        running += steps_of(&listed)[i].kind == STEP_INDEX &&
                   steps_of(&listed)[i].tables == BIT(TABLE_ORDER_ITEMS) &&
                   steps_of(&listed)[i].state == STEP_RUNS;
    ck_assert_uint_eq(running, 2);
    end(&listed);
}
END_TEST

START_TEST(empty_tables_get_their_indexes_beside_all_else)
{
    struct listed listed;

    list_files(&listed, whole_catalog);
    make(&listed);
    for (size_t i = 0; i < listed.list.steps.count; i++)
        if (steps_of(&listed)[i].kind == STEP_INDEX_OF_EMPTY)
            steps_of(&listed)[i].cost = listed.list.cost;
    ck_assert_int_eq(step_list_next(&listed.list)->kind, STEP_INDEX_OF_EMPTY);
    ck_assert_int_eq(step_list_next(&listed.list)->kind, STEP_COPY);
    end(&listed);
}
END_TEST

/* A rebuild that has nothing of them leaves nothing out. */
START_TEST(constraints_come_last_where_no_index_or_foreign_key_is_before_them)
{
    struct listed listed;
    static const struct rebuild none;

    list_files(&listed, (const char *const[]){AISLES, NULL});
    hand_made_rebuild_free(&listed.rebuild);
    listed.rebuild = none;
    listed.rebuild.indexes = hand_made_objects(INDEX_COLUMNS);
    listed.rebuild.foreign_keys = hand_made_objects(FOREIGN_KEY_COLUMNS);
    make(&listed);
    run_all_but(&listed, STEP_INDEX_OF_EMPTY, TABLES);
    ck_assert_int_eq(find(&listed, STEP_ADD_FOREIGN_KEYS, TABLES)->state, STEP_WAITS);
    ck_assert_int_eq(find(&listed, STEP_CONSTRAINTS, TABLES)->state, STEP_WAITS);
    end(&listed);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("step list order");
    TCase *order = tcase_create("which can begin");

    tcase_add_test(order, little_begins_before_the_files_are_checked);
    tcase_add_test(order, nothing_begins_before_that_where_the_table_is_filled_with_others);
    tcase_add_test(order, the_largest_comes_first);
    tcase_add_loop_test(order, steps_wait_for_those_before_them, 0, TABLE_ROWS(holds));
    tcase_add_test(order, foreign_keys_are_proven_when_the_indexes_of_the_table_are_there);
    tcase_add_test(order, foreign_keys_of_a_table_are_proven_one_by_one);
    tcase_add_test(order, indexes_of_a_table_are_made_side_by_side);
    tcase_add_test(order, empty_tables_get_their_indexes_beside_all_else);
    tcase_add_test(order, constraints_come_last_where_no_index_or_foreign_key_is_before_them);
    suite_add_tcase(suite, order);
    return suite_run(suite);
}
