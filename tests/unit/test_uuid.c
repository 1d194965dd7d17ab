#include "suite.h"
#include "value/uuid.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <uuid/uuid.h>

#define NOT_VERSION_4 "not a version 4 UUID: its form is xxxxxxxx-xxxx-4xxx-[89ab]xxx-xxxxxxxxxxxx"

/* What getrandom(2) shall do: fail so often with that errno, then give at most so many bytes. */
static struct {
    unsigned calls;
    unsigned failures;
    int error;
    size_t at_most;
} kernel;

/* Stands before the C library's for this program. */
ssize_t getrandom(void *buffer, size_t length, unsigned flags)
{
    kernel.calls++;
    if (kernel.failures > 0) {
        kernel.failures--;
        errno = kernel.error;
        return -1;
    }
    if (kernel.at_most > 0 && length > kernel.at_most)
        length = kernel.at_most;
    return syscall(SYS_getrandom, buffer, length, flags);
}

static void reset_kernel(void)
{
    memset(&kernel, 0, sizeof kernel);
}

static const struct {
    const char *text;
    uint8_t uuid[UUID_SIZE];
} version_4[] = {
    {"f47ac10b-58cc-4372-a567-0e02b2c3d479",
     {0xf4, 0x7a, 0xc1, 0x0b, 0x58, 0xcc, 0x43, 0x72, 0xa5, 0x67, 0x0e, 0x02, 0xb2, 0xc3, 0xd4,
      0x79}},
    {"919108f7-52d1-4320-9bac-f847db4148a8",
     {0x91, 0x91, 0x08, 0xf7, 0x52, 0xd1, 0x43, 0x20, 0x9b, 0xac, 0xf8, 0x47, 0xdb, 0x41, 0x48,
      0xa8}},
    {"00000000-0000-4000-8000-000000000000",
     {0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x40, 0x00, 0x80, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
      0x00}},
    {"ffffffff-ffff-4fff-bfff-ffffffffffff",
     {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x4f, 0xff, 0xbf, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
      0xff}},
};

