#include "derive/delivery.h"
#include "suite.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
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

static const struct delivery_name nameless = {0};

static struct delivery_index index_with_room(size_t name)
{
    return (struct delivery_index){.room.limits[DELIVERY_NAME] = name};
}

static void expect_name(struct delivery_index *index, const char *first, const char *last,
                        const char *name)
{
    const struct delivery none = {0};
    struct delivery delivery;

    ck_assert(delivery_add(index, 7, &none, name_of(first), name_of(last)));
    delivery = delivery_get(index, 7);
    ck_assert_uint_eq(delivery.lengths[DELIVERY_NAME], length_of(name));
    if (name == NULL)
        ck_assert_ptr_null(delivery.texts[DELIVERY_NAME]);
    else
        ck_assert_mem_eq(delivery.texts[DELIVERY_NAME], name, length_of(name));
    delivery_index_free(index);
}

START_TEST(joins_and_cuts_names)
{
    struct delivery_index index = index_with_room(100);

    expect_name(&index, names[_i].first, names[_i].last, names[_i].name);
}
END_TEST

/* As the column of the database has it. */
START_TEST(cuts_names_to_the_room_there_is)
{
    struct delivery_index narrow = index_with_room(5), all = {0};

    expect_name(&narrow, "Ren\u00e9e", "\u5f20", "Ren\u00e9e");
    expect_name(&narrow, "Ren\u00e9", "\u5f20\u5f20", "Ren\u00e9 ");
    expect_name(&narrow, "Re", "\u5f20\u5f20\u5f20", "Re \u5f20\u5f20");
    expect_name(&all, NINETY_4 NINETY_3, NINETY_2 NINETY, NINETY_4 NINETY_3 " " NINETY_2 NINETY);
}
END_TEST

/* Where the server counts bytes, a character is not cut in two. */
START_TEST(cuts_names_in_bytes)
{
    struct delivery_index index = index_with_room(6);

    index.room.in_bytes = true;
    expect_name(&index, "Ren\u00e9e", "X", "Ren\u00e9e");
    expect_name(&index, "Rene\u00e9", "X", "Rene\u00e9");
    expect_name(&index, "Renee\u00e9", "X", "Renee");
    expect_name(&index, "\u5f20\u5f20\u5f20", NULL, "\u5f20\u5f20");
    expect_name(&index, "a\u5f20\u5f20", NULL, "a\u5f20");
    expect_name(&index, "aa\U0001f34e\U0001f34e", NULL, "aa\U0001f34e");
    expect_name(&index, "aaa\U0001f34e", "b", "aaa");
    expect_name(&index, "aaaa", "\u00e9", "aaaa ");
    expect_name(&index, "aaa", "\u00e9", "aaa \u00e9");
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

    for (int detail = DELIVERY_NAME + 1; detail < DELIVERY_COUNT; detail++)
        set(&delivery, (enum delivery_detail)detail, texts[detail]);
    ck_assert(delivery_add(&index, 7, &delivery, name_of(texts[DELIVERY_NAME]), nameless));
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
    ck_assert(
        delivery_add(&index, 7, &delivery, nameless, name_of(_i == DELIVERY_NAME ? "this" : NULL)));
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

    ck_assert(delivery_add(&index, 7, &none, nameless, nameless));
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
    ck_assert(delivery_add(&index, 7, &delivery, nameless, nameless));
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
    ck_assert(delivery_add(&index, 7, &earlier, nameless, nameless));
    ck_assert(delivery_add(&index, 8, &other, nameless, nameless));
    ck_assert(delivery_add(&index, 7, &later, nameless, nameless));
    later = delivery_get(&index, 7);
    other = delivery_get(&index, 8);
    expect(&later, DELIVERY_CITY, "Llanfairpwllgwyngyll");
    expect(&later, DELIVERY_COUNTRY, NULL);
    expect(&other, DELIVERY_CITY, "Oslo");
    delivery_index_free(&index);
}
END_TEST

/* Lengths of one, two and three bytes, and of more than 16 bits. */
START_TEST(keeps_the_longest_texts)
{
    enum { LONGEST = 70 * 1000 };
    static const size_t lengths[] = {126, 127, 128, 16382, 16383, 16384, 65534, 65535, LONGEST};
    struct delivery_index index = {0};
    struct delivery delivery = {0};
    char *text = malloc(LONGEST);

    ck_assert_ptr_nonnull(text);
    memset(text, 'x', LONGEST);
    for (size_t i = 0; i < TABLE_ROWS(lengths); i++) {
        for (int detail = 0; detail < DELIVERY_COUNT; detail++) {
            delivery.texts[detail] = text;
            delivery.lengths[detail] = lengths[i];
        }
        ck_assert(delivery_add(&index, (int64_t)i, &delivery,
                               (struct delivery_name){.text = text, .length = lengths[i]},
                               nameless));
    }
    for (size_t i = 0; i < TABLE_ROWS(lengths); i++) {
        delivery = delivery_get(&index, (int64_t)i);
        for (int detail = 0; detail < DELIVERY_COUNT; detail++) {
            ck_assert_uint_eq(delivery.lengths[detail], lengths[i]);
            ck_assert_mem_eq(delivery.texts[detail], text, lengths[i]);
        }
    }
    delivery_index_free(&index);
    free(text);
}
END_TEST

START_TEST(finds_what_there_is_no_room_for)
{
    struct delivery_room room = {.limits = {1, 3, 4, 0, 2, 0}};
    struct delivery delivery = {0};
    size_t length = 0;

    ck_assert_int_eq(delivery_too_long(&room, &delivery, &length), DELIVERY_COUNT);
    set(&delivery, DELIVERY_NAME, "of no interest");
    set(&delivery, DELIVERY_PHONE_NUMBER, "\u00e9\u00e9\u00e9");
    set(&delivery, DELIVERY_CITY, "of any length");
    ck_assert_int_eq(delivery_too_long(&room, &delivery, &length), DELIVERY_COUNT);
    set(&delivery, DELIVERY_POSTAL_CODE, "123");
    ck_assert_int_eq(delivery_too_long(&room, &delivery, &length), DELIVERY_POSTAL_CODE);
    ck_assert_uint_eq(length, 3);
    room.in_bytes = true;
    ck_assert_int_eq(delivery_too_long(&room, &delivery, &length), DELIVERY_PHONE_NUMBER);
    ck_assert_uint_eq(length, 6);
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
        ck_assert(delivery_add(&index, user, &delivery, nameless, nameless));
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
    ck_assert(delivery_add(&index, 7, &delivery, nameless, nameless));
    delivery_index_free(&index);
    expect_nothing(&index, 7);
    ck_assert(delivery_add(&index, 8, &delivery, nameless, nameless));
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
    tcase_add_test(tests, cuts_names_to_the_room_there_is);
    tcase_add_test(tests, cuts_names_in_bytes);
    tcase_add_test(tests, finds_what_there_is_no_room_for);
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
