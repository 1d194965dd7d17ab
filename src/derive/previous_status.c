#include "derive/previous_status.h"

#include <assert.h>
#include <stdlib.h>

bool previous_status_add(struct previous_status_list *list, uint32_t line, int32_t status)
{
    struct previous_status *added;

    assert(!list->sorted);
    added = list_add(&list->lines, sizeof *added, 1);
    if (added == NULL)
        return false;
    *added = (struct previous_status){.line = line, .status = status};
    return true;
}

static int compare_lines(const void *one, const void *other)
{
    const struct previous_status *left = one, *right = other;

    return (left->line > right->line) - (left->line < right->line);
}

void previous_status_sort(struct previous_status_list *list)
{
    if (list->lines.count > 0)
        qsort(list->lines.items, list->lines.count, sizeof(struct previous_status), compare_lines);
    list->sorted = true;
}

bool previous_status_get(const struct previous_status_list *list, uint32_t line, int32_t *status)
{
    const struct previous_status wanted = {.line = line};
    const struct previous_status *found = NULL;

    assert(list->sorted || list->lines.count == 0);
    if (list->lines.count > 0)
        found =
            bsearch(&wanted, list->lines.items, list->lines.count, sizeof *found, compare_lines);
    if (found != NULL)
        *status = found->status;
    return found != NULL;
}

void previous_status_free(struct previous_status_list *list)
{
    list_free(&list->lines);
    *list = (struct previous_status_list){0};
}