static const struct {
    const char *text;
    enum value_fault_code code;
    const char *message;
} mistakes[] = {
    {"", VALUE_FAULT_TYPE, "not a UUID of 8-4-4-4-12 hexadecimal digits"},
    {"f47ac10b", VALUE_FAULT_TYPE, "not a UUID of 8-4-4-4-12 hexadecimal digits"},
    {"f47ac10b-58cc-4372-a567-0e02b2c3d47", VALUE_FAULT_TYPE,
     "not a UUID of 8-4-4-4-12 hexadecimal digits"},
    {"f47ac10b-58cc-4372-a567-0e02b2c3d4790", VALUE_FAULT_TYPE,
     "not a UUID of 8-4-4-4-12 hexadecimal digits"},
    {"f47ac10b-58cc-4372-a567-0e02b2c3d479 ", VALUE_FAULT_TYPE,
     "not a UUID of 8-4-4-4-12 hexadecimal digits"},
    {" f47ac10b-58cc-4372-a567-0e02b2c3d47", VALUE_FAULT_TYPE,
     "not a UUID of 8-4-4-4-12 hexadecimal digits"},
    {" 47ac10b-58cc-4372-a567-0e02b2c3d479", VALUE_FAULT_TYPE,
     "not a UUID of 8-4-4-4-12 hexadecimal digits"},
    {"f47ac10b58cc4372a5670e02b2c3d479", VALUE_FAULT_TYPE,
     "not a UUID of 8-4-4-4-12 hexadecimal digits"},
    {"f47ac10b58cc4372a5670e02b2c3d479f47a", VALUE_FAULT_TYPE,
     "not a UUID of 8-4-4-4-12 hexadecimal digits"},
    {"f47ac10-b58cc-4372-a567-0e02b2c3d479", VALUE_FAULT_TYPE,
     "not a UUID of 8-4-4-4-12 hexadecimal digits"},
    {"f47ac10b-58cc-4372-a567-0e02b2c3d47g", VALUE_FAULT_TYPE,
     "not a UUID of 8-4-4-4-12 hexadecimal digits"},
    {"f47ac10b-58cc-4372-a567-0e02b2c3d47-", VALUE_FAULT_TYPE,
     "not a UUID of 8-4-4-4-12 hexadecimal digits"},
    {"f47ac10b_58cc_4372_a567_0e02b2c3d479", VALUE_FAULT_TYPE,
     "not a UUID of 8-4-4-4-12 hexadecimal digits"},
    {"0x7ac10b-58cc-4372-a567-0e02b2c3d479", VALUE_FAULT_TYPE,
     "not a UUID of 8-4-4-4-12 hexadecimal digits"},
    {"+47ac10b-58cc-4372-a567-0e02b2c3d479", VALUE_FAULT_TYPE,
     "not a UUID of 8-4-4-4-12 hexadecimal digits"},
    {"{f47ac10b-58cc-4372-a567-0e02b2c3d479}", VALUE_FAULT_TYPE,
     "not a UUID of 8-4-4-4-12 hexadecimal digits"},
    {"{f47ac10b-58cc-4372-a567-0e02b2c3d4}", VALUE_FAULT_TYPE,
     "not a UUID of 8-4-4-4-12 hexadecimal digits"},
    {"urn:uuid:f47ac10b-58cc-4372-a567-0e02b2c3d479", VALUE_FAULT_TYPE,
     "not a UUID of 8-4-4-4-12 hexadecimal digits"},
    {"\xc3\xa9"
     "47ac10-58cc-4372-a567-0e02b2c3d479",
     VALUE_FAULT_TYPE, "not a UUID of 8-4-4-4-12 hexadecimal digits"},
    {"00000000-0000-0000-0000-000000000000", VALUE_FAULT_TYPE, NOT_VERSION_4},
    {"ffffffff-ffff-ffff-ffff-ffffffffffff", VALUE_FAULT_TYPE, NOT_VERSION_4},
    {"c232ab00-9414-11ec-b3c8-9f6bdeced846", VALUE_FAULT_TYPE, NOT_VERSION_4},
    {"000003e8-9414-21ec-b300-9f6bdeced846", VALUE_FAULT_TYPE, NOT_VERSION_4},
    {"5df41881-3aed-3515-88a7-2f4a814cf09e", VALUE_FAULT_TYPE, NOT_VERSION_4},
    {"2ed6657d-e927-568b-95e1-2665a8aea6a2", VALUE_FAULT_TYPE, NOT_VERSION_4},
    {"1ec9414c-232a-6b00-b3c8-9f6bdeced846", VALUE_FAULT_TYPE, NOT_VERSION_4},
    {"017f22e2-79b0-7cc3-98c4-dc0c0c07398f", VALUE_FAULT_TYPE, NOT_VERSION_4},
    {"2489e9ad-2ee2-8e00-8ec9-32d5f69181c0", VALUE_FAULT_TYPE, NOT_VERSION_4},
    {"f47ac10b-58cc-4372-0567-0e02b2c3d479", VALUE_FAULT_TYPE, NOT_VERSION_4},
    {"f47ac10b-58cc-4372-7567-0e02b2c3d479", VALUE_FAULT_TYPE, NOT_VERSION_4},
    {"f47ac10b-58cc-4372-c567-0e02b2c3d479", VALUE_FAULT_TYPE, NOT_VERSION_4},
    {"f47ac10b-58cc-4372-e567-0e02b2c3d479", VALUE_FAULT_TYPE, NOT_VERSION_4},
};

START_TEST(reads_version_4)
{
    const char *text = version_4[_i].text;
    uint8_t uuid[UUID_SIZE] = {0};
    const struct value_fault *fault = uuid_v4_parse(text, strlen(text), uuid);

    ck_assert_msg(fault == NULL, "\"%s\": %s", text, fault->text);
    ck_assert_msg(memcmp(uuid, version_4[_i].uuid, UUID_SIZE) == 0, "\"%s\"", text);
}
END_TEST

