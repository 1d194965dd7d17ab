/*
 * Compressed files, opened and made by zlib and libzstd themselves, for changes to what is in them.
 */
#ifndef TESTS_FUZZ_COMPRESSED_FILE_H
#define TESTS_FUZZ_COMPRESSED_FILE_H

#include "input/decompressor.h"

#include "fuzz_target.h"

#include <stdbool.h>
/* Lets zlib take const input. */
#define ZLIB_CONST
#include <zlib.h>
#include <zstd.h>

/* What is in a file's first member, or in all of its frames. False where it is damaged. */
static inline bool compressed_file_open(const uint8_t *data, size_t size, uint8_t *plain,
                                        size_t room, size_t *length)
{
    z_stream stream = {.next_in = data, .avail_in = (uInt)size};
    int result;

    if (compression_detect(data, size) == COMPRESSION_ZSTD) {
        *length = ZSTD_decompress(plain, room, data, size);
        return !ZSTD_isError(*length);
    }
    if (inflateInit2(&stream, 16 + MAX_WBITS) != Z_OK)
        return false;
    stream.next_out = plain;
    stream.avail_out = (uInt)room;
    result = inflate(&stream, Z_FINISH);
    *length = room - stream.avail_out;
    return inflateEnd(&stream) == Z_OK && result == Z_STREAM_END;
}

/* One member or frame; 0 where there is no room. */
static inline size_t compressed_file_add(const uint8_t *plain, size_t length, bool gzip, int level,
                                         uint8_t *data, size_t room)
{
    z_stream stream = {.next_in = plain, .avail_in = (uInt)length};
    size_t size;
    int result;

    if (!gzip) {
        size = ZSTD_compress(data, room, plain, length, level);
        return ZSTD_isError(size) ? 0 : size;
    }
    if (deflateInit2(&stream, level, Z_DEFLATED, 16 + MAX_WBITS, 1, Z_DEFAULT_STRATEGY) != Z_OK)
        return 0;
    stream.next_out = data;
    stream.avail_out = (uInt)room;
    result = deflate(&stream, Z_FINISH);
    size = result == Z_STREAM_END ? stream.total_out : 0;
    (void)deflateEnd(&stream);
    return size;
}

/* Makes a file of one to four members or frames, as `choice` has it; some are cut off, some have
 * bytes behind their end. Returns its size. */
static inline size_t compressed_file_make(const uint8_t *plain, size_t length, unsigned choice,
                                          uint8_t *data, size_t room)
{
    bool gzip = choice % 2 == 0;
    int level = (int)(choice / 2 % 4);
    size_t parts = 1 + choice / 8 % 4, size = 0;
    unsigned end = choice / 32 % 8;

    for (size_t i = 0; i < parts; i++) {
        size_t start = length * i / parts, behind = length * (i + 1) / parts;

        size += compressed_file_add(plain + start, behind - start, gzip, level, data + size,
                                    room - size);
    }
    if (end == 0 && size > 0)
        return size - 1 - choice / 256 % size;
    for (; end == 1 && size < room && choice > 0; choice /= 256)
        data[size++] = (uint8_t)choice;
    return size;
}

#endif
