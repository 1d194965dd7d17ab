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

/*
 * Takes bytes from `*in` (moving it and *in_length on) and gives up to `size` bytes; *length is how
 * many. Returns NULL, or what is wrong with the stream in static or the decompressor's text.
 */
const char *decompressor_step(struct decompressor *decompressor, const uint8_t **in,
                              size_t *in_length, void *out, size_t size, size_t *length);

/* Whether the stream may end here: a member or frame is complete, and none has begun since. */
bool decompressor_may_end(const struct decompressor *decompressor);

/* Frees; NULL is fine. */
void decompressor_free(struct decompressor *decompressor);

#endif
