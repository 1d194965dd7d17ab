#include "check/named_keys.h"

#include "row/pass.h"
#include "row/row_read.h"

#include <string.h>

/* One file being read. */
struct gathering {
    struct plan *plan;
    struct csv_reader *reader;
    struct dataset *dataset;
    struct source *source;
    struct row row;
    struct {
        size_t column; /* of the file's table */
        struct id_set *ids;
    } names[TABLE_COUNT];
    size_t name_count;
    struct error *error;
};

static bool is_looked_up(const struct dataset *dataset)
{
    return dataset->database.lookup == LOOKUP_NAMED;
}

/* Finds out which columns of a table's files name rows of tables that are not read whole. */
static void find_names(struct gathering *gathering)
{
    gathering->name_count = 0;
    for (int id = 0; id < TABLE_COUNT; id++) {
        struct dataset *named = &gathering->plan->datasets[id];
        int column = table_column_naming(gathering->dataset->table, named->table);

        if (column < 0 || !is_looked_up(named))
            continue;
        gathering->names[gathering->name_count].column = (size_t)column;
        gathering->names[gathering->name_count].ids = &named->files.named.ids;
        gathering->name_count++;
    }
}

static bool add_value(struct text_index *values, const struct column *column,
                      const struct value *value)
{
    struct text_value text = {.bytes = value->text, .length = value->length};
    bool added;

    if (column->type == COLUMN_UUID_V4)
        text = (struct text_value){.bytes = value->uuid, .length = UUID_SIZE};
    return text_index_add(values, text, 0, 0, &added) != NULL;
}

static bool add_unique_values(struct dataset *dataset, const struct row *row)
{
    const struct table *table = dataset->table;

    for (size_t i = 0; i < table->column_count; i++)
        if (table->columns[i].unique && row->values[i].present &&
            !add_value(&dataset->files.named.values[i], &table->columns[i], &row->values[i]))
            return false;
    return true;
}

static bool gather_row(struct gathering *gathering)
{
    for (size_t i = 0; i < gathering->name_count; i++) {
        const struct value *value = &gathering->row.values[gathering->names[i].column];

        if (value->present && !id_set_add(gathering->names[i].ids, value->integer))
            return false;
    }
    return gathering->dataset->table->key_kind != KEY_ID || !is_looked_up(gathering->dataset) ||
           add_unique_values(gathering->dataset, &gathering->row);
}

static bool gather_record(void *context, const struct csv_record *record)
{
    struct gathering *gathering = context;
    const struct row_reading reading = {.source = gathering->source,
                                        .catalog = &gathering->dataset->database.catalog,
                                        .record = record,
                                        .quiet = true};

    return !row_read(&reading, &gathering->row) || gather_row(gathering) ||
           error_memory(gathering->error);
}

static bool pass_fault(void *context, const struct csv_fault *fault)
{
    (void)context;
    return !fault->fatal;
}

static bool gather_source(struct gathering *gathering, struct source *source,
                          const struct session *session)
{
    const struct pass pass = {.phase = "find keys in",
                              .source = source,
                              .reader = gathering->reader,
                              .row = &gathering->row,
                              .record = gather_record,
                              .fault = pass_fault,
                              .context = gathering};

    gathering->source = source;
    return pass_read(&pass, session) || session->error->kind == ERROR_NONE;
}

/* The placeholders that may be made refer to other ones, and have names. */
static bool gather_placeholders(struct gathering *gathering)
{
    const struct table *table = gathering->dataset->table;

    for (size_t i = 0; i < table->column_count; i++) {
        const struct column *column = &table->columns[i];
        struct value name = {.text = column->inferred_text};
        struct dataset *parent =
            column->has_reference ? &gathering->plan->datasets[column->references] : NULL;

        if (parent != NULL && column->inferred_integer != 0 && is_looked_up(parent) &&
            !id_set_add(&parent->files.named.ids, column->inferred_integer))
            return false;
        if (!column->unique || column->inferred_text == NULL || !is_looked_up(gathering->dataset))
            continue;
        name.length = strlen(column->inferred_text);
        if (!add_value(&gathering->dataset->files.named.values[i], column, &name))
            return false;
    }
    return true;
}

static bool gather_dataset(struct gathering *gathering, const struct session *session)
{
    const struct dataset *dataset = gathering->dataset;
    bool gathered = true;

    find_names(gathering);
    if (!gather_placeholders(gathering))
        return error_memory(session->error);
    for (size_t i = 0; gathered && gathering->name_count > 0 && i < dataset->source_count; i++)
        gathered = gather_source(gathering, dataset->sources[i], session);
    return gathered;
}

static bool gather_all(struct gathering *gathering, const struct session *session)
{
    for (int id = 0; id < TABLE_COUNT; id++) {
        gathering->dataset = &gathering->plan->datasets[id];
        if (!gather_dataset(gathering, session))
            return false;
    }
    return true;
}

static bool is_any_looked_up(const struct plan *plan)
{
    for (int id = 0; id < TABLE_COUNT; id++)
        if (is_looked_up(&plan->datasets[id]))
            return true;
    return false;
}

/* The check reads all files, and tells of every one that is wrong. */
static void look_nothing_up(struct plan *plan, struct error *error)
{
    for (int id = 0; id < TABLE_COUNT; id++)
        plan->datasets[id].database.lookup = LOOKUP_WHOLE;
    *error = (struct error){0};
}

bool named_keys_gather(struct plan *plan, const struct session *session)
{
    struct gathering gathering = {.plan = plan, .error = session->error};
    bool gathered;

    if (!is_any_looked_up(plan))
        return true;
    if (!csv_reader_new(&gathering.reader, session->error))
        return false;
    gathered = gather_all(&gathering, session);
    csv_reader_free(gathering.reader);
    if (gathered || session->error->kind != ERROR_FILE)
        return gathered;
    look_nothing_up(plan, session->error);
    return true;
}
