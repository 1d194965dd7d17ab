#include "row/problem.h"

#include "value/password_hash.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char problem_separators_alone[] = "nothing but separators";
const char problem_header_again[] = "the header once more";

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

/* The problem of the list that this one is another row of; NULL: none. */
static struct problem *find_alike(const struct problem_list *list,
                                  const struct problem_place *place)
{
    for (size_t i = 0; place->is_alike && i < list->kept; i++) {
        struct problem *kept = &list->first[i];

        if (kept->is_alike && kept->id == place->id && kept->code == place->code &&
            strncmp(kept->column, place->column, PROBLEM_COLUMN_SIZE - 1) == 0)
            return kept;
    }
    return NULL;
}

/* Without memory the problem still counts, and so still stops the run. */
static void keep(struct problem_list *list, const struct problem *problem)
{
    if (list->first == NULL)
        list->first = calloc(PROBLEMS_SHOWN, sizeof *list->first);
    if (list->first != NULL)
        list->first[list->kept++] = *problem;
}

void problem_add(struct problem_list *list, const struct problem_place *place, const char *format,
                 ...)
{
    struct problem problem = {.line = place->line,
                              .code = place->code,
                              .is_alike = place->is_alike,
                              .id = place->id,
                              .rows = 1,
                              .has_value = place->value.text != NULL};
    struct problem *same = find_alike(list, place);
    bool kept = same == NULL && list->kept < PROBLEMS_SHOWN;
    va_list arguments;

    list->count++;
    if (same != NULL)
        same->rows++;
    if (!kept && list->tell == NULL)
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
    if (kept)
        keep(list, &problem);
    if (list->tell != NULL)
        list->tell(list->listener, &problem);
}

static int compare_lines(const void *one, const void *other)
{
    const struct problem *left = one, *right = other;

    return (left->line > right->line) - (left->line < right->line);
}

void problem_list_print(struct problem_list *list, const char *path, struct log *log)
{
    uint64_t shown = 0;

    if (list->kept > 0)
        qsort(list->first, list->kept, sizeof *list->first, compare_lines);
    for (size_t i = 0; i < list->kept; i++) {
        const struct problem *problem = &list->first[i];
        const struct log_row row = {.file = path,
                                    .line = problem->line,
                                    .column = problem->column,
                                    .reason = problem->reason,
                                    .rows = problem->rows,
                                    .value = problem->has_value ? problem->value : NULL,
                                    .code = problem_code_name(problem->code),
                                    .key = problem->key};

        log_row(log, &row);
        shown += problem->rows;
    }
    if (list->count > shown)
        log_line(log, "%s: %" PRIu64 " more not shown", path, list->count - shown);
}

void problem_list_free(struct problem_list *list)
{
    free(list->first);
    *list = (struct problem_list){0};
}
