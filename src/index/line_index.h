/*
 * Where each id stands: id to line, 4 bytes an id, for ids that are dense and small (the
 * historical range). Pages are made as ids come, so a few ids take a few pages.
 */
#ifndef INDEX_LINE_INDEX_H
#define INDEX_LINE_INDEX_H

#include "index/paged_array.h"

#include <stdbool.h>
#include <stdint.h>

/* Caller-owned; `struct line_index index = {0};` is empty, line_index_free empties it again. */
struct line_index {
    struct paged_array lines;
};

/* The line of an id, 0 when it has none. */
static inline uint32_t line_index_get(const struct line_index *index, int64_t id)
{
    const uint32_t *line = (const uint32_t *)paged_array_peek(&index->lines, sizeof *line, id);

    return line == NULL ? 0 : *line;
}

/* Sets the line of an id, 0 to 2^32 - 1; line 0 takes it out. False when memory ran out. */
bool line_index_set(struct line_index *index, int64_t id, uint32_t line);

void line_index_free(struct line_index *index);

#endif
