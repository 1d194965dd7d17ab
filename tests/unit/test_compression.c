#include "input/compression.h"

#include "suite.h"

#define BYTES(literal) literal, sizeof(literal) - 1

static const struct {
    const char *bytes;
    size_t length;
    enum compression compression;
} beginnings[] = {
    {BYTES(""), COMPRESSION_NONE},
    {BYTES("\x1f"), COMPRESSION_NONE},
    {BYTES("\x1f\x8b"), COMPRESSION_GZIP},
    {BYTES("\x1f\x8b\x08\x00"), COMPRESSION_GZIP},
    {BYTES("\x1f\x9d\x08\x00"), COMPRESSION_NONE},
    {BYTES("\x8b\x1f\x08\x00"), COMPRESSION_NONE},
    {BYTES("\x28\xb5\x2f"), COMPRESSION_NONE},
    {BYTES("\x28\xb5\x2f\xfd"), COMPRESSION_ZSTD},
    {BYTES("\x28\xb5\x2f\xfc"), COMPRESSION_NONE},
    {BYTES("\x50\x2a\x4d"), COMPRESSION_NONE},
    {BYTES("\x50\x2a\x4d\x18"), COMPRESSION_ZSTD},
    {BYTES("\x5f\x2a\x4d\x18"), COMPRESSION_ZSTD},
    {BYTES("\x60\x2a\x4d\x18"), COMPRESSION_NONE},
    {BYTES("\x4f\x2a\x4d\x18"), COMPRESSION_NONE},
    {BYTES("\x50\x2a\x4d\x19"), COMPRESSION_NONE},
    {BYTES("BZh91AY&SY"), COMPRESSION_BZIP2},
    {BYTES("BZh1\x17\x72\x45\x38\x50\x90"), COMPRESSION_BZIP2},
    {BYTES("BZh91AY&S"), COMPRESSION_NONE},
    {BYTES("BZh01AY&SY"), COMPRESSION_NONE},
    {BYTES("BZh9,user_id\n"), COMPRESSION_NONE},
    {BYTES("\xfd\x37zXZ\0"), COMPRESSION_XZ},
    {BYTES("\xfd\x37zXZ"), COMPRESSION_NONE},
    {BYTES("\xfd\x37zXZ\1"), COMPRESSION_NONE},
    {BYTES("\x04\x22\x4d\x18"), COMPRESSION_LZ4},
    {BYTES("\x04\x22\x4d"), COMPRESSION_NONE},
    {BYTES("\x02\x21\x4c\x18"), COMPRESSION_NONE},
    {BYTES("id\n1"), COMPRESSION_NONE},
    {BYTES("\xef\xbb\xbfi"), COMPRESSION_NONE},
    {BYTES("PK\3\4"), COMPRESSION_NONE},
};

START_TEST(recognises_compressed_data)
{
    ck_assert_int_eq(
        compression_detect((const uint8_t *)beginnings[_i].bytes, beginnings[_i].length),
        beginnings[_i].compression);
}
END_TEST

START_TEST(has_names_for_messages)
{
    ck_assert_str_eq(compression_name(COMPRESSION_GZIP), "gzip");
    ck_assert_str_eq(compression_name(COMPRESSION_ZSTD), "zstd");
    ck_assert_str_eq(compression_name(COMPRESSION_BZIP2), "bzip2");
    ck_assert_str_eq(compression_name(COMPRESSION_XZ), "xz");
    ck_assert_str_eq(compression_name(COMPRESSION_LZ4), "lz4");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("compression");
    TCase *tests = tcase_create("beginnings");

    tcase_add_loop_test(tests, recognises_compressed_data, 0, TABLE_ROWS(beginnings));
    tcase_add_test(tests, has_names_for_messages);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
