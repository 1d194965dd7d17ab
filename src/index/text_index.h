/*
 * Where each value of a unique column stands: bytes to line and id. Values are kept whole, in one
 * growing block, so that two values are the same only when all their bytes are.
 */
#ifndef INDEX_TEXT_INDEX_H
#define INDEX_TEXT_INDEX_H

#include "base/list.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A value: a text, or the bytes of a UUID. */
struct text_value {
    const void *bytes;
    size_t length; /* less than 2^31 */
};

struct text_entry {
    uint64_t hash;
    uint64_t offset; /* of the value's bytes */
    uint32_t length : 31;
    bool existing : 1; /* the row with this id has the value in the database */
    uint32_t line;     /* of this run's row that holds the value; 0: none does */
    int64_t id;        /* key of the row that holds it */
};

/* Caller-owned; `struct text_index index = {0};` is empty, text_index_free empties it again. */
struct text_index {
    struct text_entry *entries;
    size_t entry_count, capacity; /* capacity is 0 or a power of two */
    struct list bytes;
};

/*
 * The entry of a value. When there was none, one is made with the given line and id (line 0: of a
 * row of the database), and *added is set. NULL when memory ran out. The pointer is good until the
 * next call.
 */
struct text_entry *text_index_add(struct text_index *index, struct text_value value, uint32_t line,
                                  int64_t id, bool *added);

/* The entry of a value, NULL when there is none. The value may point into the index. */
const struct text_entry *text_index_find(const struct text_index *index, struct text_value value);

/* The bytes of an entry at this offset. Good until the next text_index_add. */
const char *text_index_bytes(const struct text_index *index, uint64_t offset);

/* Calls `visit` for each value, in no order, until it returns false; returns whether all were
 * visited. The value points into the index. */
bool text_index_each(const struct text_index *index,
                     bool (*visit)(struct text_value value, void *context), void *context);

void text_index_free(struct text_index *index);

#endif
