#include "load/problem.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void problem_add(struct problem_list *list, uint64_t line, const char *column,
                 struct problem_value value, const char *format, ...)
{
    va_list arguments;
    struct problem *problem;

    list->count++;
    if (list->first == NULL)
        list->first = calloc(PROBLEMS_SHOWN, sizeof *list->first);
    /* Without memory the problem still counts, and so still stops the run. */
    if (list->first == NULL || list->count > PROBLEMS_SHOWN)
        return;
    problem = &list->first[list->count - 1];
    problem->line = line;
    (void)snprintf(problem->column, sizeof problem->column, "%s", column);
    va_start(arguments, format);
    (void)vsnprintf(problem->reason, sizeof problem->reason, format, arguments);
    va_end(arguments);
    problem->has_value = value.text != NULL;
    if (problem->has_value)
        (void)display_text(value.text, value.length, problem->value);
}

static int compare_lines(const void *one, const void *other)
{
    const struct problem *left = one, *right = other;

    return (left->line > right->line) - (left->line < right->line);
}

void problem_list_print(struct problem_list *list, const char *path, struct log *log)
{
    uint64_t shown = list->count < PROBLEMS_SHOWN ? list->count : PROBLEMS_SHOWN;

    if (list->first == NULL)
        shown = 0;
    else
        qsort(list->first, (size_t)shown, sizeof *list->first, compare_lines);
    for (uint64_t i = 0; i < shown; i++) {
        const struct problem *problem = &list->first[i];

        if (problem->has_value)
            log_line(log, "%s:%" PRIu64 ": %s: %s (\"%s\")", path, problem->line, problem->column,
                     problem->reason, problem->value);
        else
            log_line(log, "%s:%" PRIu64 ": %s: %s", path, problem->line, problem->column,
                     problem->reason);
    }
    if (list->count > shown)
        log_line(log, "%s: %" PRIu64 " more not shown", path, list->count - shown);
}

void problem_list_free(struct problem_list *list)
{
    free(list->first);
    *list = (struct problem_list){0};
}
