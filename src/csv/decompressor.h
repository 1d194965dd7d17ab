/*
 * Compressed bytes to bytes: gzip (RFC 1952, zlib) and Zstandard (RFC 8878, libzstd), recognised
 * by what they begin with. Several members or frames one after another are one stream.
 */
#ifndef CSV_DECOMPRESSOR_H
#define CSV_DECOMPRESSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum compression { COMPRESSION_NONE, COMPRESSION_GZIP, COMPRESSION_ZSTD };

/* What the first bytes of a file say; COMPRESSION_MAGIC_SIZE of them are enough. */
enum { COMPRESSION_MAGIC_SIZE = 4 };
enum compression compression_detect(const uint8_t *bytes, size_t length);

/* "gzip" or "zstd", for messages. */
const char *compression_name(enum compression compression);

struct decompressor;

/* NULL when memory ran out. */
struct decompressor *decompressor_new(enum compression compression);

/* Forgets what was read: the next bytes are the first of a stream. */
void decompressor_reset(struct decompressor *decompressor);

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
