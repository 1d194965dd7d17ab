/*
 * Keys of two ids, parent and child, in files that come grouped by parent: only the children of
 * the current parent and the set of parents seen are remembered, not every pair. A parent that
 * comes back after its group ended is set apart as out_of_order, to be judged by a second read.
 */
#ifndef INDEX_PAIR_INDEX_H
#define INDEX_PAIR_INDEX_H

#include "index/id_set.h"
#include "index/line_index.h"

#include <stdbool.h>
#include <stdint.h>

/* Caller-owned; zeroed is empty, pair_index_free empties it again. */
struct pair_index {
    int64_t parent;          /* of the current group; 0 before the first */
    uint32_t group_line;     /* where the current group began */
    bool group_out_of_order; /* its parent had a group before */
    struct line_index line;  /* child to its line; older than group_line: an earlier group's */
    struct id_set seen;
    struct id_set out_of_order;
};

/*
 * Adds a pair that stands on `line`; lines must grow from call to call. *earlier is the line of
 * the same pair in the same group, 0 when there is none or when the parent is out_of_order, whose
 * pairs are judged together later; the later line is remembered from then on. False when memory ran
 * out.
 */
bool pair_index_add(struct pair_index *index, int64_t parent, int64_t child, uint32_t line,
                    uint32_t *earlier);

void pair_index_free(struct pair_index *index);

#endif
