#include "input/fingerprint.h"
#include "suite.h"

#include <string.h>

/* FIPS 180-4's own examples. */
#define OF_NOTHING    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define OF_ABC        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
#define TWO_BLOCKS    "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"
#define OF_TWO_BLOCKS "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"

static struct fingerprint *make(void)
{
    struct fingerprint *fingerprint = NULL;
    struct error error = {0};

    ck_assert_msg(fingerprint_new(&fingerprint, &error), "%s", error.message);
    return fingerprint;
}

static void take(struct fingerprint *fingerprint, const char *bytes, size_t from, size_t to)
{
    fingerprint_take(fingerprint, from, bytes + from, to - from);
}

static void expect(const struct fingerprint *fingerprint, const char *hash, uint64_t length)
{
    char text[FINGERPRINT_TEXT_SIZE];

    fingerprint_text(fingerprint, text);
    ck_assert_str_eq(text, hash);
    ck_assert_uint_eq(fingerprint_length(fingerprint), length);
}

START_TEST(is_sha_256)
{
    struct fingerprint *fingerprint = make();

    expect(fingerprint, OF_NOTHING, 0);
    take(fingerprint, "abc", 0, 3);
    expect(fingerprint, OF_ABC, 3);
    fingerprint_free(fingerprint);
}
END_TEST

/* _i is where the first piece ends. */
START_TEST(takes_any_pieces)
{
    struct fingerprint *fingerprint = make();
    size_t length = strlen(TWO_BLOCKS), cut = (size_t)_i;

    take(fingerprint, TWO_BLOCKS, 0, cut);
    take(fingerprint, TWO_BLOCKS, cut, length);
    expect(fingerprint, OF_TWO_BLOCKS, length);
    fingerprint_free(fingerprint);
}
END_TEST

START_TEST(passes_over_what_it_has_had)
{
    struct fingerprint *fingerprint = make();
    size_t length = strlen(TWO_BLOCKS);

    take(fingerprint, TWO_BLOCKS, 0, 20);
    take(fingerprint, TWO_BLOCKS, 0, 3);
    take(fingerprint, TWO_BLOCKS, 3, 20);
    take(fingerprint, TWO_BLOCKS, 10, 40);
    take(fingerprint, TWO_BLOCKS, 0, length);
    take(fingerprint, TWO_BLOCKS, 0, length);
    expect(fingerprint, OF_TWO_BLOCKS, length);
    fingerprint_free(fingerprint);
}
END_TEST

START_TEST(leaves_what_is_behind_a_gap_for_later)
{
    struct fingerprint *fingerprint = make();
    size_t length = strlen(TWO_BLOCKS);

    take(fingerprint, TWO_BLOCKS, 5, length);
    expect(fingerprint, OF_NOTHING, 0);
    take(fingerprint, TWO_BLOCKS, 0, 5);
    take(fingerprint, TWO_BLOCKS, 6, length);
    ck_assert_uint_eq(fingerprint_length(fingerprint), 5);
    take(fingerprint, TWO_BLOCKS, 5, length);
    expect(fingerprint, OF_TWO_BLOCKS, length);
    fingerprint_free(fingerprint);
}
END_TEST

START_TEST(frees_nothing)
{
    fingerprint_free(NULL);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("fingerprint");
    TCase *tests = tcase_create("fingerprint");

    tcase_add_test(tests, is_sha_256);
    tcase_add_loop_test(tests, takes_any_pieces, 0, (int)sizeof TWO_BLOCKS);
    tcase_add_test(tests, passes_over_what_it_has_had);
    tcase_add_test(tests, leaves_what_is_behind_a_gap_for_later);
    tcase_add_test(tests, frees_nothing);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
