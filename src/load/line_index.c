#include "load/line_index.h"

#include <stdlib.h>
#include <string.h>

enum { PAGE_BITS = 12, PAGE_SIZE = 1 << PAGE_BITS };

uint32_t line_index_get(const struct line_index *index, int64_t id)
{
    uint64_t page = (uint64_t)id >> PAGE_BITS;

    if (page >= index->page_count || index->pages[page] == NULL)
        return 0;
    return index->pages[page][id & (PAGE_SIZE - 1)];
}

static bool grow(struct line_index *index, uint64_t page)
{
    size_t count = index->page_count * 2 > page ? index->page_count * 2 : (size_t)page + 1;
    uint32_t **pages = realloc(index->pages, count * sizeof(uint32_t *));

    if (pages == NULL)
        return false;
    memset(pages + index->page_count, 0, (count - index->page_count) * sizeof(uint32_t *));
    index->pages = pages;
    index->page_count = count;
    return true;
}

bool line_index_set(struct line_index *index, int64_t id, uint32_t line)
{
    uint64_t page = (uint64_t)id >> PAGE_BITS;

    if (page >= index->page_count && !grow(index, page))
        return false;
    if (index->pages[page] == NULL) {
        index->pages[page] = calloc(PAGE_SIZE, sizeof(uint32_t));
        if (index->pages[page] == NULL)
            return false;
    }
    index->pages[page][id & (PAGE_SIZE - 1)] = line;
    return true;
}

void line_index_free(struct line_index *index)
{
    for (size_t i = 0; i < index->page_count; i++)
        free(index->pages[i]);
    free(index->pages);
    *index = (struct line_index){0};
}
