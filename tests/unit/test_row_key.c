#include "row/row_key.h"

#include "suite.h"
#include "value/timestamp.h"

#include <string.h>

/* 2016-08-19 09:16:40 UTC. */
enum { SECONDS = 524913400 };
#define TIME (SECONDS * INT64_C(1000000))
enum { SHIPPED = 2 };

static const struct {
    enum table_id table;
    int64_t parts[TABLE_KEY_MAX];
    const char *text;
} keys[] = {
    {TABLE_USERS, {42}, "42"},
    {TABLE_PRODUCT_ENRICHED, {2147483647}, "2147483647"},
    {TABLE_ORDER_ITEMS, {11, 101}, "11/101"},
    {TABLE_ORDER_STATUS_HISTORY, {11, TIME, SHIPPED}, "11/2016-08-19 09:16:40+00:00/shipped"},
    {TABLE_ORDER_STATUS_HISTORY,
     {4294967295, -1, SHIPPED},
     "4294967295/1999-12-31 23:59:59.999999+00:00/shipped"},
};

static void fill(struct row *row, int index)
{
    const struct table *table = table_get(keys[index].table);

    row_clear(row, NULL);
    for (size_t i = 0; i < table->key_count; i++)
        row->values[table->key[i]] =
            (struct value){.present = true, .integer = keys[index].parts[i]};
}

START_TEST(tells_the_key_of_a_row)
{
    char text[PROBLEM_KEY_SIZE];
    struct row row;

    fill(&row, _i);
    ck_assert_str_eq(row_key_text(table_get(keys[_i].table), &row, text), keys[_i].text);
}
END_TEST

START_TEST(tells_nothing_of_a_key_with_a_part_missing)
{
    const struct table *table = table_get(keys[_i].table);
    char text[PROBLEM_KEY_SIZE];
    struct row row;

    for (size_t i = 0; i < table->key_count; i++) {
        fill(&row, _i);
        row.values[table->key[i]].present = false;
        ck_assert_str_eq(row_key_text(table, &row, text), "");
    }
}
END_TEST

START_TEST(tells_the_same_of_parent_and_child)
{
    const struct table *table = table_get(keys[_i].table);
    const int64_t *parts = keys[_i].parts;
    char text[PROBLEM_KEY_SIZE];
    int64_t child =
        table->key_kind == KEY_EVENT ? row_key_pack_event(parts[1], (unsigned)parts[2]) : parts[1];

    if (table->key_kind != KEY_ID)
        ck_assert_str_eq(row_key_text_of_pair(table, parts[0], child, text), keys[_i].text);
}
END_TEST

static const char *const times[] = {
    "0001-01-01 00:00:00Z",        "1999-12-31 23:59:59.999999Z", "2000-01-01 00:00:00Z",
    "2000-01-01 00:00:00.000001Z", "2016-08-19 09:16:40+00:00",   "9999-12-31 23:59:59.999999Z",
};

START_TEST(packs_and_unpacks)
{
    int64_t time;

    ck_assert_ptr_null(timestamp_parse(times[_i], strlen(times[_i]), &time));
    for (unsigned status = 0; status < ORDER_STATUS_COUNT; status++) {
        int64_t packed = row_key_pack_event(time, status);

        ck_assert_int_eq(row_key_event_time(packed), time);
        ck_assert_uint_eq(row_key_event_status(packed), status);
    }
}
END_TEST

/* By time, then by status. */
START_TEST(packed_events_are_in_the_order_of_time)
{
    static const int64_t ordered[] = {-63082281600000000, -2, -1, 0, 1, 2, 252455615999999999};
    int64_t before = INT64_MIN;

    for (size_t i = 0; i < sizeof ordered / sizeof *ordered; i++)
        for (unsigned status = 0; status < ORDER_STATUS_COUNT; status++) {
            ck_assert_int_gt(row_key_pack_event(ordered[i], status), before);
            before = row_key_pack_event(ordered[i], status);
        }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("row_key");
    TCase *tests = tcase_create("keys");

    tcase_add_loop_test(tests, tells_the_key_of_a_row, 0, TABLE_ROWS(keys));
    tcase_add_loop_test(tests, tells_nothing_of_a_key_with_a_part_missing, 0, TABLE_ROWS(keys));
    tcase_add_loop_test(tests, tells_the_same_of_parent_and_child, 0, TABLE_ROWS(keys));
    tcase_add_loop_test(tests, packs_and_unpacks, 0, TABLE_ROWS(times));
    tcase_add_test(tests, packed_events_are_in_the_order_of_time);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
