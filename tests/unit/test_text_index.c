#include "index/text_index.h"
#include "suite.h"

#include <stdio.h>
#include <string.h>

#define BYTES(literal) literal, sizeof(literal) - 1

static void expect_added(struct text_index *index, const char *bytes, size_t length, uint32_t line,
                         int64_t id)
{
    bool added = false;
    struct text_entry *entry =
        text_index_add(index, (struct text_value){bytes, length}, line, id, &added);

    ck_assert_ptr_nonnull(entry);
    ck_assert_msg(added, "\"%.*s\" was there before", (int)length, bytes);
    ck_assert_uint_eq(entry->line, line);
    ck_assert_int_eq(entry->id, id);
}

static struct text_entry *expect_found(struct text_index *index, const char *bytes, size_t length,
                                       uint32_t line, int64_t id)
{
    bool added = true;
    struct text_entry *entry =
        text_index_add(index, (struct text_value){bytes, length}, 4242, 4242, &added);

    ck_assert_ptr_nonnull(entry);
    ck_assert_msg(!added, "\"%.*s\" was not found", (int)length, bytes);
    ck_assert_uint_eq(entry->line, line);
    ck_assert_int_eq(entry->id, id);
    return entry;
}

/* Values that a comparison of too few bytes would take for each other. */
static const struct {
    const char *bytes;
    size_t length;
} values[] = {
    {BYTES("")},
    {BYTES("a")},
    {BYTES("A")},
    {BYTES("aa")},
    {BYTES("a\0")},
    {BYTES("a\0b")},
    {BYTES("a\0c")},
    {BYTES("\0")},
    {BYTES(" ")},
    {BYTES("a ")},
    {BYTES("caf\303\251")},
    {BYTES("cafe\314\201")},
    {BYTES("john@example.com")},
    {BYTES("John@example.com")},
    {BYTES("john@example.con")},
};

START_TEST(tells_values_apart)
{
    struct text_index index = {0};

    for (int i = 0; i < TABLE_ROWS(values); i++)
        expect_added(&index, values[i].bytes, values[i].length, (uint32_t)i + 2, i + 100);
    for (int i = 0; i < TABLE_ROWS(values); i++)
        (void)expect_found(&index, values[i].bytes, values[i].length, (uint32_t)i + 2, i + 100);
    text_index_free(&index);
}
END_TEST

START_TEST(finds_a_value_alone)
{
    struct text_index index = {0};

    expect_added(&index, values[_i].bytes, values[_i].length, 2, 7);
    (void)expect_found(&index, values[_i].bytes, values[_i].length, 2, 7);
    text_index_free(&index);
}
END_TEST

START_TEST(keeps_its_own_copy)
{
    struct text_index index = {0};
    char value[] = "john";

    expect_added(&index, value, strlen(value), 2, 7);
    value[0] = 'J';
    expect_added(&index, value, strlen(value), 3, 8);
    (void)expect_found(&index, BYTES("john"), 2, 7);
    text_index_free(&index);
}
END_TEST

START_TEST(an_entry_can_be_changed)
{
    struct text_index index = {0};
    struct text_entry *entry;

    expect_added(&index, BYTES("john"), 0, 7);
    entry = expect_found(&index, BYTES("john"), 0, 7);
    entry->line = 12;
    entry->id = 8;
    (void)expect_found(&index, BYTES("john"), 12, 8);
    text_index_free(&index);
}
END_TEST

enum { MANY = 10 * 1000 };

static size_t print_address(char *text, size_t size, int number)
{
    return (size_t)snprintf(text, size, "user%d@example.com", number);
}

START_TEST(keeps_all_when_it_grows)
{
    struct text_index index = {0};
    char text[64];

    for (int i = 0; i < MANY; i++) {
        size_t length = print_address(text, sizeof text, i);

        expect_added(&index, text, length, (uint32_t)i, -i);
    }
    for (int i = MANY - 1; i >= 0; i--) {
        size_t length = print_address(text, sizeof text, i);

        (void)expect_found(&index, text, length, (uint32_t)i, -i);
    }
    ck_assert_uint_eq(index.entry_count, MANY);
    text_index_free(&index);
}
END_TEST

/* A value may be larger than all the room there is, however often that is doubled. */
START_TEST(takes_a_large_value)
{
    static char large[1000 * 1000];
    struct text_index index = {0};

    memset(large, 'x', sizeof large);
    expect_added(&index, BYTES("before"), 2, 7);
    expect_added(&index, large, sizeof large, 3, 8);
    expect_added(&index, large, sizeof large - 1, 4, 9);
    (void)expect_found(&index, large, sizeof large, 3, 8);
    (void)expect_found(&index, BYTES("before"), 2, 7);
    text_index_free(&index);
}
END_TEST

START_TEST(is_empty_again_when_freed)
{
    struct text_index index = {0};

    text_index_free(&index);
    expect_added(&index, BYTES("john"), 2, 7);
    text_index_free(&index);
    expect_added(&index, BYTES("john"), 3, 8);
    text_index_free(&index);
}
END_TEST

struct visited {
    size_t values, bytes, stops_at;
};

static bool visit(struct text_value value, void *context)
{
    struct visited *visited = context;

    ck_assert(value.length == 0 || value.bytes != NULL);
    visited->bytes += value.length;
    return ++visited->values != visited->stops_at;
}

START_TEST(visits_each_value)
{
    struct text_index index = {0};
    struct visited none = {0}, all = {0}, some = {.stops_at = 3};
    size_t bytes = 0;

    ck_assert(text_index_each(&index, visit, &none));
    ck_assert_uint_eq(none.values, 0);
    for (int i = 0; i < TABLE_ROWS(values); i++) {
        expect_added(&index, values[i].bytes, values[i].length, 0, i);
        bytes += values[i].length;
    }
    ck_assert(text_index_each(&index, visit, &all));
    ck_assert_uint_eq(all.values, TABLE_ROWS(values));
    ck_assert_uint_eq(all.bytes, bytes);
    ck_assert(!text_index_each(&index, visit, &some));
    ck_assert_uint_eq(some.values, 3);
    text_index_free(&index);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("text_index");
    TCase *tests = tcase_create("texts");

    tcase_add_test(tests, tells_values_apart);
    tcase_add_loop_test(tests, finds_a_value_alone, 0, TABLE_ROWS(values));
    tcase_add_test(tests, keeps_its_own_copy);
    tcase_add_test(tests, an_entry_can_be_changed);
    tcase_add_test(tests, keeps_all_when_it_grows);
    tcase_add_test(tests, takes_a_large_value);
    tcase_add_test(tests, visits_each_value);
    tcase_add_test(tests, is_empty_again_when_freed);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
