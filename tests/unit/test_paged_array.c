#include "index/paged_array.h"
#include "suite.h"

#include <string.h>

static uint64_t *at(struct paged_array *array, int64_t index)
{
    uint64_t *item = paged_array_at(array, sizeof *item, index);

    ck_assert_ptr_nonnull(item);
    return item;
}

static const uint64_t *peek(const struct paged_array *array, int64_t index)
{
    return paged_array_peek(array, sizeof(uint64_t), index);
}

/* On both sides of a page's border, and far away. */
static const int64_t indexes[] = {0,     1,      4095,    4096,      4097,       8191,
                                  65536, 206209, 3421083, INT32_MAX, 2147483648, UINT32_MAX};

START_TEST(an_item_is_zero_until_it_is_set)
{
    struct paged_array array = {0};
    uint64_t *item = at(&array, indexes[_i]);

    ck_assert_uint_eq(*item, 0);
    *item = 7;
    for (int i = 0; i < TABLE_ROWS(indexes); i++)
        ck_assert_uint_eq(*at(&array, indexes[i]), i == _i ? 7 : 0);
    paged_array_free(&array);
}
END_TEST

START_TEST(peeking_makes_no_page)
{
    struct paged_array array = {0};

    ck_assert_ptr_null(peek(&array, indexes[_i]));
    *at(&array, indexes[_i]) = 7;
    ck_assert_uint_eq(*peek(&array, indexes[_i]), 7);
    ck_assert_ptr_null(peek(&array, indexes[_i] + 1000000));
    ck_assert_ptr_null(peek(&array, indexes[_i] + 1000000));
    paged_array_free(&array);
}
END_TEST

/* Ids that nobody has checked yet. */
static const int64_t strange_indexes[] = {-1, INT64_MIN, INT64_MAX, 4294967303, -4294967289};

START_TEST(has_nothing_at_an_index_beyond_all)
{
    struct paged_array array = {0};

    ck_assert_ptr_null(peek(&array, strange_indexes[_i]));
    *at(&array, 7) = 1;
    ck_assert_ptr_null(peek(&array, strange_indexes[_i]));
    paged_array_free(&array);
}
END_TEST

START_TEST(an_item_stays_where_it_is)
{
    struct paged_array array = {0};
    uint64_t *first = at(&array, 7);

    *first = 42;
    for (int i = 0; i < TABLE_ROWS(indexes); i++)
        (void)at(&array, indexes[i]);
    ck_assert_ptr_eq(at(&array, 7), first);
    ck_assert_ptr_eq(peek(&array, 7), first);
    ck_assert_uint_eq(*first, 42);
    paged_array_free(&array);
}
END_TEST

/* Items of every size lie side by side without touching each other. */
static const size_t item_sizes[] = {1, 2, 3, 4, 8, 16, 24};

enum { DENSE = 10 * 1000, LARGEST_ITEM = 24 };

START_TEST(items_of_any_size_do_not_overlap)
{
    size_t size = item_sizes[_i];
    struct paged_array array = {0};
    unsigned char expected[LARGEST_ITEM];

    for (int64_t index = DENSE - 1; index >= 0; index--) {
        void *item = paged_array_at(&array, size, index);

        ck_assert_ptr_nonnull(item);
        memset(item, (int)(index % 251), size);
    }
    for (int64_t index = 0; index < DENSE; index++) {
        memset(expected, (int)(index % 251), size);
        if (memcmp(paged_array_peek(&array, size, index), expected, size) != 0)
            ck_abort_msg("item %d was overwritten", (int)index);
    }
    paged_array_free(&array);
}
END_TEST

START_TEST(is_empty_again_when_freed)
{
    struct paged_array array = {0};

    paged_array_free(&array);
    *at(&array, 7) = 1;
    paged_array_free(&array);
    ck_assert_ptr_null(peek(&array, 7));
    ck_assert_uint_eq(*at(&array, 7), 0);
    paged_array_free(&array);
}
END_TEST

struct visits {
    bool seen[TABLE_ROWS(indexes)];
    int count;
    int stop_after;
};

static bool visit(int64_t id, const void *item, void *context)
{
    struct visits *visits = context;
    bool known = false;

    for (int i = 0; i < TABLE_ROWS(indexes); i++) {
        if (indexes[i] != id)
            continue;
        known = true;
        ck_assert(!visits->seen[i]);
        ck_assert_uint_eq(*(const uint64_t *)item, (uint64_t)i + 1);
        visits->seen[i] = true;
    }
    ck_assert(known);
    return ++visits->count != visits->stop_after;
}

static void fill(struct paged_array *array)
{
    for (int i = 0; i < TABLE_ROWS(indexes); i++)
        *at(array, indexes[i]) = (uint64_t)i + 1;
}

/* On a page or in the hash table, an item that was touched and is zero is passed over. */
START_TEST(visits_each_item_that_is_not_zero_once)
{
    struct paged_array array = {0};
    struct visits visits = {.count = 0};

    ck_assert(paged_array_each(&array, sizeof(uint64_t), visit, &visits));
    ck_assert_int_eq(visits.count, 0);
    fill(&array);
    (void)at(&array, 5000000000);
    *at(&array, indexes[_i]) = 0;
    ck_assert(paged_array_each(&array, sizeof(uint64_t), visit, &visits));
    ck_assert_int_eq(visits.count, TABLE_ROWS(indexes) - 1);
    ck_assert(!visits.seen[_i]);
    paged_array_free(&array);
}
END_TEST

START_TEST(stops_visiting_when_told)
{
    struct paged_array array = {0};
    struct visits visits = {.stop_after = _i};

    fill(&array);
    ck_assert(!paged_array_each(&array, sizeof(uint64_t), visit, &visits));
    ck_assert_int_eq(visits.count, _i);
    paged_array_free(&array);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("paged_array");
    TCase *tests = tcase_create("items");

    tcase_add_loop_test(tests, an_item_is_zero_until_it_is_set, 0, TABLE_ROWS(indexes));
    tcase_add_loop_test(tests, peeking_makes_no_page, 0, TABLE_ROWS(indexes));
    tcase_add_loop_test(tests, has_nothing_at_an_index_beyond_all, 0, TABLE_ROWS(strange_indexes));
    tcase_add_test(tests, an_item_stays_where_it_is);
    tcase_add_loop_test(tests, items_of_any_size_do_not_overlap, 0, TABLE_ROWS(item_sizes));
    tcase_add_loop_test(tests, visits_each_item_that_is_not_zero_once, 0, TABLE_ROWS(indexes));
    tcase_add_loop_test(tests, stops_visiting_when_told, 1, TABLE_ROWS(indexes) + 1);
    tcase_add_test(tests, is_empty_again_when_freed);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
