#include "derive/previous_status.h"

#include <stdlib.h>

bool previous_status_add(struct previous_status_list *list, uint32_t line, int32_t status)
{
    if (list->count == list->capacity) {
        size_t capacity = list->capacity == 0 ? 1024 : list->capacity * 2;
        struct previous_status *lines = realloc(list->lines, capacity * sizeof *lines);

        if (lines == NULL)
            return false;
        list->lines = lines;
        list->capacity = capacity;
    }
    list->lines[list->count++] = (struct previous_status){.line = line, .status = status};
    return true;
}

static int compare_lines(const void *one, const void *other)
{
    const struct previous_status *left = one, *right = other;

    return (left->line > right->line) - (left->line < right->line);
}

void previous_status_sort(struct previous_status_list *list)
{
    if (list->count > 0)
        qsort(list->lines, list->count, sizeof *list->lines, compare_lines);
}

bool previous_status_get(const struct previous_status_list *list, uint32_t line, int32_t *status)
{
    const struct previous_status wanted = {.line = line};
    const struct previous_status *found = NULL;

    if (list->count > 0)
        found = bsearch(&wanted, list->lines, list->count, sizeof *list->lines, compare_lines);
    if (found != NULL)
        *status = found->status;
    return found != NULL;
}

void previous_status_free(struct previous_status_list *list)
{
    free(list->lines);
    *list = (struct previous_status_list){0};
}
