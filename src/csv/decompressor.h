/*
 * Compressed bytes to bytes: gzip (RFC 1952, zlib) and Zstandard (RFC 8878, libzstd).
 * Several members or frames one after another are one stream.
 */
#ifndef CSV_DECOMPRESSOR_H
#define CSV_DECOMPRESSOR_H

#include "csv/compression.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct decompressor;

/* For COMPRESSION_GZIP and COMPRESSION_ZSTD. NULL when memory ran out. */
struct decompressor *decompressor_new(enum compression compression);

/* What one step takes and gives; all is borrowed. */
struct decompression {
    const uint8_t *in; /* moved on, as in_length is, past the bytes that were taken */
    size_t in_length;
    void *out;
    size_t out_size;
    size_t out_length; /* how many bytes were given, out_size at most */
};

/* Decompresses as much as there is input and room for. Returns NULL, or what is wrong with the
 * stream in static or the decompressor's text. */
const char *decompressor_step(struct decompressor *decompressor, struct decompression *step);

/* Whether the stream may end here: a member or frame is complete, and none has begun since. */
bool decompressor_may_end(const struct decompressor *decompressor);

/* Frees; NULL is fine. */
void decompressor_free(struct decompressor *decompressor);

#endif
