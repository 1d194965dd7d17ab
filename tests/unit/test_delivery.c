#include "derive/delivery.h"
#include "suite.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define TEN_A(ten) ten ten ten ten ten ten ten ten ten
#define NINETY     TEN_A("aaaaaaaaaa")
/* 90 characters of 2, 3 and 4 bytes. */
#define NINETY_2 TEN_A("\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9")
#define NINETY_3 TEN_A("\u20ac\u20ac\u20ac\u20ac\u20ac\u20ac\u20ac\u20ac\u20ac\u20ac")
#define FIVE_4   "\U0001f34e\U0001f34e\U0001f34e\U0001f34e\U0001f34e"
#define NINETY_4 TEN_A(FIVE_4 FIVE_4)

/* As PostgreSQL joins and cuts them when it works out the same name: left(concat_ws(...), 100). */
static const struct {
    const char *first, *last, *name;
} names[] = {
    {"Ada", "Lovelace", "Ada Lovelace"},
    {"Ada", NULL, "Ada"},
    {"Ada", "", "Ada"},
    {NULL, "Lovelace", "Lovelace"},
    {"", "Lovelace", "Lovelace"},
    {NULL, NULL, NULL},
    {"", "", NULL},
    {NULL, "", NULL},
    {" ", " ", "   "},
    {"Ren\u00e9e", "\u5f20", "Ren\u00e9e \u5f20"},

    {NINETY, "bbbbbbbbb", NINETY " bbbbbbbbb"},
    {NINETY, "bbbbbbbbbc", NINETY " bbbbbbbbb"},
    {NINETY "bbbbbbbb", "cd", NINETY "bbbbbbbb c"},
    {NINETY "bbbbbbbbb", "cd", NINETY "bbbbbbbbb "},
    {NINETY "bbbbbbbbbb", "cd", NINETY "bbbbbbbbbb"},
    {NINETY "bbbbbbbbbbc", "d", NINETY "bbbbbbbbbb"},
    {NINETY NINETY, NINETY, NINETY "aaaaaaaaaa"},
    {NULL, NINETY "bbbbbbbbbbc", NINETY "bbbbbbbbbb"},

    {NINETY_2, NINETY_2, NINETY_2 " \u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9"},
    {NINETY_3, NINETY_2, NINETY_3 " \u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9"},
    {NINETY_4 NINETY_4, "x", NINETY_4 FIVE_4 FIVE_4},
    {NULL, NINETY_4 NINETY_4, NINETY_4 FIVE_4 FIVE_4},
    {"a", NINETY_4 NINETY_4, "a " NINETY_4 FIVE_4 "\U0001f34e\U0001f34e\U0001f34e"},
};

static size_t length_of(const char *text)
{
    return text == NULL ? 0 : strlen(text);
}

static struct delivery_name name_of(const char *text)
{
    return (struct delivery_name){.text = text, .length = length_of(text)};
}

START_TEST(joins_and_cuts_names)
{
    struct delivery delivery = {0};
    char name[DELIVERY_NAME_SIZE];

    delivery_join_name(&delivery, name_of(names[_i].first), name_of(names[_i].last), name);
    ck_assert_uint_eq(delivery.lengths[DELIVERY_NAME], length_of(names[_i].name));
    if (names[_i].name == NULL) {
        ck_assert_ptr_null(delivery.texts[DELIVERY_NAME]);
        return;
    }
    ck_assert_ptr_eq(delivery.texts[DELIVERY_NAME], name);
    ck_assert_mem_eq(name, names[_i].name, length_of(names[_i].name));
}
END_TEST

START_TEST(leaves_other_details_alone)
{
    struct delivery delivery = {.texts[DELIVERY_CITY] = "Kyoto", .lengths[DELIVERY_CITY] = 5};
    char name[DELIVERY_NAME_SIZE];

    delivery_join_name(&delivery, name_of("Ada"), name_of(NULL), name);
    ck_assert_str_eq(delivery.texts[DELIVERY_CITY], "Kyoto");
    ck_assert_ptr_null(delivery.texts[DELIVERY_COUNTRY]);
}
END_TEST

static void set(struct delivery *delivery, enum delivery_detail detail, const char *text)
{
    delivery->texts[detail] = text;
    delivery->lengths[detail] = length_of(text);
}

static void expect(const struct delivery *delivery, int detail, const char *text)
{
    ck_assert_uint_eq(delivery->lengths[detail], length_of(text));
    if (text == NULL) {
        ck_assert_ptr_null(delivery->texts[detail]);
        return;
    }
    ck_assert_ptr_nonnull(delivery->texts[detail]);
    ck_assert_mem_eq(delivery->texts[detail], text, strlen(text));
}

static void expect_nothing(const struct delivery_index *index, int64_t user)
{
    struct delivery delivery = delivery_get(index, user);

    for (int detail = 0; detail < DELIVERY_COUNT; detail++)
        expect(&delivery, detail, NULL);
}

START_TEST(keeps_all_details)
{
    static const char *const texts[DELIVERY_COUNT] = {"Ada", "+44 1", "1 Main St", "", NULL, "UK"};
    struct delivery_index index = {0};
    struct delivery delivery = {0};

    for (int detail = 0; detail < DELIVERY_COUNT; detail++)
        set(&delivery, (enum delivery_detail)detail, texts[detail]);
    ck_assert(delivery_add(&index, 7, &delivery));
    delivery = delivery_get(&index, 7);
    for (int detail = 0; detail < DELIVERY_COUNT; detail++)
        expect(&delivery, detail, texts[detail]);
    delivery_index_free(&index);
}
END_TEST

