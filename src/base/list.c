#include "base/list.h"

#include <stdint.h>
#include <stdlib.h>

enum { FIRST_CAPACITY = 32 };

/* The room for a list of at least so many items; 0 when no memory is that large. */
static size_t larger_capacity(const struct list *list, size_t item_size, size_t item_count)
{
    size_t limit = SIZE_MAX / 2 / item_size;
    size_t capacity = list->capacity == 0 ? FIRST_CAPACITY : list->capacity;

    if (item_count > limit || list->count > limit - item_count)
        return 0;
    while (capacity < list->count + item_count)
        capacity *= 2;
    return capacity;
}

void *list_add(struct list *list, size_t item_size, size_t item_count)
{
    unsigned char *items = list->items;

    if (list->items == NULL || list->capacity - list->count < item_count) {
        size_t capacity = larger_capacity(list, item_size, item_count);

        items = capacity == 0 ? NULL : reallocarray(list->items, capacity, item_size);
        if (items == NULL)
            return NULL;
        list->items = items;
        list->capacity = capacity;
    }
    list->count += item_count;
    return items + (list->count - item_count) * item_size;
}

void list_free(struct list *list)
{
    free(list->items);
    *list = (struct list){0};
}
