#include "check/infer.h"

#include <inttypes.h>
#include <string.h>

/* Whether neither the run nor the database has a row of the table that is no placeholder. */
static bool has_no_real_row(const struct dataset *dataset)
{
    return dataset->source_count == 0 && !dataset->database.has_real_row;
}

/* A placeholder leaves a column empty that TimeL-E's own service may have made NOT NULL. */
static bool require_nullable(const struct dataset *dataset, struct error *error)
{
    for (size_t i = 0; i < dataset->table->column_count; i++) {
        const struct column *column = &dataset->table->columns[i];
        bool is_empty = (column->absent == ABSENT_NULL || column->absent == ABSENT_REFUSED) &&
                        i != dataset->table->key[0] && column->inferred_text == NULL &&
                        column->inferred_integer == 0;

        if (is_empty && dataset->database.catalog.columns[i].not_null) {
            (void)error_set(error, ERROR_DATABASE,
                            "%s.%s.%s is NOT NULL, so no %s can be inferred: nothing is known of "
                            "it but its id",
                            dataset->table->schema, dataset->table->name, column->name,
                            dataset->table->row_name);
            return error_hint(error, "ALTER TABLE %s.%s ALTER COLUMN %s DROP NOT NULL allows it.",
                              dataset->table->schema, dataset->table->name, column->name);
        }
    }
    return true;
}

static bool require_mark(const struct dataset *dataset, struct error *error)
{
    int column = table_inferred_column(dataset->table);

    if (dataset->database.catalog.columns[column].present)
        return true;
    (void)error_set(error, ERROR_DATABASE,
                    "%s.%s has no column %s, which marks the placeholders that --infer makes",
                    dataset->table->schema, dataset->table->name,
                    dataset->table->columns[column].name);
    return error_hint(error, "--create-schema adds it; --infer=none makes no placeholders.");
}

/* Placeholders must be marked as such, and so must the placeholders that they refer to. */
static bool allow(struct plan *plan, struct dataset *dataset, struct error *error)
{
    if (!require_mark(dataset, error) || !require_nullable(dataset, error))
        return false;
    for (size_t i = 0; i < dataset->table->column_count; i++) {
        const struct column *column = &dataset->table->columns[i];

        if (column->has_reference && !require_mark(&plan->datasets[column->references], error))
            return false;
    }
    dataset->files.infer = true;
    return true;
}

bool infer_decide(struct plan *plan, const struct infer_options *options, struct error *error)
{
    for (int id = 0; id < TABLE_COUNT; id++) {
        struct dataset *dataset = &plan->datasets[id];
        bool wanted =
            options->tables[id] ||
            (!options->nothing && dataset->table->inferred_if_empty && has_no_real_row(dataset));

        if (wanted && plan_needs(plan, dataset->id) && !allow(plan, dataset, error))
            return false;
    }
    return true;
}

/* The name that a placeholder is to have may be another row's; the server would refuse it. */
static bool require_free_name(struct dataset *dataset, int64_t id, struct error *error)
{
    for (size_t i = 0; i < dataset->table->column_count; i++) {
        const struct column *column = &dataset->table->columns[i];
        struct text_value name = {.bytes = column->inferred_text};
        struct text_entry *entry;
        bool added;

        if (!column->unique || column->inferred_text == NULL)
            continue;
        name.length = strlen(column->inferred_text);
        entry = text_index_add(&dataset->files.unique[i], name, 0, id, &added);
        if (entry == NULL)
            return error_memory(error);
        if (entry->id != id) {
            (void)error_set(error, ERROR_DATA,
                            "placeholders need %s %" PRId64 " to be called \"%s\", but that is the "
                            "name of %s %" PRId64,
                            dataset->table->row_name, id, column->inferred_text,
                            dataset->table->row_name, entry->id);
            return error_hint(error, "Load the whole catalogue, or use --infer=none.");
        }
    }
    return true;
}

static bool infer_parent(struct dataset *parent, int64_t id, struct error *error)
{
    /* The database has the parent, but --mode=replace may be about to delete it. No placeholder
     * takes its place: the deletion fails then, and its error names the row that refers to the
     * parent. */
    if (dataset_has(parent, id) || id_set_contains(&parent->database.existing, id))
        return true;
    return require_free_name(parent, id, error) &&
           (id_set_add(&parent->files.inferred, id) || error_memory(error));
}

bool infer_parents(struct plan *plan, struct error *error)
{
    for (int id = TABLE_COUNT - 1; id >= 0; id--) {
        const struct dataset *dataset = &plan->datasets[id];

        if (id_set_is_empty(&dataset->files.inferred))
            continue;
        for (size_t i = 0; i < dataset->table->column_count; i++) {
            const struct column *column = &dataset->table->columns[i];

            if (column->has_reference &&
                !infer_parent(&plan->datasets[column->references], column->inferred_integer, error))
                return false;
        }
    }
    return true;
}