START_TEST(reads_upper_case)
{
    const char text[] = "F47AC10B-58Cc-4372-A567-0E02B2C3D479";
    uint8_t uuid[UUID_SIZE] = {0};

    ck_assert_ptr_null(uuid_v4_parse(text, strlen(text), uuid));
    ck_assert_mem_eq(uuid, version_4[0].uuid, UUID_SIZE);
}
END_TEST

START_TEST(reads_no_further_than_the_length)
{
    const char text[] = "f47ac10b-58cc-4372-a567-0e02b2c3d479ffff";
    uint8_t uuid[UUID_SIZE] = {0};

    ck_assert_ptr_null(uuid_v4_parse(text, UUID_TEXT_SIZE - 1, uuid));
    ck_assert_mem_eq(uuid, version_4[0].uuid, UUID_SIZE);
}
END_TEST

START_TEST(names_the_mistake)
{
    const char *text = mistakes[_i].text;
    uint8_t uuid[UUID_SIZE];
    const struct value_fault *fault = uuid_v4_parse(text, strlen(text), uuid);

    ck_assert_msg(fault != NULL, "\"%s\" was read", text);
    ck_assert_msg(strcmp(fault->text, mistakes[_i].message) == 0,
                  "\"%s\": \"%s\" instead of \"%s\"", text, fault->text, mistakes[_i].message);
    ck_assert_msg(fault->code == mistakes[_i].code, "\"%s\": code %d instead of %d", text,
                  (int)fault->code, (int)mistakes[_i].code);
}
END_TEST

START_TEST(rejects_a_nul_byte_anywhere)
{
    for (size_t position = 0; position < UUID_TEXT_SIZE - 1; position++) {
        char text[UUID_TEXT_SIZE];
        uint8_t uuid[UUID_SIZE];

        memcpy(text, version_4[0].text, sizeof text);
        text[position] = '\0';
        ck_assert_msg(uuid_v4_parse(text, UUID_TEXT_SIZE - 1, uuid) != NULL,
                      "accepted with a NUL at %zu", position);
    }
}
END_TEST

START_TEST(formats_in_lower_case)
{
    char text[UUID_TEXT_SIZE];

    uuid_format(version_4[_i].uuid, text);
    ck_assert_str_eq(text, version_4[_i].text);
}
END_TEST

static int compare_uuids(const void *left, const void *right)
{
    return memcmp(left, right, UUID_SIZE);
}

/* Caller-owned array of `count` generated UUIDs. */
static uint8_t *generate(size_t count)
{
    struct uuid_generator generator = {0};
    uint8_t *uuids = calloc(count, UUID_SIZE);
    size_t failed = 0;

    ck_assert_ptr_nonnull(uuids);
    for (size_t number = 0; number < count; number++)
        failed += uuid_generate_v4(&generator, uuids + number * UUID_SIZE) ? 0 : 1;
    ck_assert_uint_eq(failed, 0);
    return uuids;
}

static size_t count_duplicates(uint8_t *uuids, size_t count)
{
    size_t duplicates = 0;

    qsort(uuids, count, UUID_SIZE, compare_uuids);
    for (size_t number = 1; number < count; number++) {
        const uint8_t *uuid = uuids + number * UUID_SIZE;

        duplicates += compare_uuids(uuid - UUID_SIZE, uuid) == 0 ? 1 : 0;
    }
    return duplicates;
}

START_TEST(a_million_have_version_and_variant_and_no_duplicate)
{
    const size_t million = 1000000;
    uint8_t *uuids = generate(million);
    size_t wrong = 0;

    for (size_t number = 0; number < million; number++) {
        const uint8_t *uuid = uuids + number * UUID_SIZE;

        if (uuid_type(uuid) != UUID_TYPE_DCE_RANDOM || uuid_variant(uuid) != UUID_VARIANT_DCE)
            wrong++;
    }
    ck_assert_uint_eq(wrong, 0);
    ck_assert_uint_eq(count_duplicates(uuids, million), 0);
    free(uuids);
}
END_TEST

