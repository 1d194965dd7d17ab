#include "check/reference.h"

#include <inttypes.h>

static int64_t referenced_id(const struct checked_row *checked, size_t column)
{
    return checked->row->values[column].integer;
}

/* A row whose parent was rejected cannot be loaded either, and is not to blame. */
static void refuse_orphan(const struct checked_row *checked, size_t column,
                          const struct dataset *parent, uint32_t parent_line)
{
    uint64_t line;
    const struct source *source = dataset_source_of_line(parent, parent_line, &line);

    row_problem(checked->reading, column, PROBLEM_PARENT_REJECTED,
                "%s %" PRId64 " was rejected: %s:%" PRIu64, parent->table->row_name,
                referenced_id(checked, column), source->path, line);
}

/* Judges a reference to an id that is nowhere. True: a placeholder may be made for it. False: a
 * problem was added. */
static bool may_be_inferred(const struct checked_row *checked, size_t column,
                            const struct dataset *parent)
{
    int64_t id = referenced_id(checked, column);
    uint32_t rejected_line = line_index_get(&parent->files.rejected_rows, id);

    if (dataset_replaces(parent) && id_set_contains(&parent->database.existing, id)) {
        row_problem(checked->reading, column, PROBLEM_FOREIGN_KEY,
                    "no such %s in the files, and --mode=replace deletes the one in the database",
                    parent->table->row_name);
        return false;
    }
    if (rejected_line != 0) {
        refuse_orphan(checked, column, parent, rejected_line);
        return false;
    }
    if (parent->files.infer && (parent->floor == 0 || id < parent->floor) &&
        id <= dataset_last_id(parent))
        return true;
    checked->dataset->files.references_violated[column]++;
    if (parent->files.infer && id > dataset_last_id(parent))
        row_problem(checked->reading, column, PROBLEM_FOREIGN_KEY,
                    "no such %s in the database, and above %" PRId64 " none can be inferred",
                    parent->table->row_name, dataset_last_id(parent));
    else if (parent->files.infer)
        row_problem(checked->reading, column, PROBLEM_FOREIGN_KEY,
                    "no such %s in the database, and from the floor %" PRId64
                    " on none can be inferred",
                    parent->table->row_name, parent->floor);
    else
        row_problem(checked->reading, column, PROBLEM_FOREIGN_KEY,
                    "no such %s in the files or the database", parent->table->row_name);
    return false;
}

bool references_hold(const struct checked_row *checked, bool *infers)
{
    struct dataset *dataset = checked->dataset;
    bool right = true;

    *infers = false;
    for (size_t i = 0; i < dataset->reference_count; i++) {
        size_t column = dataset->references[i];
        const struct dataset *parent =
            &checked->plan->datasets[dataset->table->columns[column].references];

        if (parent->files.incomplete || !checked->row->values[column].present)
            continue;
        dataset->files.references_checked[column]++;
        if (dataset_has(parent, referenced_id(checked, column)))
            continue;
        if (may_be_inferred(checked, column, parent))
            *infers = true;
        else
            right = false;
    }
    return right;
}

bool references_infer(const struct checked_row *checked)
{
    const struct dataset *dataset = checked->dataset;

    for (size_t i = 0; i < dataset->reference_count; i++) {
        size_t column = dataset->references[i];
        struct dataset *parent =
            &checked->plan->datasets[dataset->table->columns[column].references];

        if (checked->row->values[column].present && !parent->files.incomplete &&
            !dataset_has(parent, referenced_id(checked, column)) &&
            !id_set_add(&parent->files.inferred, referenced_id(checked, column)))
            return error_memory(checked->error);
    }
    return true;
}
