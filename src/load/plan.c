#include "load/plan.h"

#include <stdlib.h>

static bool refuse_same_file(const struct plan *plan, const struct source *source,
                             struct error *error)
{
    for (size_t i = 0; i < plan->source_count; i++)
        if (input_same(plan->sources[i]->input, source->input))
            return error_set(error, ERROR_USAGE, "%s and %s are the same file",
                             plan->sources[i]->path, source->path);
    return true;
}

static bool add_source(struct plan *plan, const char *path, struct log *log, struct error *error)
{
    struct source *source = NULL;

    if (!source_open(path, &source, error))
        return false;
    if (!refuse_same_file(plan, source, error)) {
        source_free(source);
        return false;
    }
    source_note_ignored(source, log);
    plan->sources[plan->source_count++] = source;
    return true;
}

static bool add_to_dataset(struct dataset *dataset, struct source *source, struct error *error)
{
    struct source **sources =
        realloc(dataset->sources, (dataset->source_count + 1) * sizeof(struct source *));

    if (sources == NULL)
        return error_memory(error);
    dataset->sources = sources;
    sources[dataset->source_count++] = source;
    return true;
}

/* With several wrong files the first error of the worst kind is kept, the others are only told. */
static bool open_all(struct plan *plan, const char *const *paths, size_t path_count,
                     struct log *log, struct error *error)
{
    for (size_t i = 0; i < path_count; i++) {
        struct error one = {0};

        if (add_source(plan, paths[i], log, &one))
            continue;
        if (one.kind == ERROR_INTERRUPTED || one.kind == ERROR_TERMINATED) {
            *error = one;
            return false;
        }
        if (error->kind != ERROR_NONE)
            log_error(log, &one);
        else
            *error = one;
    }
    return error->kind == ERROR_NONE;
}

bool plan_open(const char *const *paths, size_t path_count, struct log *log, struct plan *plan,
               struct error *error)
{
    *plan = (struct plan){0};
    for (int id = 0; id < TABLE_COUNT; id++) {
        plan->datasets[id].id = (enum table_id)id;
        plan->datasets[id].table = table_get((enum table_id)id);
    }
    plan->sources = calloc(path_count + 1, sizeof(struct source *));
    if (plan->sources == NULL)
        return error_memory(error);
    if (!open_all(plan, paths, path_count, log, error))
        return false;
    for (size_t i = 0; i < plan->source_count; i++)
        if (!add_to_dataset(&plan->datasets[plan->sources[i]->table_id], plan->sources[i], error))
            return false;
    return true;
}

bool plan_needs(const struct plan *plan, enum table_id id)
{
    if (plan->datasets[id].source_count > 0)
        return true;
    for (int other = (int)id + 1; other < TABLE_COUNT; other++) {
        const struct table *table = table_get((enum table_id)other);

        for (size_t i = 0; i < table->column_count; i++)
            if (table->columns[i].has_reference && table->columns[i].references == id &&
                plan_needs(plan, (enum table_id)other))
                return true;
    }
    return false;
}

void plan_free(struct plan *plan)
{
    for (int id = 0; id < TABLE_COUNT; id++) {
        dataset_free(&plan->datasets[id]);
        free(plan->datasets[id].sources);
    }
    for (size_t i = 0; i < plan->source_count; i++)
        source_free(plan->sources[i]);
    free(plan->sources);
    *plan = (struct plan){0};
}
