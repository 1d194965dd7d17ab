/*
 * How a file is compressed, recognised by what it begins with.
 */
#ifndef INPUT_COMPRESSION_H
#define INPUT_COMPRESSION_H

#include <stddef.h>
#include <stdint.h>

enum compression {
    COMPRESSION_NONE,
    COMPRESSION_GZIP,  /* RFC 1952 */
    COMPRESSION_ZSTD,  /* RFC 8878 */
    COMPRESSION_BZIP2, /* bzip2 1.0 */
    COMPRESSION_XZ,    /* the .xz file format, 1.2 */
    COMPRESSION_LZ4    /* the LZ4 frame format, 1.6 */
};

/* What the first bytes of a file say; COMPRESSION_MAGIC_SIZE of them are enough. */
enum { COMPRESSION_MAGIC_SIZE = 10 };
enum compression compression_detect(const uint8_t *bytes, size_t length);

/* "gzip", "zstd", "bzip2", "xz" or "lz4", for messages. */
const char *compression_name(enum compression compression);

#endif
