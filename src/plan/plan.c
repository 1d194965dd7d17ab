#include "plan/plan.h"

#include "plan/ignored_column.h"

#include <assert.h>
#include <stdlib.h>

/* Gives each file to the dataset of its table. */
static bool sort_sources(struct plan *plan, struct error *error)
{
    for (int id = 0; id < TABLE_COUNT; id++) {
        struct dataset *dataset = &plan->datasets[id];

        dataset->sources = calloc(plan->source_count + 1, sizeof(struct source *));
        if (dataset->sources == NULL)
            return error_memory(error);
        for (size_t i = 0; i < plan->source_count; i++)
            if (plan->sources[i]->table_id == (enum table_id)id)
                dataset->sources[dataset->source_count++] = plan->sources[i];
    }
    return true;
}

/* Each pass reads the files of a dataset in their order. */
static void tell_order(const struct dataset *dataset)
{
    for (size_t i = 0; i < dataset->source_count; i++)
        input_follow(dataset->sources[i]->input,
                     i + 1 < dataset->source_count ? dataset->sources[i + 1]->input : NULL);
}

/* Opens the files, and takes the sources among them. */
static bool open_sources(struct plan *plan, const struct plan_request *request, struct log *log,
                         struct error *error)
{
    const struct listed_file *files;

    if (!file_list_open(&request->files, log, &plan->files, error))
        return false;
    files = plan->files.files.items;
    plan->sources = calloc(plan->files.files.count + 1, sizeof(struct source *));
    if (plan->sources == NULL)
        return error_memory(error);
    for (size_t i = 0; i < plan->files.files.count; i++)
        plan->sources[plan->source_count++] = files[i].source;
    return true;
}

/* Looked up once, not for each row. */
static void resolve_columns(struct dataset *dataset)
{
    for (size_t i = 0; i < dataset->table->column_count; i++) {
        const struct column *column = &dataset->table->columns[i];

        if (column->copy_of != NULL)
            dataset->copy_of[i] = (size_t)table_column_named(dataset->table, column->copy_of);
        if (column->has_reference)
            dataset->references[dataset->reference_count++] = i;
    }
}

static void note_needs(struct plan *plan)
{
    plan->derived.keeps_deliveries = plan->derived.dates_orders = false;
    for (int id = 0; id < TABLE_COUNT; id++) {
        const struct dataset *dataset = &plan->datasets[id];
        int time = table_column_derived(dataset->table, ABSENT_LAST_STATUS_TIME);

        if (dataset->source_count > 0 &&
            table_column_with_role(dataset->table, ROLE_RECIPIENT) >= 0)
            plan->derived.keeps_deliveries = true;
        if (time >= 0 && dataset_has_column(dataset, dataset->copy_of[time]))
            plan->derived.dates_orders = true;
    }
}

bool plan_open(const struct plan_request *request, struct log *log, struct plan *plan,
               struct error *error)
{
    *plan = (struct plan){0};
    derived_prepare(&plan->derived);
    for (int id = 0; id < TABLE_COUNT; id++) {
        plan->datasets[id].id = (enum table_id)id;
        plan->datasets[id].table = table_get((enum table_id)id);
        plan->datasets[id].mode = request->mode;
        resolve_columns(&plan->datasets[id]);
    }
    if (!open_sources(plan, request, log, error) || !sort_sources(plan, error))
        return false;
    for (int id = 0; id < TABLE_COUNT; id++)
        tell_order(&plan->datasets[id]);
    note_needs(plan);
    return true;
}

bool plan_log_ignored(const struct plan *plan, struct log *log, struct error *error)
{
    for (int id = 0; id < TABLE_COUNT; id++)
        if (!ignored_columns_log(&plan->datasets[id], log, error))
            return false;
    return true;
}

void plan_leave_out(struct plan *plan, struct source *source)
{
    struct dataset *dataset = &plan->datasets[source->table_id];
    size_t kept = 0;

    assert(source->line_base == UINT32_MAX && !dataset->database.catalog.read);
    for (size_t i = 0; i < dataset->source_count; i++)
        if (dataset->sources[i] != source)
            dataset->sources[kept++] = dataset->sources[i];
    dataset->source_count = kept;
    tell_order(dataset);
    note_needs(plan);
}

bool plan_start_fingerprints(struct plan *plan, struct error *error)
{
    for (size_t i = 0; i < plan->source_count; i++)
        if (!input_start_fingerprint(plan->sources[i]->input, error))
            return false;
    return true;
}

bool plan_finish_fingerprints(struct plan *plan, struct error *error)
{
    for (size_t i = 0; i < plan->source_count; i++)
        if (!input_finish_fingerprint(plan->sources[i]->input, error))
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

int64_t plan_key_floor(const struct plan *plan, const struct dataset *dataset)
{
    const struct column *column = &dataset->table->columns[dataset->table->key[0]];

    return column->has_reference ? plan->datasets[column->references].floor : dataset->floor;
}

void plan_free(struct plan *plan)
{
    for (int id = 0; id < TABLE_COUNT; id++) {
        dataset_free(&plan->datasets[id]);
        free(plan->datasets[id].sources);
    }
    free(plan->sources);
    file_list_free(&plan->files);
    derived_free(&plan->derived);
    *plan = (struct plan){0};
}