START_TEST(one_detail_may_be_all)
{
    struct delivery_index index = {0};
    struct delivery delivery = {0};

    set(&delivery, (enum delivery_detail)_i, "this");
    ck_assert(delivery_add(&index, 7, &delivery));
    delivery = delivery_get(&index, 7);
    for (int detail = 0; detail < DELIVERY_COUNT; detail++)
        expect(&delivery, detail, detail == _i ? "this" : NULL);
    delivery_index_free(&index);
}
END_TEST

START_TEST(a_user_may_have_none)
{
    const struct delivery none = {0};
    struct delivery_index index = {0};

    ck_assert(delivery_add(&index, 7, &none));
    expect_nothing(&index, 7);
    delivery_index_free(&index);
}
END_TEST

START_TEST(knows_nothing_of_others)
{
    struct delivery_index index = {0};
    struct delivery delivery = {0};

    expect_nothing(&index, 7);
    set(&delivery, DELIVERY_CITY, "Kyoto");
    ck_assert(delivery_add(&index, 7, &delivery));
    expect_nothing(&index, 0);
    expect_nothing(&index, 6);
    expect_nothing(&index, 8);
    expect_nothing(&index, 400000);
    expect_nothing(&index, -1);
    expect_nothing(&index, INT64_MAX);
    delivery_index_free(&index);
}
END_TEST

/* The whole of them: what the later row leaves empty is not kept from the earlier one. */
START_TEST(later_details_replace_earlier_ones)
{
    struct delivery_index index = {0};
    struct delivery earlier = {0}, later = {0}, other = {0};

    set(&earlier, DELIVERY_CITY, "Kyoto");
    set(&earlier, DELIVERY_COUNTRY, "Japan");
    set(&later, DELIVERY_CITY, "Llanfairpwllgwyngyll");
    set(&other, DELIVERY_CITY, "Oslo");
    ck_assert(delivery_add(&index, 7, &earlier));
    ck_assert(delivery_add(&index, 8, &other));
    ck_assert(delivery_add(&index, 7, &later));
    later = delivery_get(&index, 7);
    other = delivery_get(&index, 8);
    expect(&later, DELIVERY_CITY, "Llanfairpwllgwyngyll");
    expect(&later, DELIVERY_COUNTRY, NULL);
    expect(&other, DELIVERY_CITY, "Oslo");
    delivery_index_free(&index);
}
END_TEST

/* As long as the columns allow, in characters of 4 bytes. */
START_TEST(keeps_the_longest_texts)
{
    enum { LONGEST = 255 * 4 };
    struct delivery_index index = {0};
    struct delivery delivery = {0};
    char text[LONGEST + 1];

    memset(text, 'x', LONGEST);
    text[LONGEST] = '\0';
    for (int detail = 0; detail < DELIVERY_COUNT; detail++)
        set(&delivery, (enum delivery_detail)detail, text);
    for (int64_t user = 1; user <= 100; user++)
        ck_assert(delivery_add(&index, user, &delivery));
    for (int64_t user = 1; user <= 100; user++) {
        delivery = delivery_get(&index, user);
        for (int detail = 0; detail < DELIVERY_COUNT; detail++)
            expect(&delivery, detail, text);
    }
    delivery_index_free(&index);
}
END_TEST

enum { USERS = 50 * 1000 };

START_TEST(grows_over_many_users)
{
    struct delivery_index index = {0};
    char city[32], street[64];

    for (int64_t user = USERS; user >= 1; user--) {
        struct delivery delivery = {0};

        (void)snprintf(city, sizeof city, "city %" PRId64, user);
        (void)snprintf(street, sizeof street, "%0*" PRId64, (int)(user % 50) + 1, user);
        set(&delivery, DELIVERY_CITY, city);
        set(&delivery, DELIVERY_STREET_ADDRESS, user % 3 == 0 ? NULL : street);
        ck_assert(delivery_add(&index, user, &delivery));
    }
    for (int64_t user = 1; user <= USERS; user++) {
        struct delivery delivery = delivery_get(&index, user);

        (void)snprintf(city, sizeof city, "city %" PRId64, user);
        (void)snprintf(street, sizeof street, "%0*" PRId64, (int)(user % 50) + 1, user);
        expect(&delivery, DELIVERY_CITY, city);
        expect(&delivery, DELIVERY_STREET_ADDRESS, user % 3 == 0 ? NULL : street);
        expect(&delivery, DELIVERY_NAME, NULL);
    }
    delivery_index_free(&index);
}
END_TEST

START_TEST(is_empty_again_when_freed)
{
    struct delivery_index index = {0};
    struct delivery delivery = {0};

    delivery_index_free(&index);
    set(&delivery, DELIVERY_CITY, "Kyoto");
    ck_assert(delivery_add(&index, 7, &delivery));
    delivery_index_free(&index);
    expect_nothing(&index, 7);
    ck_assert(delivery_add(&index, 8, &delivery));
    expect_nothing(&index, 7);
    delivery = delivery_get(&index, 8);
    expect(&delivery, DELIVERY_CITY, "Kyoto");
    delivery_index_free(&index);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("delivery");
    TCase *tests = tcase_create("details");

    tcase_add_loop_test(tests, joins_and_cuts_names, 0, TABLE_ROWS(names));
    tcase_add_test(tests, leaves_other_details_alone);
    tcase_add_test(tests, keeps_all_details);
    tcase_add_loop_test(tests, one_detail_may_be_all, 0, DELIVERY_COUNT);
    tcase_add_test(tests, a_user_may_have_none);
    tcase_add_test(tests, knows_nothing_of_others);
    tcase_add_test(tests, later_details_replace_earlier_ones);
    tcase_add_test(tests, keeps_the_longest_texts);
    tcase_add_test(tests, grows_over_many_users);
    tcase_add_test(tests, is_empty_again_when_freed);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
