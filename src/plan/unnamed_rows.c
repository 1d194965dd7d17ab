#include "plan/unnamed_rows.h"

struct visiting {
    const struct dataset *dataset;
    int64_t floor; /* as plan_key_floor gives it */
    bool (*visit)(int64_t id, void *context);
    void *context;
};

static bool is_below(int64_t floor, int64_t id)
{
    return floor == 0 || id < floor;
}

static bool visit_row(int64_t id, void *context)
{
    const struct visiting *visiting = context;

    return !is_below(visiting->floor, id) ||
           line_index_get(&visiting->dataset->files.lines, id) != 0 ||
           visiting->visit(id, visiting->context);
}

static bool visit_parent(int64_t parent, const void *digest, void *context)
{
    const struct visiting *visiting = context;

    (void)digest;
    return !is_below(visiting->floor, parent) ||
           id_set_contains(&visiting->dataset->files.complete_parents, parent) ||
           visiting->visit(parent, visiting->context);
}

bool unnamed_rows_each(const struct plan *plan, const struct dataset *dataset,
                       bool (*visit)(int64_t id, void *context), void *context)
{
    struct visiting visiting = {.dataset = dataset,
                                .floor = plan_key_floor(plan, dataset),
                                .visit = visit,
                                .context = context};

    return dataset->table->key_kind == KEY_ID
               ? id_set_each(&dataset->database.existing, visit_row, &visiting)
               : paged_array_each(&dataset->database.digests, sizeof(uint64_t), visit_parent,
                                  &visiting);
}

static bool stop(int64_t id, void *context)
{
    (void)id;
    (void)context;
    return false;
}

bool unnamed_rows_are_possible(const struct plan *plan, const struct dataset *dataset)
{
    return dataset_replaces(dataset) && !dataset->database.catalog.empty &&
           !unnamed_rows_each(plan, dataset, stop, NULL);
}
