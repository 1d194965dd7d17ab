#include "target/proof.h"

#include "pg/search_path.h"

/* The columns of the loaded tables that have a reference. */
struct reference_list {
    struct catalog_reference references[TABLE_COUNT * TABLE_COLUMNS_MAX];
    size_t count;
};

static void list_references(struct plan *plan, struct reference_list *list)
{
    for (int id = 0; id < TABLE_COUNT; id++) {
        struct dataset *dataset = &plan->datasets[id];

        for (size_t i = 0; dataset_is_loaded(dataset) && i < dataset->table->column_count; i++)
            if (dataset->table->columns[i].has_reference)
                list->references[list->count++] =
                    (struct catalog_reference){.table = dataset->table,
                                               .column = &dataset->table->columns[i],
                                               .found = &dataset->database.foreign_keys[i]};
    }
}

static void warn_of_missing(const struct catalog_reference *reference, struct log *log)
{
    const struct table *table = reference->table;
    const char *column = reference->column->name;

    if (reference->found->unenforced)
        log_warning(
            log,
            "foreign key \"%s\" of %s.%s on %s is NOT ENFORCED; only this program has checked "
            "it (--create-schema adds one that is enforced)",
            reference->found->name, table->schema, table->name, column);
    else
        log_warning(log,
                    "%s.%s has no foreign key on %s; only this program has checked it "
                    "(--create-schema adds it)",
                    table->schema, table->name, column);
}

static bool prove(const struct catalog_reference *reference, const struct session *session)
{
    const struct catalog_foreign_key *found = reference->found;

    if (!found->present)
        warn_of_missing(reference, session->log);
    return !found->present || found->validated ||
           catalog_validate_foreign_key(session->connection, reference->table, found->name,
                                        session->error);
}

bool proof_foreign_keys(struct plan *plan, const struct session *session)
{
    struct reference_list list = {.count = 0};

    /* A deferred constraint would fail at the commit, after the sequences were set. */
    if (!search_path_use_session(session->connection, session->error) ||
        !connection_execute(session->connection, "SET CONSTRAINTS ALL IMMEDIATE", session->error) ||
        !search_path_restrict(session->connection, session->error))
        return false;
    list_references(plan, &list);
    if (!catalog_read_foreign_keys(session->connection, list.references, list.count,
                                   session->error))
        return false;
    for (size_t i = 0; i < list.count; i++)
        if (!prove(&list.references[i], session))
            return false;
    return true;
}
