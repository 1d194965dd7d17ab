#include "index/text_index.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_CAPACITY = 1024, FIRST_BYTES = 16 * 1024 };

/* FNV-1a, 64 bits, with a last mix, since the table uses the lower bits. A hash of 0 marks a free
 * place. */
static uint64_t hash_bytes(const unsigned char *bytes, size_t length)
{
    uint64_t hash = 14695981039346656037U;

    for (size_t i = 0; i < length; i++)
        hash = (hash ^ bytes[i]) * 1099511628211U;
    hash ^= hash >> 32;
    return hash | 1;
}

static struct text_entry *find(const struct text_index *index, uint64_t hash, const void *bytes,
                               size_t length)
{
    size_t mask = index->capacity - 1;
    size_t place = (size_t)(hash >> 1) & mask;

    for (;; place = (place + 1) & mask) {
        struct text_entry *entry = &index->entries[place];

        if (entry->hash == 0)
            return entry;
        if (entry->hash == hash && entry->length == length &&
            (length == 0 || memcmp(index->bytes + entry->offset, bytes, length) == 0))
            return entry;
    }
}

static bool grow_entries(struct text_index *index)
{
    struct text_index larger = {.capacity =
                                    index->capacity == 0 ? FIRST_CAPACITY : index->capacity * 2};

    larger.entries = calloc(larger.capacity, sizeof *larger.entries);
    if (larger.entries == NULL)
        return false;
    for (size_t i = 0; i < index->capacity; i++) {
        const struct text_entry *entry = &index->entries[i];
        size_t place = (size_t)(entry->hash >> 1) & (larger.capacity - 1);

        if (entry->hash == 0)
            continue;
        while (larger.entries[place].hash != 0)
            place = (place + 1) & (larger.capacity - 1);
        larger.entries[place] = *entry;
    }
    free(index->entries);
    index->entries = larger.entries;
    index->capacity = larger.capacity;
    return true;
}

static bool grow_bytes(struct text_index *index, size_t length)
{
    size_t size = index->bytes_size == 0 ? FIRST_BYTES : index->bytes_size * 2;

    while (size - index->bytes_used < length)
        size *= 2;
    char *bytes = realloc(index->bytes, size);
    if (bytes == NULL)
        return false;
    index->bytes = bytes;
    index->bytes_size = size;
    return true;
}

struct text_entry *text_index_add(struct text_index *index, const void *bytes, size_t length,
                                  uint32_t line, int64_t id, bool *added)
{
    uint64_t hash = hash_bytes(bytes, length);

    *added = false;
    if ((index->entry_count + 1) * 4 > index->capacity * 3 && !grow_entries(index))
        return NULL;
    if (index->bytes_size - index->bytes_used < length && !grow_bytes(index, length))
        return NULL;
    struct text_entry *entry = find(index, hash, bytes, length);
    if (entry->hash != 0)
        return entry;
    *entry = (struct text_entry){.hash = hash,
                                 .offset = index->bytes_used,
                                 .length = (uint32_t)length & INT32_MAX,
                                 .existing = line == 0,
                                 .line = line,
                                 .id = id};
    if (length > 0)
        memcpy(index->bytes + index->bytes_used, bytes, length);
    index->bytes_used += length;
    index->entry_count++;
    *added = true;
    return entry;
}

const struct text_entry *text_index_find(const struct text_index *index, const void *bytes,
                                         size_t length)
{
    const struct text_entry *entry =
        index->capacity == 0 ? NULL : find(index, hash_bytes(bytes, length), bytes, length);

    return entry == NULL || entry->hash == 0 ? NULL : entry;
}

void text_index_free(struct text_index *index)
{
    free(index->entries);
    free(index->bytes);
    *index = (struct text_index){0};
}
