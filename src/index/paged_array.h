/*
 * An array over a wide range of ids of which only parts are used. Low ids, where the history is
 * dense, have pages that are made as they are touched; the few that lie above have a hash table,
 * so that memory grows with the number of ids and never with their size.
 */
#ifndef INDEX_PAGED_ARRAY_H
#define INDEX_PAGED_ARRAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Caller-owned; zeroed is empty, paged_array_free empties it again. The size of an item is given
 * with each call, always the same for one array. */
struct paged_array {
    unsigned char **pages;
    size_t page_count;

    unsigned char *slots; /* of the hash table: an id, 0 when free, and its item */
    size_t slot_count;    /* 0 or a power of two */
    size_t slots_used;
};

enum { PAGED_ARRAY_BITS = 12, PAGED_ARRAY_PAGE = 1 << PAGED_ARRAY_BITS };

/* Ids from here on are in the hash table. */
#define PAGED_ARRAY_LIMIT (INT64_C(1) << 24)

/* The item of an id that has no page, or NULL. */
const void *paged_array_peek_beyond(const struct paged_array *array, size_t item_size, int64_t id);

/* The item of an id that has no page yet, making its place; NULL when memory ran out. */
void *paged_array_at_beyond(struct paged_array *array, size_t item_size, int64_t id);

/* The item of an id, 0 or more; NULL when it was never touched (or a zeroed item on a page that
 * was). Inline, as it is called several times a row. */
static inline const void *paged_array_peek(const struct paged_array *array, size_t item_size,
                                           int64_t id)
{
    uint64_t page = (uint64_t)id >> PAGED_ARRAY_BITS;

    if (page >= array->page_count || array->pages[page] == NULL)
        return paged_array_peek_beyond(array, item_size, id);
    return array->pages[page] + (size_t)(id & (PAGED_ARRAY_PAGE - 1)) * item_size;
}

/* The item of an id, zeroed when it is new; NULL when memory ran out. Good until the next call. */
static inline void *paged_array_at(struct paged_array *array, size_t item_size, int64_t id)
{
    uint64_t page = (uint64_t)id >> PAGED_ARRAY_BITS;

    if (page >= array->page_count || array->pages[page] == NULL)
        return paged_array_at_beyond(array, item_size, id);
    return array->pages[page] + (size_t)(id & (PAGED_ARRAY_PAGE - 1)) * item_size;
}

/* Calls `visit` for each id whose item is not all zeroes, in no certain order, until it returns
 * false; returns whether all were visited. The array must not grow meanwhile. */
bool paged_array_each(const struct paged_array *array, size_t item_size,
                      bool (*visit)(int64_t id, const void *item, void *context), void *context);

/* Whether no item was ever touched. */
bool paged_array_is_empty(const struct paged_array *array);

void paged_array_free(struct paged_array *array);

#endif
