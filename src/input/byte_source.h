/*
 * Where bytes come from, for those who need not know: a file, or what a compressed file holds.
 */
#ifndef INPUT_BYTE_SOURCE_H
#define INPUT_BYTE_SOURCE_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct byte_source {
    /* Reads up to `size` bytes; sets *length, 0 at the end. */
    bool (*read)(void *context, void *buffer, size_t size, size_t *length, struct error *error);
    /* The next byte to be read is the one at this offset, `size` at most. NULL: one can only read
     * on. */
    void (*seek)(void *context, uint64_t offset);
    uint64_t size;     /* in bytes; only with `seek` */
    uint64_t position; /* the offset of the first byte that it gives, if it is not told to seek */
    void *context;     /* borrowed */
};

#endif
