#include "input/compression.h"

#include <stdbool.h>
#include <string.h>

static const uint8_t gzip_magic[] = {0x1f, 0x8b};
static const uint8_t zstd_magic[] = {0x28, 0xb5, 0x2f, 0xfd};
static const uint8_t xz_magic[] = {0xfd, '7', 'z', 'X', 'Z', 0x00};
static const uint8_t lz4_magic[] = {0x04, 0x22, 0x4d, 0x18};
static const uint8_t bzip2_magic[] = {'B', 'Z', 'h'};
static const uint8_t bzip2_block[] = {0x31, 0x41, 0x59, 0x26, 0x53, 0x59};
static const uint8_t bzip2_end[] = {0x17, 0x72, 0x45, 0x38, 0x50, 0x90};

/* The first bytes of a skippable frame (RFC 8878, 3.1.2), which pzstd begins with; the low half of
 * the first byte may be anything. */
static const uint8_t zstd_skippable_magic[] = {0x50, 0x2a, 0x4d, 0x18};

#define BEGINS_WITH(bytes, length, magic)                                                          \
    ((length) >= sizeof(magic) && memcmp(bytes, magic, sizeof(magic)) == 0)

static bool is_zstd(const uint8_t *bytes, size_t length)
{
    return BEGINS_WITH(bytes, length, zstd_magic) ||
           (length >= sizeof zstd_skippable_magic && (bytes[0] & 0xf0) == zstd_skippable_magic[0] &&
            memcmp(bytes + 1, zstd_skippable_magic + 1, sizeof zstd_skippable_magic - 1) == 0);
}

/* Its three letters could be a text: behind the block size, '1' to '9', there is a block, or the
 * end of an empty file. */
static bool is_bzip2(const uint8_t *bytes, size_t length)
{
    enum { LEVEL_AT = 3, BLOCK_AT = 4 };

    return length >= BLOCK_AT + sizeof bzip2_block && BEGINS_WITH(bytes, length, bzip2_magic) &&
           bytes[LEVEL_AT] >= '1' && bytes[LEVEL_AT] <= '9' &&
           (memcmp(bytes + BLOCK_AT, bzip2_block, sizeof bzip2_block) == 0 ||
            memcmp(bytes + BLOCK_AT, bzip2_end, sizeof bzip2_end) == 0);
}

enum compression compression_detect(const uint8_t *bytes, size_t length)
{
    if (BEGINS_WITH(bytes, length, gzip_magic))
        return COMPRESSION_GZIP;
    if (is_zstd(bytes, length))
        return COMPRESSION_ZSTD;
    if (is_bzip2(bytes, length))
        return COMPRESSION_BZIP2;
    if (BEGINS_WITH(bytes, length, xz_magic))
        return COMPRESSION_XZ;
    if (BEGINS_WITH(bytes, length, lz4_magic))
        return COMPRESSION_LZ4;
    return COMPRESSION_NONE;
}

const char *compression_name(enum compression compression)
{
    static const char *const names[] = {
        [COMPRESSION_NONE] = "plain",  [COMPRESSION_GZIP] = "gzip", [COMPRESSION_ZSTD] = "zstd",
        [COMPRESSION_BZIP2] = "bzip2", [COMPRESSION_XZ] = "xz",     [COMPRESSION_LZ4] = "lz4"};

    return names[compression];
}
