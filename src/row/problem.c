#include "row/problem.h"

#include "value/password_hash.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

const char *problem_code_name(enum problem_code code)
{
    switch (code) {
#define PROBLEM_CODE(symbol, name, meaning)                                                        \
    case PROBLEM_##symbol:                                                                         \
        return name;
#include "row/problem_code.def"
#undef PROBLEM_CODE
    }
    return "";
}

/* Without memory the problem still counts, and so still stops the run. */
static void keep(struct problem_list *list, const struct problem *problem)
{
    if (list->first == NULL)
        list->first = calloc(PROBLEMS_SHOWN, sizeof *list->first);
    if (list->first != NULL && list->count <= PROBLEMS_SHOWN)
        list->first[list->count - 1] = *problem;
}

void problem_add(struct problem_list *list, const struct problem_place *place, const char *format,
                 ...)
{
    struct problem problem = {
        .line = place->line, .code = place->code, .has_value = place->value.text != NULL};
    va_list arguments;

    list->count++;
    if (list->count > PROBLEMS_SHOWN && list->tell == NULL)
        return;
    (void)snprintf(problem.column, sizeof problem.column, "%s", place->column);
    (void)snprintf(problem.key, sizeof problem.key, "%s", place->key);
    va_start(arguments, format);
    (void)vsnprintf(problem.reason, sizeof problem.reason, format, arguments);
    va_end(arguments);
    if (problem.has_value) {
        (void)display_text(place->value.text, place->value.length, problem.value);
        /* Of a row whose columns are in another order than its header says. */
        password_hash_mask(problem.value);
    }
    keep(list, &problem);
    if (list->tell != NULL)
        list->tell(list->listener, &problem);
}

size_t problem_list_kept(const struct problem_list *list)
{
    if (list->first == NULL)
        return 0;
    return list->count < PROBLEMS_SHOWN ? (size_t)list->count : PROBLEMS_SHOWN;
}

static int compare_lines(const void *one, const void *other)
{
    const struct problem *left = one, *right = other;

    return (left->line > right->line) - (left->line < right->line);
}

void problem_list_print(struct problem_list *list, const char *path, struct log *log)
{
    size_t shown = problem_list_kept(list);

    if (shown > 0)
        qsort(list->first, shown, sizeof *list->first, compare_lines);
    for (size_t i = 0; i < shown; i++) {
        const struct problem *problem = &list->first[i];

        const struct log_row row = {.file = path,
                                    .line = problem->line,
                                    .column = problem->column,
                                    .reason = problem->reason,
                                    .value = problem->has_value ? problem->value : NULL,
                                    .code = problem_code_name(problem->code),
                                    .key = problem->key};

        log_row(log, &row);
    }
    if (list->count > shown)
        log_line(log, "%s: %" PRIu64 " more not shown", path, list->count - shown);
}

void problem_list_free(struct problem_list *list)
{
    free(list->first);
    *list = (struct problem_list){0};
}
