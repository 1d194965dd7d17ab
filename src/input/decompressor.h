/*
 * Compressed bytes to bytes: gzip (RFC 1952, zlib), Zstandard (RFC 8878, libzstd) and xz (liblzma).
 * Several members, frames or streams one after another are one stream.
 *
 * libarchive(3) does bzip2 and lz4 (input/archive_stream), and could do these. But its gzip filter
 * does not compare the checksum in the trailer (a "TODO" up to its version 3.8), and is no faster:
 * 175 MB of order items cost 0.44 s with either, 0.21 s as Zstandard. Its xz filter lets a file
 * have as much memory as it says that it wants, up to 4 GiB.
 */
#ifndef INPUT_DECOMPRESSOR_H
#define INPUT_DECOMPRESSOR_H

#include "input/compression.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct decompressor;

/* For COMPRESSION_GZIP, COMPRESSION_ZSTD and COMPRESSION_XZ. NULL when memory ran out. */
struct decompressor *decompressor_new(enum compression compression);

/* What one step takes and gives; all is borrowed. */
struct decompression {
    const uint8_t *in; /* moved on, as in_length is, past the bytes that were taken */
    size_t in_length;
    void *out;
    size_t out_size;
    size_t out_length; /* how many bytes were given, out_size at most */
};

/* What decompressor_step returns when memory ran out, and when the stream would need more memory
 * than a reader should give it: 128 MiB, which is libzstd's own limit. */
extern const char decompressor_no_memory[];
extern const char decompressor_memory_limit[];

/* Decompresses as much as there is input and room for. Returns NULL, or what is wrong with the
 * stream: one of these two, or another static text, or the decompressor's. */
const char *decompressor_step(struct decompressor *decompressor, struct decompression *step);

/* Whether the stream may end here: a member or frame is complete, and none has begun since. */
bool decompressor_may_end(const struct decompressor *decompressor);

/* Frees; NULL is fine. */
void decompressor_free(struct decompressor *decompressor);

#endif
