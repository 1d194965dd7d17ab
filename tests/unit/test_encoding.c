#include "suite.h"
#include "value/encoding.h"

#include <pthread.h>
#include <string.h>

static bool holds(const char *name, const char *text)
{
    struct encoding *encoding;
    bool held;

    ck_assert(encoding_open(name, &encoding));
    ck_assert_str_eq(encoding_name(encoding), name);
    held = encoding_holds(encoding, text, strlen(text));
    ck_assert(encoding_holds(encoding, "ASCII, always", 13));
    ck_assert_int_eq(encoding_holds(encoding, text, strlen(text)), held);
    encoding_free(encoding);
    return held;
}

#define HUNDRED(ten) ten ten ten ten ten ten ten ten ten ten

static const struct {
    const char *encoding, *held, *not_held;
} samples[] = {
    {"LATIN1", "Ren\u00e9e \u00a0\u00ff", "\u0142"},
    {"LATIN1", "\xc2\x80", "\u20ac"},
    {"LATIN2", "za\u017c\u00f3\u0142\u0107", "\u00ea"},
    {"LATIN3", "\u0109", "\u00c3"},
    {"LATIN4", "\u0101", "\u0109"},
    {"LATIN5", "\u011f", "\u00f0"},
    {"LATIN6", "\u014b", "\u0142"},
    {"LATIN7", "\u0105", "\u00e3"},
    {"LATIN8", "\u0175", "\u0142"},
    {"LATIN9", "\u20ac\u0153", "\u00a4"},
    {"LATIN10", "\u0219", "\u015f"},
    {"ISO_8859_5", "\u0416", "\u00e9"},
    {"ISO_8859_6", "\u0634", "\u00e9"},
    {"ISO_8859_7", "\u03c9", "\u00e9"},
    {"ISO_8859_8", "\u05d0", "\u00e9"},
    {"WIN866", "\u0416", "\u00e9"},
    {"WIN874", "\u0e01", "\u00e9"},
    {"WIN1250", "\u0142\u20ac", "\u00e3"},
    {"WIN1251", "\u0416", "\u00e9"},
    {"WIN1252", "\u20ac\u201c", "\xc2\x81"},
    {"WIN1253", "\u03c9", "\u00e9"},
    {"WIN1254", "\u011f", "\u0142"},
    {"WIN1255", "\u05d0", "\ufb2a"},
    {"WIN1256", "\u0634", "\u0142"},
    {"WIN1257", "\u0105", "\u00e3"},
    {"WIN1258", "a\u0300", "\u1ea5"}, /* iconv makes a letter and an accent of the latter */
    {"WIN1258", "\u0301", "\u0341"},
    {"KOI8R", "\u0416", "\u0457"},
    {"KOI8U", "\u0457", "\u00e9"},
    {"EUC_CN", "\u4e2d", "\u00eb"},
    {"EUC_JP", "\u65e5\u672c \u2460\uffe0", "100 \u00a5"},
    {"EUC_JP", "\u00a6", "\u00a2"},
    {"EUC_KR", "\ud55c\uad6d", "\u20a9"},
    {"EUC_KR", "\u00a7", "\xc2\x85"},
    {"EUC_TW", "\u4e2d", "\u00e9"},
    {"EUC_JP", "\u65e5", "\u65e5\U000e0067"}, /* iconv drops the tag */
    {"EUC_KR", "\ud55c", "\U000e007f"},
    {"WIN1258", "l\u0301", "\u013a\U000e0000"},
    {"LATIN1", HUNDRED(HUNDRED("\u00e9")), HUNDRED(HUNDRED("\u00e9")) "\u0142"},
};

START_TEST(knows_what_each_holds)
{
    ck_assert(holds(samples[_i].encoding, samples[_i].held));
    ck_assert(!holds(samples[_i].encoding, samples[_i].not_held));
}
END_TEST

static const char *const left_to_the_server[] = {"UTF8", "SQL_ASCII", "EUC_JIS_2004",
                                                 "MULE_INTERNAL", "of no name known"};

START_TEST(leaves_the_others_to_the_server)
{
    ck_assert(holds(left_to_the_server[_i], "\u0142\u65e5\U0001f34e"));
}
END_TEST

START_TEST(only_sql_ascii_counts_bytes)
{
    struct encoding *encoding;

    ck_assert(encoding_open("SQL_ASCII", &encoding));
    ck_assert(encoding_counts_bytes(encoding));
    encoding_free(encoding);
    ck_assert(encoding_open("LATIN1", &encoding));
    ck_assert(!encoding_counts_bytes(encoding));
    encoding_free(encoding);
    ck_assert(encoding_open(NULL, &encoding));
    ck_assert(!encoding_counts_bytes(encoding));
    ck_assert_str_eq(encoding_name(encoding), "UTF8");
    encoding_free(encoding);
}
END_TEST

START_TEST(without_a_database_every_text_is_held)
{
    ck_assert(encoding_holds(NULL, "\u0142", 2));
    encoding_free(NULL);
}
END_TEST

/* A thread that asks the same again and again: each begins and ends in another state. */
struct asking {
    pthread_t thread;
    struct encoding *encoding;
    const char *held, *not_held;
    unsigned wrong;
};

static void *ask_much(void *context)
{
    struct asking *asking = context;

    for (int i = 0; i < 20000; i++) {
        asking->wrong += !encoding_holds(asking->encoding, asking->held, strlen(asking->held));
        asking->wrong +=
            encoding_holds(asking->encoding, asking->not_held, strlen(asking->not_held));
    }
    return NULL;
}

START_TEST(two_threads_may_ask_at_the_same_time)
{
    struct encoding *encoding;
    struct asking asking[] = {
        {.held = HUNDRED("a\u0300 o\u0301"), .not_held = "a\u0300\u4e2d"},
        {.held = HUNDRED("\u0102\u20ac "), .not_held = HUNDRED("\u0102") "\u1ea5"}};

    ck_assert(encoding_open("WIN1258", &encoding));
    for (int i = 0; i < TABLE_ROWS(asking); i++) {
        asking[i].encoding = encoding;
        ck_assert_int_eq(pthread_create(&asking[i].thread, NULL, ask_much, &asking[i]), 0);
    }
    for (int i = 0; i < TABLE_ROWS(asking); i++)
        ck_assert_int_eq(pthread_join(asking[i].thread, NULL), 0);
    ck_assert_uint_eq(asking[0].wrong, 0);
    ck_assert_uint_eq(asking[1].wrong, 0);
    encoding_free(encoding);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("encoding");
    TCase *tests = tcase_create("encodings");

    tcase_add_loop_test(tests, knows_what_each_holds, 0, TABLE_ROWS(samples));
    tcase_add_loop_test(tests, leaves_the_others_to_the_server, 0, TABLE_ROWS(left_to_the_server));
    tcase_add_test(tests, only_sql_ascii_counts_bytes);
    tcase_add_test(tests, without_a_database_every_text_is_held);
    tcase_add_test(tests, two_threads_may_ask_at_the_same_time);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
