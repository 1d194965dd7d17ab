#include "target/existing_digest.h"

#include "plan/updated_columns.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

_Static_assert(COPY_OUT_FIELDS_MAX >= TABLE_COLUMNS_MAX + 2,
               "a query has room for an id, the mark of placeholders and all columns");

static bool compares(const struct dataset *dataset)
{
    bool by_id = dataset->table->key_kind == KEY_ID;

    if (dataset->database.catalog.empty || dataset->source_count == 0)
        return false;
    switch (dataset->mode) {
    case MODE_INSERT:
        break;
    case MODE_SKIP:
        return !by_id;
    case MODE_UPSERT:
    case MODE_REPLACE:
        return true;
    }
    return false;
}

bool existing_digest_choose(struct dataset *dataset, struct error *error)
{
    struct row_digest_columns *compared = &dataset->database.compared;

    if (!compares(dataset))
        return true;
    updated_columns_compare(dataset, compared);
    return row_digest_draw_seed(&compared->seed) ||
           error_set(error, ERROR_INTERNAL, "the system gives no random bytes: %s",
                     strerror(errno));
}

bool existing_digest_note(struct dataset *dataset, int64_t id, const struct copy_out_field *fields,
                          struct error *error)
{
    uint64_t *digest = paged_array_at(&dataset->database.digests, sizeof *digest, id);

    if (digest == NULL)
        return error_memory(error);
    *digest = row_digest_of_fields(&dataset->database.compared, fields);
    return true;
}

/* A parent, and a row's compared columns. */
static bool take_row(void *context, const struct copy_out_field *fields, struct error *error)
{
    struct dataset *dataset = context;
    uint64_t *digest =
        paged_array_at(&dataset->database.digests, sizeof *digest, copy_out_integer(&fields[0]));

    if (digest == NULL)
        return error_memory(error);
    *digest += row_digest_of_fields(&dataset->database.compared, &fields[1]);
    return true;
}

bool existing_digest_read(const struct plan *plan, struct dataset *dataset,
                          const struct session *session)
{
    const struct table *table = dataset->table;
    const char *parent = table->columns[table->key[0]].name;
    struct copy_out copy = {.field_count = (uint16_t)(dataset->database.compared.count + 1),
                            .row = take_row,
                            .context = dataset};
    int64_t floor = plan_key_floor(plan, dataset);
    struct statement query;
    bool read = false;

    if (table->key_kind == KEY_ID || dataset->database.compared.table == NULL ||
        dataset->database.lookup == LOOKUP_NAMED)
        return true;
    if (!statement_open(&query, session->connection, session->error))
        return false;
    statement_add(&query, "SELECT ");
    statement_identifier(&query, parent);
    row_digest_add_columns(&query, &dataset->database.compared);
    statement_add(&query, " FROM ");
    statement_qualified(&query, table->schema, table->name);
    if (floor > 0) {
        statement_add(&query, " WHERE ");
        statement_identifier(&query, parent);
        statement_add(&query, " < %" PRId64, floor);
    }
    copy.query = statement_text(&query, session->error);
    if (copy.query != NULL)
        read = copy_out_rows(session->connection, &copy, session->error);
    statement_free(&query);
    return read;
}
