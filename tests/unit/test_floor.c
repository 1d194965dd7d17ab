#include "target/floor.h"

#include "pg/distribution.h"
#include "scripted_libpq.h"
#include "suite.h"

#include <string.h>

/* The floor that the sequence keeps. */
enum { KEPT = 3422000 };

static bool read_floor(struct plan *plan, int64_t wanted, enum distribution_kind kind,
                       struct error *error)
{
    static const struct scripted_call calls[SCRIPT_LENGTH] = {{.function = SCRIPT_END}};
    const struct session session = {.connection = script_open(calls), .error = error};
    const int64_t options[TABLE_COUNT] = {[TABLE_ORDERS] = wanted};
    bool read;

    for (int id = 0; id < TABLE_COUNT; id++) {
        plan->datasets[id].table = table_get((enum table_id)id);
        plan->datasets[id].database.sequence_sought = true;
    }
    plan->datasets[TABLE_ORDERS].database.sequence =
        (struct sequence){.present = true, .minimum = KEPT};
    connection_distribution(session.connection)->kinds[TABLE_ORDERS] = kind;
    read = floor_read(plan, options, &session);
    script_close(session.connection);
    return read;
}

START_TEST(takes_the_floor_that_a_distributed_table_has)
{
    struct plan plan = {0};
    struct error error = {0};

    ck_assert_msg(read_floor(&plan, KEPT, DISTRIBUTION_HASH, &error), "%s", error.message);
    ck_assert_int_eq(plan.datasets[TABLE_ORDERS].floor, KEPT);
}
END_TEST

/* Nothing is asked of the server for it. */
static const enum distribution_kind kinds[] = {DISTRIBUTION_HASH, DISTRIBUTION_REFERENCE};

START_TEST(refuses_to_move_the_floor_of_a_distributed_table)
{
    struct plan plan = {0};
    struct error error = {0};

    ck_assert(!read_floor(&plan, KEPT + 1, kinds[_i], &error));
    ck_assert_int_eq(error.kind, ERROR_DATABASE);
    ck_assert_str_eq(error.message,
                     "the floor of orders.orders cannot move from 3422000 to 3422001: Citus has "
                     "distributed the table, and lets nobody alter its sequence");
    ck_assert_ptr_nonnull(strstr(error.hint, "--floor"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("floor");
    TCase *tests = tcase_create("floor");

    tcase_add_test(tests, takes_the_floor_that_a_distributed_table_has);
    tcase_add_loop_test(tests, refuses_to_move_the_floor_of_a_distributed_table, 0,
                        TABLE_ROWS(kinds));
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
