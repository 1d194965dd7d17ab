#include "index/text_index.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_CAPACITY = 1024 };

/* FNV-1a, 64 bits, with a last mix, since the table uses the lower bits. A hash of 0 marks a free
 * place. */
static uint64_t hash_value(struct text_value value)
{
    const unsigned char *bytes = value.bytes;
    uint64_t hash = 14695981039346656037U;

    for (size_t i = 0; i < value.length; i++)
        hash = (hash ^ bytes[i]) * 1099511628211U;
    hash ^= hash >> 32;
    return hash | 1;
}

const char *text_index_bytes(const struct text_index *index, uint64_t offset)
{
    return (const char *)index->bytes.items + offset;
}

static struct text_entry *find(const struct text_index *index, uint64_t hash,
                               struct text_value value)
{
    size_t mask = index->capacity - 1;
    size_t place = (size_t)(hash >> 1) & mask;

    for (;; place = (place + 1) & mask) {
        struct text_entry *entry = &index->entries[place];

        if (entry->hash == 0)
            return entry;
        if (entry->hash == hash && entry->length == value.length &&
            (value.length == 0 ||
             memcmp(text_index_bytes(index, entry->offset), value.bytes, value.length) == 0))
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

struct text_entry *text_index_add(struct text_index *index, struct text_value value, uint32_t line,
                                  int64_t id, bool *added)
{
    uint64_t hash = hash_value(value);
    struct text_entry *entry;
    char *place;

    assert(value.length <= INT32_MAX); /* the limits of a file's field and of the database */
    *added = false;
    if ((index->entry_count + 1) * 4 > index->capacity * 3 && !grow_entries(index))
        return NULL;
    entry = find(index, hash, value);
    if (entry->hash != 0)
        return entry;
    place = list_add(&index->bytes, 1, value.length);
    if (place == NULL)
        return NULL;
    *entry = (struct text_entry){.hash = hash,
                                 .offset = index->bytes.count - value.length,
                                 .length = (uint32_t)value.length & INT32_MAX,
                                 .existing = line == 0,
                                 .line = line,
                                 .id = id};
    if (value.length > 0)
        memcpy(place, value.bytes, value.length);
    index->entry_count++;
    *added = true;
    return entry;
}

const struct text_entry *text_index_find(const struct text_index *index, struct text_value value)
{
    const struct text_entry *entry =
        index->capacity == 0 ? NULL : find(index, hash_value(value), value);

    return entry == NULL || entry->hash == 0 ? NULL : entry;
}

bool text_index_each(const struct text_index *index,
                     bool (*visit)(struct text_value value, void *context), void *context)
{
    for (size_t i = 0; i < index->capacity; i++) {
        const struct text_entry *entry = &index->entries[i];
        const struct text_value value = {.bytes = text_index_bytes(index, entry->offset),
                                         .length = entry->length};

        if (entry->hash != 0 && !visit(value, context))
            return false;
    }
    return true;
}

void text_index_free(struct text_index *index)
{
    free(index->entries);
    list_free(&index->bytes);
    *index = (struct text_index){0};
}
