#include "write/removal.h"

#include "schema/deletion.h"

struct removal {
    struct derived *derived;
    struct dataset *dataset;
};

static bool take_deleted(void *context, const struct copy_out_field *fields, struct error *error)
{
    struct removal *removal = context;

    removal->dataset->done.rows_deleted++;
    return derived_note_change(removal->derived, removal->dataset->id,
                               copy_out_integer(&fields[0])) ||
           error_memory(error);
}

bool removal_carry_out(struct plan *plan, const struct session *session)
{
    for (int id = TABLE_COUNT - 1; id >= 0; id--) {
        struct removal removal = {.derived = &plan->derived, .dataset = &plan->datasets[id]};
        const struct dataset *dataset = removal.dataset;
        const struct deletion deletion = {.connection = session->connection,
                                          .table = dataset->table,
                                          .found = &dataset->database.catalog,
                                          .row = take_deleted,
                                          .context = &removal};

        if (dataset->mode == MODE_REPLACE && dataset->source_count > 0 &&
            !dataset_replaces(dataset))
            log_warning(session->log,
                        "no row of %s.%s is deleted, because some rows of its files were not read",
                        dataset->table->schema, dataset->table->name);
        if (dataset->done.rows_to_delete == 0)
            continue;
        phase_begin(session->phases, "delete", "from %s.%s", dataset->table->schema,
                    dataset->table->name);
        if (!deletion_carry_out(&deletion, session->error))
            return false;
    }
    return true;
}
