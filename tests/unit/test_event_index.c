#include "derive/event_index.h"
#include "suite.h"
#include "table/table.h"
#include "value/timestamp.h"

#include <string.h>

enum { PENDING, PROCESSING, SHIPPED, DELIVERED };

static void add(struct event_index *index, int64_t parent, int64_t time, unsigned status)
{
    ck_assert(event_index_add(index, parent, time, status));
}

static void expect_last(const struct event_index *index, int64_t parent, int64_t time,
                        unsigned status)
{
    const struct event *last = event_index_last(index, parent);

    ck_assert_ptr_nonnull(last);
    ck_assert_int_eq(last->time, time);
    ck_assert_uint_eq(last->status, status);
}

/* Events of one order as a file brings them, and what is known of it afterwards. */
static const struct {
    struct {
        int64_t time;
        unsigned status;
    } events[4];
    int count;
    int64_t last_time;
    unsigned last_status;
    bool out_of_order;
} histories[] = {
    {{{5, PENDING}}, 1, 5, PENDING, false},
    {{{0, PENDING}}, 1, 0, PENDING, false},
    {{{-5, SHIPPED}}, 1, -5, SHIPPED, false},
    {{{INT64_MIN, PENDING}, {INT64_MAX, SHIPPED}}, 2, INT64_MAX, SHIPPED, false},
    {{{1, PENDING}, {2, SHIPPED}, {3, DELIVERED}}, 3, 3, DELIVERED, false},
    {{{-3, PENDING}, {-2, SHIPPED}, {-1, DELIVERED}}, 3, -1, DELIVERED, false},

    /* A status that comes back is no event that stands twice. */
    {{{1, SHIPPED}, {2, PENDING}, {3, SHIPPED}}, 3, 3, SHIPPED, false},
    {{{1, PENDING}, {2, PENDING}}, 2, 2, PENDING, false},

    /* At one time the order of the file counts, whatever the statuses. */
    {{{7, PENDING}, {7, SHIPPED}}, 2, 7, SHIPPED, false},
    {{{7, SHIPPED}, {7, PENDING}}, 2, 7, PENDING, false},
    {{{7, SHIPPED}, {7, PENDING}, {7, DELIVERED}, {8, SHIPPED}}, 4, 8, SHIPPED, false},

    /* Twice the same, at once or with others between. */
    {{{7, PENDING}, {7, PENDING}}, 2, 7, PENDING, true},
    {{{7, PENDING}, {7, SHIPPED}, {7, PENDING}}, 3, 7, SHIPPED, true},

    /* Out of order: what was last stays so. */
    {{{7, SHIPPED}, {6, PENDING}}, 2, 7, SHIPPED, true},
    {{{7, SHIPPED}, {6, PENDING}, {8, DELIVERED}}, 3, 8, DELIVERED, true},
    {{{1, PENDING}, {-1, PROCESSING}}, 2, 1, PENDING, true},
};

START_TEST(knows_the_last_event)
{
    struct event_index index = {0};

    for (int i = 0; i < histories[_i].count; i++)
        add(&index, 42, histories[_i].events[i].time, histories[_i].events[i].status);
    expect_last(&index, 42, histories[_i].last_time, histories[_i].last_status);
    ck_assert_int_eq(id_set_contains(&index.out_of_order, 42), histories[_i].out_of_order);
    ck_assert_uint_eq(id_set_count(&index.out_of_order), histories[_i].out_of_order ? 1 : 0);
    event_index_free(&index);
}
END_TEST

START_TEST(knows_no_event_of_another_parent)
{
    struct event_index index = {0};

    ck_assert_ptr_null(event_index_last(&index, 42));
    add(&index, 42, 7, PENDING);
    ck_assert_ptr_null(event_index_last(&index, 0));
    ck_assert_ptr_null(event_index_last(&index, 41));
    ck_assert_ptr_null(event_index_last(&index, 43));
    ck_assert_ptr_null(event_index_last(&index, 4294967296 + 42));
    ck_assert_ptr_null(event_index_last(&index, -1));
    event_index_free(&index);
}
END_TEST

/* Parents may come in any order and mixed: each has a history of its own. */
START_TEST(keeps_parents_apart)
{
    enum { PARENTS = 20 * 1000 };
    struct event_index index = {0};

    for (int64_t round = 0; round < 3; round++)
        for (int64_t parent = PARENTS; parent >= 1; parent--)
            add(&index, parent, parent + round, (unsigned)(parent + round) % ORDER_STATUS_COUNT);
    for (int64_t parent = 1; parent <= PARENTS; parent++) {
        const struct event *last = event_index_last(&index, parent);

        if (last->time != parent + 2 || last->status != (parent + 2) % ORDER_STATUS_COUNT)
            ck_abort_msg("parent %d has another's event", (int)parent);
    }
    ck_assert(id_set_is_empty(&index.out_of_order));
    event_index_free(&index);
}
END_TEST

START_TEST(every_status_may_come_at_one_time)
{
    struct event_index index = {0};

    for (unsigned status = 0; status < ORDER_STATUS_COUNT; status++)
        add(&index, 1, 7, status);
    ck_assert(id_set_is_empty(&index.out_of_order));
    add(&index, 1, 7, (unsigned)_i);
    ck_assert(id_set_contains(&index.out_of_order, 1));
    event_index_free(&index);
}
END_TEST

START_TEST(is_empty_again_when_freed)
{
    struct event_index index = {0};

    event_index_free(&index);
    add(&index, 1, 7, PENDING);
    add(&index, 1, 7, PENDING);
    event_index_free(&index);
    ck_assert_ptr_null(event_index_last(&index, 1));
    ck_assert(id_set_is_empty(&index.out_of_order));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("event_index");
    TCase *tests = tcase_create("events");

    tcase_add_loop_test(tests, knows_the_last_event, 0, TABLE_ROWS(histories));
    tcase_add_test(tests, knows_no_event_of_another_parent);
    tcase_add_test(tests, keeps_parents_apart);
    tcase_add_loop_test(tests, every_status_may_come_at_one_time, 0, ORDER_STATUS_COUNT);
    tcase_add_test(tests, is_empty_again_when_freed);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
