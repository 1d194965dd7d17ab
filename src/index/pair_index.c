#include "index/pair_index.h"

static bool begin_group(struct pair_index *index, int64_t parent, uint32_t line)
{
    index->group_out_of_order = id_set_contains(&index->seen, parent);
    if (index->group_out_of_order && !id_set_add(&index->out_of_order, parent))
        return false;
    index->parent = parent;
    index->group_line = line;
    return id_set_add(&index->seen, parent);
}

bool pair_index_add(struct pair_index *index, int64_t parent, int64_t child, uint32_t line,
                    uint32_t *earlier)
{
    if (parent != index->parent && !begin_group(index, parent, line))
        return false;
    *earlier = line_index_get(&index->line, child);
    if (*earlier < index->group_line || index->group_out_of_order)
        *earlier = 0;
    return line_index_set(&index->line, child, line);
}

void pair_index_free(struct pair_index *index)
{
    line_index_free(&index->line);
    id_set_free(&index->seen);
    id_set_free(&index->out_of_order);
    *index = (struct pair_index){0};
}
