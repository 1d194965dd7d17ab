#include "index/id_set.h"
#include "suite.h"

#include <Judy.h>
#include <stdlib.h>

/* Every so many allocations of Judy find no memory; 0: none. */
static int failing_period;
static int allocations;

/* Takes the place of Judy's. */
Word_t JudyMalloc(Word_t words)
{
    if (failing_period != 0 && ++allocations % failing_period == 0)
        return 0;
    return (Word_t)malloc(words * sizeof(Word_t));
}

static void add(struct id_set *set, int64_t id)
{
    ck_assert(id_set_add(set, id));
}

/* On both sides of every border: of 16 bits, and of 32. */
static const int64_t ids[] = {0,          1,          65535,      65536,         206209,
                              3421083,    INT32_MAX,  2147483648, UINT32_MAX,    4294967296,
                              4294967297, 8589934592, 8589934593, INT64_MAX - 1, INT64_MAX};

START_TEST(contains_what_was_added)
{
    struct id_set set = {0};

    add(&set, ids[_i]);
    for (int i = 0; i < TABLE_ROWS(ids); i++)
        ck_assert_int_eq(id_set_contains(&set, ids[i]), i == _i);
    ck_assert_uint_eq(id_set_count(&set), 1);
    id_set_free(&set);
}
END_TEST

START_TEST(an_empty_set_contains_nothing)
{
    struct id_set set = {0};

    ck_assert(id_set_is_empty(&set));
    ck_assert_uint_eq(id_set_count(&set), 0);
    ck_assert(!id_set_contains(&set, 0));
    ck_assert(!id_set_contains(&set, INT64_MAX));
    id_set_free(&set);
}
END_TEST

START_TEST(an_id_added_twice_counts_once)
{
    struct id_set set = {0};

    add(&set, 7);
    add(&set, 4294967303);
    add(&set, 7);
    add(&set, 4294967303);
    ck_assert(!id_set_is_empty(&set));
    ck_assert_uint_eq(id_set_count(&set), 2);
    id_set_free(&set);
}
END_TEST

START_TEST(an_id_that_was_taken_out_is_gone_and_the_others_stay)
{
    struct id_set set = {0};

    for (int i = 0; i < TABLE_ROWS(ids); i++)
        add(&set, ids[i]);
    ck_assert(id_set_remove(&set, ids[_i]));
    ck_assert(id_set_remove(&set, ids[_i]));
    for (int i = 0; i < TABLE_ROWS(ids); i++)
        ck_assert_int_eq(id_set_contains(&set, ids[i]), i != _i);
    ck_assert_uint_eq(id_set_count(&set), TABLE_ROWS(ids) - 1);
    add(&set, ids[_i]);
    ck_assert_uint_eq(id_set_count(&set), TABLE_ROWS(ids));
    id_set_free(&set);
}
END_TEST

START_TEST(is_empty_again_when_all_were_taken_out)
{
    struct id_set set = {0};

    ck_assert(id_set_remove(&set, 7));
    ck_assert(id_set_is_empty(&set));
    for (int i = 0; i < TABLE_ROWS(ids); i++)
        add(&set, ids[i]);
    for (int i = 0; i < TABLE_ROWS(ids); i++)
        ck_assert(id_set_remove(&set, ids[i]));
    ck_assert(id_set_is_empty(&set));
    ck_assert_uint_eq(id_set_count(&set), 0);
    add(&set, 7);
    ck_assert(id_set_contains(&set, 7));
    id_set_free(&set);
}
END_TEST

enum { DENSE = 70 * 1000 };

START_TEST(takes_many_ids)
{
    struct id_set set = {0};

    for (int64_t id = 1; id <= DENSE; id += 2)
        add(&set, id);
    ck_assert_uint_eq(id_set_count(&set), DENSE / 2);
    for (int64_t id = 0; id <= DENSE; id++)
        if (id_set_contains(&set, id) != (id % 2 == 1))
            ck_abort_msg("%lld is judged wrong", (long long)id);
    id_set_free(&set);
}
END_TEST

/* Every id and each border beside it, against a look at every id. */
START_TEST(knows_whether_an_id_lies_between_two)
{
    struct id_set set = {0};

    ck_assert(!id_set_has_between(&set, 0, INT64_MAX));
    for (int i = 0; i < TABLE_ROWS(ids); i += 2)
        add(&set, ids[i]);
    for (int i = 0; i < TABLE_ROWS(ids); i++)
        for (int k = i; k < TABLE_ROWS(ids); k++) {
            bool expected = false;

            for (int each = i; each < k; each++)
                expected = expected || each % 2 == 0;
            ck_assert_int_eq(id_set_has_between(&set, ids[i], ids[k]), expected);
        }
    id_set_free(&set);
}
END_TEST

struct visits {
    int64_t seen[TABLE_ROWS(ids)];
    int count;
    int stop_after;
};

static bool visit(int64_t id, void *context)
{
    struct visits *visits = context;

    ck_assert_int_lt(visits->count, TABLE_ROWS(ids));
    visits->seen[visits->count++] = id;
    return visits->count != visits->stop_after;
}