/* RFC 9562, 5.4: all but the 6 bits of version and variant are random. */
START_TEST(every_other_bit_takes_both_values)
{
    const uint8_t always_one[UUID_SIZE] = {[6] = 0x40, [8] = 0x80};
    const uint8_t ever_one[UUID_SIZE] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x4f, 0xff,
                                         0xbf, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    const size_t count = 10000;
    uint8_t *uuids = generate(count);
    uint8_t conjunction[UUID_SIZE];
    uint8_t disjunction[UUID_SIZE];

    memcpy(conjunction, uuids, UUID_SIZE);
    memcpy(disjunction, uuids, UUID_SIZE);
    for (size_t position = 0; position < count * UUID_SIZE; position++) {
        conjunction[position % UUID_SIZE] &= uuids[position];
        disjunction[position % UUID_SIZE] |= uuids[position];
    }
    ck_assert_mem_eq(conjunction, always_one, UUID_SIZE);
    ck_assert_mem_eq(disjunction, ever_one, UUID_SIZE);
    free(uuids);
}
END_TEST

START_TEST(asks_the_kernel_once_a_block)
{
    const size_t in_a_block = UUID_ENTROPY_SIZE / UUID_SIZE;

    free(generate(in_a_block));
    ck_assert_uint_eq(kernel.calls, 1);
    reset_kernel();
    free(generate(in_a_block * 3 + 1));
    ck_assert_uint_eq(kernel.calls, 4);
}
END_TEST

START_TEST(fills_the_block_from_short_reads)
{
    const size_t in_a_block = UUID_ENTROPY_SIZE / UUID_SIZE;
    uint8_t *uuids;

    kernel.at_most = 100;
    uuids = generate(in_a_block);
    ck_assert_uint_eq(kernel.calls, 41);
    ck_assert_uint_eq(count_duplicates(uuids, in_a_block), 0);
    free(uuids);
}
END_TEST

START_TEST(asks_again_after_a_signal)
{
    kernel.failures = 3;
    kernel.error = EINTR;
    free(generate(1));
    ck_assert_uint_eq(kernel.calls, 4);
}
END_TEST

START_TEST(fails_without_entropy_and_recovers)
{
    struct uuid_generator generator = {0};
    uint8_t uuid[UUID_SIZE];

    kernel.failures = 1;
    kernel.error = ENOSYS;
    errno = 0;
    ck_assert(!uuid_generate_v4(&generator, uuid));
    ck_assert_int_eq(errno, ENOSYS);
    ck_assert(uuid_generate_v4(&generator, uuid));
    ck_assert_int_eq(uuid_type(uuid), UUID_TYPE_DCE_RANDOM);
}
END_TEST

static TCase *parse_tests(void)
{
    TCase *parse = tcase_create("parse");

    tcase_add_loop_test(parse, reads_version_4, 0, TABLE_ROWS(version_4));
    tcase_add_test(parse, reads_upper_case);
    tcase_add_test(parse, reads_no_further_than_the_length);
    tcase_add_loop_test(parse, names_the_mistake, 0, TABLE_ROWS(mistakes));
    tcase_add_test(parse, rejects_a_nul_byte_anywhere);
    tcase_add_loop_test(parse, formats_in_lower_case, 0, TABLE_ROWS(version_4));
    return parse;
}

static TCase *generate_tests(void)
{
    TCase *generated = tcase_create("generate");

    tcase_add_checked_fixture(generated, reset_kernel, NULL);
    tcase_set_timeout(generated, 120);
    tcase_add_test(generated, a_million_have_version_and_variant_and_no_duplicate);
    tcase_add_test(generated, every_other_bit_takes_both_values);
    tcase_add_test(generated, asks_the_kernel_once_a_block);
    tcase_add_test(generated, fills_the_block_from_short_reads);
    tcase_add_test(generated, asks_again_after_a_signal);
    tcase_add_test(generated, fails_without_entropy_and_recovers);
    return generated;
}

int main(void)
{
    Suite *suite = suite_create("uuid");

    suite_add_tcase(suite, parse_tests());
    suite_add_tcase(suite, generate_tests());
    return suite_run(suite);
}
