#include "index/line_index.h"

bool line_index_set(struct line_index *index, int64_t id, uint32_t line)
{
    uint32_t *place = paged_array_at(&index->lines, sizeof *place, id);

    if (place == NULL)
        return false;
    *place = line;
    return true;
}

void line_index_free(struct line_index *index)
{
    paged_array_free(&index->lines);
}