static int reversed(int i)
{
    return TABLE_ROWS(ids) - 1 - i;
}

static int scattered(int i)
{
    return i * 7 % TABLE_ROWS(ids);
}

static int (*const orders[])(int i) = {reversed, scattered};

START_TEST(visits_in_ascending_order)
{
    struct id_set set = {0};
    struct visits visits = {.count = 0};

    for (int i = 0; i < TABLE_ROWS(ids); i++)
        add(&set, ids[orders[_i](i)]);
    ck_assert(id_set_each(&set, visit, &visits));
    ck_assert_int_eq(visits.count, TABLE_ROWS(ids));
    for (int i = 0; i < TABLE_ROWS(ids); i++)
        ck_assert_int_eq(visits.seen[i], ids[i]);
    id_set_free(&set);
}
END_TEST

START_TEST(stops_visiting_when_told)
{
    struct id_set set = {0};
    struct visits visits = {.stop_after = _i};

    for (int i = 0; i < TABLE_ROWS(ids); i++)
        add(&set, ids[i]);
    ck_assert(!id_set_each(&set, visit, &visits));
    ck_assert_int_eq(visits.count, _i);
    id_set_free(&set);
}
END_TEST

START_TEST(visits_nothing_of_an_empty_set)
{
    struct id_set set = {0};
    struct visits visits = {.count = 0};

    ck_assert(id_set_each(&set, visit, &visits));
    ck_assert_int_eq(visits.count, 0);
}
END_TEST

START_TEST(is_empty_again_when_freed)
{
    struct id_set set = {0};

    id_set_free(&set);
    add(&set, 7);
    id_set_free(&set);
    ck_assert(id_set_is_empty(&set));
    ck_assert(!id_set_contains(&set, 7));
    add(&set, 8);
    ck_assert_uint_eq(id_set_count(&set), 1);
    id_set_free(&set);
}
END_TEST

/* Judy forgets a root of a few words when there is no memory for what was to be below it. */
const char *__lsan_default_suppressions(void); /* NOLINT: the sanitizer's name */

const char *__lsan_default_suppressions(void) /* NOLINT: the sanitizer's name */
{
    return "leak:j__udy1AllocJ1PM";
}

enum { PLACES = 6000, CHANGES = 10 * 1000 };

/* Runs of ids beside one another, and ids that are alone. */
static int64_t id_at(int place)
{
    return place < PLACES / 2 ? place : (int64_t)place * place * place;
}

struct comparison {
    const bool *expected;
    int place;
};

static bool compare(int64_t id, void *context)
{
    struct comparison *comparison = context;

    while (!comparison->expected[comparison->place])
        comparison->place++;
    ck_assert_int_eq(id, id_at(comparison->place));
    comparison->place++;
    return true;
}

/* What failed has changed nothing, and succeeds when there is memory again. */
START_TEST(without_memory_the_set_is_as_it_was)
{
    static const int periods[] = {2, 3, 7, 40};
    bool expected[PLACES] = {false};
    struct id_set set = {0};
    uint64_t count = 0;
    int failures = 0;

    srandom(1);
    for (int i = 0; i < CHANGES; i++) {
        int place = (int)(random() % PLACES);
        bool adds = random() % CHANGES > i, failed;

        failing_period = periods[_i];
        failed = !(adds ? id_set_add : id_set_remove)(&set, id_at(place));
        failing_period = 0;
        failures += failed;
        ck_assert(!failed || id_set_count(&set) == count);
        ck_assert(!failed || (adds ? id_set_add : id_set_remove)(&set, id_at(place)));
        count += (uint64_t)(adds && !expected[place]);
        count -= (uint64_t)(!adds && expected[place]);
        expected[place] = adds;
        ck_assert_uint_eq(id_set_count(&set), count);
        if (i % 1000 == 0)
            ck_assert(id_set_each(&set, compare, &(struct comparison){.expected = expected}));
    }
    ck_assert_int_gt(failures, 0);
    id_set_free(&set);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("id_set");
    TCase *tests = tcase_create("ids");

    tcase_add_loop_test(tests, contains_what_was_added, 0, TABLE_ROWS(ids));
    tcase_add_test(tests, an_empty_set_contains_nothing);
    tcase_add_test(tests, an_id_added_twice_counts_once);
    tcase_add_loop_test(tests, an_id_that_was_taken_out_is_gone_and_the_others_stay, 0,
                        TABLE_ROWS(ids));
    tcase_add_test(tests, is_empty_again_when_all_were_taken_out);
    tcase_add_test(tests, takes_many_ids);
    tcase_add_test(tests, knows_whether_an_id_lies_between_two);
    tcase_add_loop_test(tests, visits_in_ascending_order, 0, TABLE_ROWS(orders));
    tcase_add_loop_test(tests, stops_visiting_when_told, 1, TABLE_ROWS(ids) + 1);
    tcase_add_test(tests, visits_nothing_of_an_empty_set);
    tcase_add_test(tests, is_empty_again_when_freed);
    tcase_add_loop_test(tests, without_memory_the_set_is_as_it_was, 0, 4);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
