/*
 * Compressed data, made by the libraries that decompress it.
 */
#ifndef TESTS_UNIT_COMPRESSED_H
#define TESTS_UNIT_COMPRESSED_H

#include <check.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
/* Lets zlib take const input. */
#define ZLIB_CONST
#include <zlib.h>
#include <zstd.h>

/* Caller-owned; zeroed is empty, compressed_free empties it again. */
struct compressed {
    uint8_t *bytes;
    size_t length;
};

static inline uint8_t *compressed_extend(struct compressed *compressed, size_t length)
{
    compressed->bytes = realloc(compressed->bytes, compressed->length + length);
    ck_assert_ptr_nonnull(compressed->bytes);
    return compressed->bytes + compressed->length;
}

/* One member; `extra_length` bytes of its header mean nothing. */
static inline void compressed_add_gzip(struct compressed *compressed, const void *bytes,
                                       size_t length, unsigned extra_length)
{
    static Bytef name[] = "orders.csv", comment[] = "a comment", extra[65535];
    gz_header header = {.name = name, .comment = comment, .hcrc = 1};
    z_stream stream = {0};
    uLong bound;

    header.extra = extra;
    header.extra_len = extra_length;
    ck_assert_int_eq(deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, 16 + MAX_WBITS,
                                  MAX_MEM_LEVEL, Z_DEFAULT_STRATEGY),
                     Z_OK);
    if (extra_length > 0)
        ck_assert_int_eq(deflateSetHeader(&stream, &header), Z_OK);
    bound = deflateBound(&stream, length);
    stream.next_in = bytes;
    stream.avail_in = (uInt)length;
    stream.next_out = compressed_extend(compressed, bound);
    stream.avail_out = (uInt)bound;
    ck_assert_int_eq(deflate(&stream, Z_FINISH), Z_STREAM_END);
    compressed->length += stream.total_out;
    ck_assert_int_eq(deflateEnd(&stream), Z_OK);
}

/* One frame, with a checksum. */
static inline void compressed_add_zstd(struct compressed *compressed, const void *bytes,
                                       size_t length)
{
    size_t bound = ZSTD_compressBound(length);
    uint8_t *place = compressed_extend(compressed, bound);
    ZSTD_CCtx *context = ZSTD_createCCtx();

    ck_assert_ptr_nonnull(context);
    ck_assert(!ZSTD_isError(ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1)));
    bound = ZSTD_compress2(context, place, bound, bytes, length);
    ck_assert(!ZSTD_isError(bound));
    compressed->length += bound;
    (void)ZSTD_freeCCtx(context);
}

/* A frame that holds nothing for the reader (RFC 8878, 3.1.2), `length` bytes in all. */
static inline void compressed_add_zstd_skippable(struct compressed *compressed, size_t length)
{
    enum { HEADER_SIZE = 8 };
    uint8_t *place = compressed_extend(compressed, length);
    uint32_t content = (uint32_t)length - HEADER_SIZE;
    const uint8_t header[HEADER_SIZE] = {0x53,
                                         0x2a,
                                         0x4d,
                                         0x18,
                                         (uint8_t)content,
                                         (uint8_t)(content >> 8),
                                         (uint8_t)(content >> 16),
                                         (uint8_t)(content >> 24)};

    memset(place, 0x28, length);
    memcpy(place, header, HEADER_SIZE);
    compressed->length += length;
}

static inline void compressed_free(struct compressed *compressed)
{
    free(compressed->bytes);
    *compressed = (struct compressed){0};
}

#endif
