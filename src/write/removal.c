#include "write/removal.h"

#include "plan/unnamed_rows.h"
#include "schema/deletion.h"
#include "schema/deletion_list.h"
#include "schema/publication.h"
#include "write/encode.h"

/* Whether rows of the table may go, whatever the files will turn out to have. */
static bool is_possible(const struct dataset *dataset)
{
    return dataset->mode == MODE_REPLACE && dataset->source_count > 0 &&
           !dataset->database.catalog.empty;
}

bool removal_prepare(struct removal *removal, const struct plan *plan,
                     const struct session *session)
{
    for (int id = 0; id < TABLE_COUNT; id++)
        if (is_possible(&plan->datasets[id]) &&
            !deletion_find_references(plan->datasets[id].table, session->connection,
                                      &removal->references[id], session->error))
            return false;
    return true;
}

bool removal_needs_stage(const struct dataset *dataset)
{
    return dataset_replaces(dataset) && is_possible(dataset) && dataset->table->key_kind != KEY_ID;
}

/* Ids on their way into a list. Without a COPY they are only counted. */
struct listing {
    const struct plan *plan;
    const struct dataset *dataset;
    struct copy_in *copy;
    uint64_t count;
    struct error *error;
};

static bool list_id(int64_t id, void *context)
{
    struct listing *listing = context;
    const struct table *table = listing->dataset->table;

    listing->count++;
    if (listing->copy == NULL)
        return true;
    copy_in_row(listing->copy, 1);
    encode_integer(listing->copy, &table->columns[table->key[0]], id);
    return copy_in_row_end(listing->copy, listing->error);
}

static bool list_all(struct listing *listing)
{
    listing->count = 0;
    return unnamed_rows_each(listing->plan, listing->dataset, list_id, listing);
}

/* Ends the COPY, which was opened. */
static bool send_list(struct listing *listing)
{
    struct copy_in *copy = listing->copy;
    bool sent = list_all(listing);

    listing->copy = NULL;
    if (sent)
        return copy_in_end(copy, listing->error);
    copy_in_abort(copy, listing->error->message);
    return false;
}

static bool list_ids(struct listing *listing, uint64_t *count, struct connection *connection)
{
    (void)list_all(listing);
    *count = listing->count;
    return listing->count == 0 || (deletion_list_open_ids(connection, listing->dataset->table,
                                                          &listing->copy, listing->error) &&
                                   send_list(listing));
}

static bool list_rows_of_parents(struct listing *listing, uint64_t *count,
                                 struct connection *connection)
{
    const struct table *table = listing->dataset->table;

    (void)list_all(listing);
    *count = 0;
    return listing->count == 0 ||
           (deletion_list_open_parents(connection, table, &listing->copy, listing->error) &&
            send_list(listing) &&
            deletion_list_of_parents(connection, table, count, listing->error));
}

bool removal_list(const struct plan *plan, struct dataset *dataset, const struct session *session)
{
    struct listing listing = {.plan = plan, .dataset = dataset, .error = session->error};
    bool listed;

    if (!dataset_replaces(dataset) || !is_possible(dataset))
        return true;
    listed =
        dataset->table->key_kind == KEY_ID
            ? list_ids(&listing, &dataset->done.rows_to_delete, session->connection)
            : list_rows_of_parents(&listing, &dataset->done.rows_to_delete, session->connection);
    return listed &&
           (dataset->done.rows_to_delete == 0 ||
            publication_require(dataset->database.publication.why_no_delete, session->error));
}

/* A table while its rows are deleted. */
struct deleting {
    struct derived *derived;
    struct dataset *dataset;
};

static bool take_deleted(void *context, const struct copy_out_field *fields, struct error *error)
{
    struct deleting *deleting = context;

    deleting->dataset->done.rows_deleted++;
    return derived_note_change(deleting->derived, deleting->dataset->id,
                               copy_out_integer(&fields[0])) ||
           error_memory(error);
}

bool removal_carry_out(const struct removal *removal, struct plan *plan,
                       const struct session *session)
{
    for (int id = TABLE_COUNT - 1; id >= 0; id--) {
        struct deleting deleting = {.derived = &plan->derived, .dataset = &plan->datasets[id]};
        const struct dataset *dataset = deleting.dataset;
        const struct deletion deletion = {.connection = session->connection,
                                          .table = dataset->table,
                                          .found = &dataset->database.catalog,
                                          .row = take_deleted,
                                          .context = &deleting,
                                          .former_references = removal->references[id]};

        if (dataset->mode == MODE_REPLACE && dataset->source_count > 0 &&
            !dataset_replaces(dataset))
            log_warning(session->log,
                        "no row of %s.%s is deleted, because some rows of its files are bad",
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

void removal_free(struct removal *removal)
{
    for (int id = 0; id < TABLE_COUNT; id++)
        PQclear(removal->references[id]);
    *removal = (struct removal){0};
}
