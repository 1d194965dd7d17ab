/*
 * A set of ids, compressed (Judy): 3.4 million dense ids take a quarter of a megabyte.
 */
#ifndef INDEX_ID_SET_H
#define INDEX_ID_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Caller-owned; `struct id_set set = {0};` is the empty set, id_set_free empties it again. */
struct id_set {
    void *ids; /* NULL while it is empty */
};

/* Adds an id, 0 or more; true when it is in the set afterwards, false when memory ran out. */
bool id_set_add(struct id_set *set, int64_t id);

/* Takes an id out; true when it is not in the set afterwards, false when memory ran out: a smaller
 * node takes the place of a larger one. */
bool id_set_remove(struct id_set *set, int64_t id);

static inline bool id_set_is_empty(const struct id_set *set)
{
    return set->ids == NULL;
}

/* Most sets that are asked about every row are empty: that answer costs no call. */
bool id_set_contains_in_array(const struct id_set *set, int64_t id);
static inline bool id_set_contains(const struct id_set *set, int64_t id)
{
    return !id_set_is_empty(set) && id_set_contains_in_array(set, id);
}

uint64_t id_set_count(const struct id_set *set);

/* Whether an id from `first` on and before `behind` is in the set. */
bool id_set_has_between(const struct id_set *set, int64_t first, int64_t behind);

/* Calls `visit` for each id in ascending order until it returns false; returns whether all were
 * visited. */
bool id_set_each(const struct id_set *set, bool (*visit)(int64_t id, void *context), void *context);

void id_set_free(struct id_set *set);

#endif
