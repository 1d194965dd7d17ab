#include "index/paged_array.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_SLOTS = 1024 };

static bool grow_pages(struct paged_array *array, uint64_t page)
{
    size_t count = array->page_count * 2 > page ? array->page_count * 2 : (size_t)page + 1;
    unsigned char **pages = realloc(array->pages, count * sizeof(unsigned char *));

    if (pages == NULL)
        return false;
    memset(pages + array->page_count, 0, (count - array->page_count) * sizeof(unsigned char *));
    array->pages = pages;
    array->page_count = count;
    return true;
}

static void *make_page(struct paged_array *array, size_t item_size, int64_t id)
{
    uint64_t page = (uint64_t)id >> PAGED_ARRAY_BITS;

    if (page >= array->page_count && !grow_pages(array, page))
        return NULL;
    array->pages[page] = calloc(PAGED_ARRAY_PAGE, item_size);
    if (array->pages[page] == NULL)
        return NULL;
    return array->pages[page] + (size_t)(id & (PAGED_ARRAY_PAGE - 1)) * item_size;
}

/* The size of an id and its item, padded so that the next id is aligned. */
static size_t slot_size(size_t item_size)
{
    return sizeof(int64_t) + (item_size + sizeof(int64_t) - 1) / sizeof(int64_t) * sizeof(int64_t);
}

static int64_t slot_id(const unsigned char *slot)
{
    int64_t id;

    memcpy(&id, slot, sizeof id);
    return id;
}

/* The slot of an id, or the free one where it belongs (Fibonacci hashing, linear probing). */
static unsigned char *find_slot(unsigned char *slots, size_t slot_count, size_t size, int64_t id)
{
    size_t place = (size_t)(((uint64_t)id * UINT64_C(0x9E3779B97F4A7C15)) >> 32);

    for (;; place++) {
        unsigned char *slot = slots + (place & (slot_count - 1)) * size;

        if (slot_id(slot) == id || slot_id(slot) == 0)
            return slot;
    }
}

static bool grow_slots(struct paged_array *array, size_t size)
{
    size_t count = array->slot_count == 0 ? FIRST_SLOTS : array->slot_count * 2;
    unsigned char *slots = calloc(count, size);

    if (slots == NULL)
        return false;
    for (size_t i = 0; i < array->slot_count; i++) {
        const unsigned char *slot = array->slots + i * size;

        if (slot_id(slot) != 0)
            memcpy(find_slot(slots, count, size, slot_id(slot)), slot, size);
    }
    free(array->slots);
    array->slots = slots;
    array->slot_count = count;
    return true;
}

const void *paged_array_peek_beyond(const struct paged_array *array, size_t item_size, int64_t id)
{
    const unsigned char *slot;

    if (id < PAGED_ARRAY_LIMIT || array->slot_count == 0)
        return NULL;
    slot = find_slot(array->slots, array->slot_count, slot_size(item_size), id);
    return slot_id(slot) == 0 ? NULL : slot + sizeof(int64_t);
}

void *paged_array_at_beyond(struct paged_array *array, size_t item_size, int64_t id)
{
    size_t size = slot_size(item_size);
    unsigned char *slot;

    if (id < PAGED_ARRAY_LIMIT)
        return make_page(array, item_size, id);
    if (array->slots_used * 4 >= array->slot_count * 3 && !grow_slots(array, size))
        return NULL;
    slot = find_slot(array->slots, array->slot_count, size, id);
    if (slot_id(slot) == 0) {
        memcpy(slot, &id, sizeof id);
        array->slots_used++;
    }
    return slot + sizeof(int64_t);
}

static bool is_zero(const unsigned char *item, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (item[i] != 0)
            return false;
    return true;
}

static bool visit_page(const unsigned char *items, size_t item_size, int64_t first,
                       bool (*visit)(int64_t id, const void *item, void *context), void *context)
{
    for (int64_t i = 0; i < PAGED_ARRAY_PAGE; i++) {
        const unsigned char *item = items + (size_t)i * item_size;

        if (!is_zero(item, item_size) && !visit(first + i, item, context))
            return false;
    }
    return true;
}

bool paged_array_each(const struct paged_array *array, size_t item_size,
                      bool (*visit)(int64_t id, const void *item, void *context), void *context)
{
    size_t size = slot_size(item_size);

    for (size_t page = 0; page < array->page_count; page++)
        if (array->pages[page] != NULL &&
            !visit_page(array->pages[page], item_size, (int64_t)(page << PAGED_ARRAY_BITS), visit,
                        context))
            return false;
    for (size_t i = 0; i < array->slot_count; i++) {
        const unsigned char *slot = array->slots + i * size;

        if (slot_id(slot) != 0 && !is_zero(slot + sizeof(int64_t), item_size) &&
            !visit(slot_id(slot), slot + sizeof(int64_t), context))
            return false;
    }
    return true;
}

bool paged_array_is_empty(const struct paged_array *array)
{
    return array->page_count == 0 && array->slots_used == 0;
}

void paged_array_free(struct paged_array *array)
{
    for (size_t i = 0; i < array->page_count; i++)
        free(array->pages[i]);
    free(array->pages);
    free(array->slots);
    *array = (struct paged_array){0};
}
