/*
 * What a file holds, decompressed while it is read: gzip, Zstandard and xz by input/decompressor,
 * bzip2 and lz4 by libarchive. It is read once, from the beginning to the end.
 */
#ifndef INPUT_DECOMPRESSED_H
#define INPUT_DECOMPRESSED_H

#include "input/byte_source.h"
#include "input/compression.h"
#include "input/stored_file.h"

struct decompressed;

/* The reading is borrowed, and stands at the beginning; the compression is not COMPRESSION_NONE. */
bool decompressed_new(struct file_reading *reading, enum compression compression,
                      struct decompressed **decompressed, struct error *error);

/* Reads up to `size` bytes; sets *length, 0 at the end. ERROR_FILE where the data are damaged or
 * end too early, or need more than 128 MiB of memory. */
bool decompressed_read(struct decompressed *decompressed, void *buffer, size_t size, size_t *length,
                       struct error *error);

/* The same as a source, which cannot seek; `decompressed` is borrowed. */
struct byte_source decompressed_source(struct decompressed *decompressed);

/* NULL is fine. */
void decompressed_free(struct decompressed *decompressed);

#endif
