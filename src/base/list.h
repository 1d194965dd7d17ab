/*
 * A list of items of one type that grows at its end. Its room doubles, so that adding an item costs
 * a constant time on average.
 */
#ifndef BASE_LIST_H
#define BASE_LIST_H

#include <stddef.h>

/* Caller-owned; zeroed is empty, list_free empties it again. The size of an item is given with each
 * call, always the same for one list. `items` moves whenever the list grows. */
struct list {
    void *items;
    size_t count, capacity;
};

/* Adds so many items and returns the first of them, for the caller to fill; NULL when memory ran
 * out, and then the list is as it was. */
void *list_add(struct list *list, size_t item_size, size_t item_count);

/* Frees the items' room; what the items hold is the caller's to free before. */
void list_free(struct list *list);

#endif
