#include "write/update.h"

#include "pg/array_parameter.h"
#include "plan/updated_columns.h"
#include "schema/merge_plan.h"
#include "schema/merge_vacate.h"
#include "write/removal.h"

#include <stdlib.h>
#include <string.h>

/* One table being updated. */
struct updating {
    struct merge merge;
    struct plan *plan;
    struct dataset *dataset;
    struct error *error;
};

bool update_is_needed(const struct dataset *dataset)
{
    return !id_set_is_empty(&dataset->files.updates) || dataset->files.takeovers.count > 0 ||
           (dataset_replaces(dataset) && !dataset->database.catalog.empty);
}

static bool needs_stage(const struct dataset *dataset)
{
    return !id_set_is_empty(&dataset->files.updates) || removal_needs_stage(dataset);
}

bool update_begin(const struct dataset *dataset, const struct session *session)
{
    const struct merge merge = {.connection = session->connection,
                                .table = dataset->table,
                                .found = &dataset->database.catalog};

    return !needs_stage(dataset) || merge_create_stage(&merge, session->error);
}

/* A row that changed: its place, and the first column of its key. */
static bool note_change(struct updating *updating, const struct copy_out_field *fields,
                        struct source **source)
{
    *source = updating->dataset->sources[merge_place_file(copy_out_integer(&fields[0]))];
    (*source)->rows_staged--;
    return derived_note_change(&updating->plan->derived, updating->dataset->id,
                               copy_out_integer(&fields[1])) ||
           error_memory(updating->error);
}

static bool take_updated(void *context, const struct copy_out_field *fields, struct error *error)
{
    struct source *source;

    (void)error;
    if (!note_change(context, fields, &source))
        return false;
    source->rows_updated++;
    return true;
}

static bool take_placed(void *context, const struct copy_out_field *fields, struct error *error)
{
    struct source *source;

    (void)error;
    if (!note_change(context, fields, &source))
        return false;
    source->rows_loaded++;
    return true;
}

/* Lists the rows that give up their value in a column; false when memory ran out. */
static bool list_owners(const struct list *takeovers, size_t column, struct array_parameter *owners)
{
    array_parameter_clear(owners);
    for (size_t i = 0; i < takeovers->count; i++) {
        const struct value_takeover *takeover = (const struct value_takeover *)takeovers->items + i;

        if (takeover->column == column && !array_parameter_add_integer(owners, takeover->owner))
            return false;
    }
    return true;
}

/* Takes away the unique values that rows of the database give up, before the update gives them to
 * others. The server checks a unique index row by row, so two rows that swap values would
 * collide. */
static bool vacate(struct updating *updating)
{
    const struct dataset *dataset = updating->dataset;
    const struct list *takeovers = &dataset->files.takeovers;
    struct array_parameter owners = {0};
    bool vacated = true;

    for (size_t i = 0; vacated && takeovers->count > 0 && i < dataset->table->column_count; i++) {
        const char *ids = NULL;

        if (!dataset->table->columns[i].unique)
            continue;
        if (list_owners(takeovers, i, &owners))
            ids = array_parameter_text(&owners);
        vacated = ids != NULL ? owners.count == 0 || merge_vacate(&updating->merge, i, ids,
                                                                  owners.count, updating->error)
                              : error_memory(updating->error);
    }
    array_parameter_free(&owners);
    return vacated;
}

static void choose_columns(const struct dataset *dataset, const struct source *source,
                           bool columns[TABLE_COLUMNS_MAX])
{
    for (size_t i = 0; i < TABLE_COLUMNS_MAX; i++)
        columns[i] = i < dataset->table->column_count && updated_columns_have(dataset, source, i);
}

/* Updates from all files from `first` on that have the same columns as that one; `done` marks
 * them. */
static bool update_like(struct updating *updating, size_t first, bool *done)
{
    const struct dataset *dataset = updating->dataset;
    bool columns[TABLE_COLUMNS_MAX], others[TABLE_COLUMNS_MAX];
    bool *chosen = calloc(dataset->source_count, sizeof *chosen);
    struct merge_files files = {.chosen = chosen, .count = dataset->source_count};
    bool updated;

    if (chosen == NULL)
        return error_memory(updating->error);
    choose_columns(dataset, dataset->sources[first], columns);
    for (size_t i = first; i < dataset->source_count; i++) {
        choose_columns(dataset, dataset->sources[i], others);
        chosen[i] = !done[i] && memcmp(columns, others, sizeof columns) == 0;
        done[i] = done[i] || chosen[i];
        if (chosen[i])
            files.rows += dataset->sources[i]->rows_staged;
    }
    updated = merge_update(&updating->merge, columns, &files, updating->error);
    free(chosen);
    return updated;
}

static bool update_all(struct updating *updating)
{
    const struct dataset *dataset = updating->dataset;
    bool *done = calloc(dataset->source_count, sizeof *done);
    bool updated = true;

    if (done == NULL)
        return error_memory(updating->error);
    updating->merge.row = take_updated;
    for (size_t i = 0; updated && i < dataset->source_count; i++)
        if (!done[i] && dataset->sources[i]->rows_staged > 0)
            updated = update_like(updating, i, done);
    free(done);
    return updated;
}

static bool place_all(struct updating *updating)
{
    uint64_t rows = updating->dataset->done.placeholders_staged;

    updating->merge.row = take_placed;
    return rows == 0 || merge_placeholders(&updating->merge, rows, updating->error);
}

static uint64_t rows_staged(const struct dataset *dataset)
{
    uint64_t rows = 0;

    for (size_t i = 0; i < dataset->source_count; i++)
        rows += dataset->sources[i]->rows_staged;
    return rows;
}

static bool is_large(const struct dataset *dataset)
{
    return rows_staged(dataset) >= MERGE_ANALYZED_FROM;
}

static bool merge_rows(struct updating *updating)
{
    bool planned = is_large(updating->dataset);

    return (!planned || merge_plan_begin(&updating->merge, updating->error)) &&
           place_all(updating) && update_all(updating) &&
           (!planned || merge_plan_end(&updating->merge, updating->error));
}

/* Staged rows that were not written were as they should be. */
static void count_unchanged(const struct dataset *dataset)
{
    for (size_t i = 0; i < dataset->source_count; i++) {
        struct source *source = dataset->sources[i];

        source->rows_unchanged += source->rows_staged;
        source->rows_staged = 0;
    }
}

/* Placeholders before the others: another row may want the name that they had. */
bool update_apply(struct plan *plan, struct dataset *dataset, const struct session *session)
{
    struct updating updating = {
        .merge = {.connection = session->connection,
                  .table = dataset->table,
                  .found = &dataset->database.catalog},
        .plan = plan,
        .dataset = dataset,
        .error = session->error,
    };
    bool applied;

    updating.merge.context = &updating;
    phase_begin(session->phases, "update", "%s.%s", dataset->table->schema, dataset->table->name);
    applied = (!is_large(dataset) || merge_analyze_stage(&updating.merge, session->error)) &&
              removal_list(plan, dataset, session) && vacate(&updating) && merge_rows(&updating);
    if (applied)
        count_unchanged(dataset);
    merge_free(&updating.merge);
    return applied;
}
