#include "write/update.h"

#include "plan/updated_columns.h"
#include "schema/deletion.h"
#include "schema/merge.h"
#include "write/id_map.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One table being updated. */
struct updating {
    struct merge merge;
    struct plan *plan;
    struct dataset *dataset;
    struct pending_file *id_map;
    struct error *error;
};

bool update_is_needed(const struct dataset *dataset)
{
    return !id_set_is_empty(&dataset->files.updates) ||
           (dataset_replaces(dataset) && !dataset->database.catalog.empty);
}

bool update_begin(const struct dataset *dataset, const struct session *session)
{
    const struct merge merge = {.connection = session->connection,
                                .table = dataset->table,
                                .found = &dataset->database.catalog};

    return merge_create_stage(&merge, session->error);
}

/* A row that changed: the number of its file, and the first column of its key. */
static bool note_change(struct updating *updating, const struct copy_out_field *fields,
                        struct source **source)
{
    *source = updating->dataset->sources[copy_out_integer(&fields[0])];
    (*source)->rows_unchanged--;
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

/* The ids of the rows that give up their value in a column, as the text of an array; NULL when
 * memory ran out. *count is how many. */
static char *list_owners(const struct list *takeovers, size_t column, size_t *count)
{
    char *text = NULL;
    size_t size;
    FILE *stream = open_memstream(&text, &size);
    bool written = stream != NULL;

    *count = 0;
    for (size_t i = 0; written && i < takeovers->count; i++) {
        const struct value_takeover *takeover = (const struct value_takeover *)takeovers->items + i;

        if (takeover->column == column)
            written =
                fprintf(stream, "%c%" PRId64, (*count)++ == 0 ? '{' : ',', takeover->owner) > 0;
    }
    written = written && fputs(*count == 0 ? "{}" : "}", stream) != EOF;
    if (stream != NULL && fclose(stream) != 0)
        written = false;
    if (written)
        return text;
    free(text);
    return NULL;
}

/* Takes away the unique values that rows of the database give up, before the update gives them to
 * others. The server checks a unique index row by row, so two rows that swap values would
 * collide. */
static bool vacate(const struct updating *updating)
{
    const struct dataset *dataset = updating->dataset;
    bool vacated = true;

    for (size_t i = 0; vacated && i < dataset->table->column_count; i++) {
        size_t count;
        char *ids;

        if (!dataset->table->columns[i].unique || dataset->files.takeovers.count == 0)
            continue;
        ids = list_owners(&dataset->files.takeovers, i, &count);
        vacated = ids != NULL
                      ? count == 0 || merge_vacate(&updating->merge, i, ids, count, updating->error)
                      : error_memory(updating->error);
        free(ids);
    }
    return vacated;
}

static void choose_columns(const struct dataset *dataset, const struct source *source,
                           bool columns[TABLE_COLUMNS_MAX])
{
    for (size_t i = 0; i < TABLE_COLUMNS_MAX; i++)
        columns[i] = i < dataset->table->column_count && updated_columns_have(dataset, source, i);
}

static bool is_any(const bool *flags, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (flags[i])
            return true;
    return false;
}

/* Updates from all files from `first` on that have the same columns as that one; `done` marks
 * them. */
static bool update_like(struct updating *updating, size_t first, bool *done)
{
    const struct dataset *dataset = updating->dataset;
    bool columns[TABLE_COLUMNS_MAX], others[TABLE_COLUMNS_MAX];
    bool *files = calloc(dataset->source_count, sizeof *files);
    bool updated;

    if (files == NULL)
        return error_memory(updating->error);
    choose_columns(dataset, dataset->sources[first], columns);
    for (size_t i = first; i < dataset->source_count; i++) {
        choose_columns(dataset, dataset->sources[i], others);
        files[i] = !done[i] && memcmp(columns, others, sizeof columns) == 0;
        done[i] = done[i] || files[i];
    }
    updated =
        !is_any(columns, TABLE_COLUMNS_MAX) ||
        merge_update(&updating->merge, columns, files, dataset->source_count, updating->error);
    free(files);
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
        if (!done[i] && dataset->sources[i]->rows_unchanged > 0)
            updated = update_like(updating, i, done);
    free(done);
    return updated;
}

static bool place_all(struct updating *updating)
{
    updating->merge.row = take_placed;
    return id_set_is_empty(&updating->dataset->database.existing_inferred) ||
           merge_placeholders(&updating->merge, updating->error);
}

static bool take_external_id(void *context, const struct copy_out_field *fields,
                             struct error *error)
{
    const struct updating *updating = context;

    return id_map_add(updating->id_map, updating->dataset->table, copy_out_integer(&fields[0]),
                      fields[1].bytes, error);
}

/* The rows kept the external ids that they had. */
static bool map_ids(struct updating *updating)
{
    const struct table *table = updating->dataset->table;
    int external = table_column_derived(table, ABSENT_RANDOM_UUID);
    struct copy_out copy = {.field_count = 2, .row = take_external_id, .context = updating};
    struct statement query;
    bool mapped = false;

    if (updating->id_map == NULL || external < 0)
        return true;
    if (!statement_open(&query, updating->merge.connection, updating->error))
        return false;
    statement_add(&query, "SELECT t.");
    statement_identifier(&query, table->columns[table->key[0]].name);
    statement_add(&query, ", t.");
    statement_identifier(&query, table->columns[external].name);
    statement_add(&query, " FROM ");
    statement_qualified(&query, table->schema, table->name);
    statement_add(&query, " t JOIN ");
    merge_add_stage(&query, table);
    statement_add(&query, " s ON ");
    merge_add_same_key(&query, table, "t", "s");
    copy.query = statement_text(&query, updating->error);
    if (copy.query != NULL)
        mapped = copy_out_rows(updating->merge.connection, &copy, updating->error);
    statement_free(&query);
    return mapped;
}

static bool list_deletions(const struct updating *updating)
{
    struct dataset *dataset = updating->dataset;

    if (!dataset_replaces(dataset))
        return true;
    if (!deletion_list(updating->merge.connection, dataset->table,
                       plan_key_floor(updating->plan, dataset), &dataset->done.rows_to_delete,
                       updating->error))
        return false;
    return dataset->done.rows_to_delete == 0 ||
           publication_require(dataset->database.publication.why_no_delete, updating->error);
}

/* Placeholders before the others: another row may want the name that they had. */
bool update_apply(struct plan *plan, struct dataset *dataset, struct pending_file *id_map,
                  const struct session *session)
{
    struct updating updating = {
        .merge = {.connection = session->connection,
                  .table = dataset->table,
                  .found = &dataset->database.catalog},
        .plan = plan,
        .dataset = dataset,
        .id_map = id_map,
        .error = session->error,
    };

    updating.merge.context = &updating;
    phase_begin(session->phases, "update", "%s.%s", dataset->table->schema, dataset->table->name);
    return merge_analyze_stage(&updating.merge, session->error) && list_deletions(&updating) &&
           vacate(&updating) && place_all(&updating) && update_all(&updating) &&
           merge_prove(&updating.merge, session->error) && map_ids(&updating);
}
