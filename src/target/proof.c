#include "target/proof.h"

#include "pg/search_path.h"

static bool prove_dataset(struct dataset *dataset, const struct session *session)
{
    const struct table *table = dataset->table;

    for (size_t i = 0; i < table->column_count; i++) {
        struct catalog_foreign_key *found = &dataset->database.foreign_keys[i];

        if (!table->columns[i].has_reference)
            continue;
        if (!catalog_read_foreign_key(session->connection, table, &table->columns[i], found,
                                      session->error))
            return false;
        if (!found->present)
            log_warning(session->log,
                        "%s.%s has no foreign key on %s; only this program has checked it "
                        "(--create-schema adds it)",
                        table->schema, table->name, table->columns[i].name);
        else if (!found->validated && !catalog_validate_foreign_key(session->connection, table,
                                                                    found->name, session->error))
            return false;
    }
    return true;
}

bool proof_foreign_keys(struct plan *plan, const struct session *session)
{
    /* A deferred constraint would fail at the commit, after the sequences were set. */
    if (!search_path_use_session(session->connection, session->error) ||
        !connection_execute(session->connection, "SET CONSTRAINTS ALL IMMEDIATE", session->error) ||
        !search_path_restrict(session->connection, session->error))
        return false;
    for (int id = 0; id < TABLE_COUNT; id++)
        if (dataset_is_loaded(&plan->datasets[id]) && !prove_dataset(&plan->datasets[id], session))
            return false;
    return true;
}
