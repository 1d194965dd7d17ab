#include "write/tuple.h"

#include "schema/merge.h"
#include "write/absent.h"
#include "write/encode.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static bool send_column(const struct tuple *tuple, size_t index)
{
    const struct column *column = &tuple->dataset->table->columns[index];
    const struct value *value = &tuple->row->values[index];

    if (!value->present || column->absent == ABSENT_RANDOM_UUID)
        return absent_send(tuple, index);
    encode_value(tuple->copy, column, value);
    return true;
}

static bool send(const struct tuple *tuple)
{
    const struct copied_columns *copied = tuple->context->columns;

    copy_in_row(tuple->copy, (uint16_t)(copied->count + tuple->context->staged));
    for (size_t i = 0; i < copied->count; i++)
        if (!send_column(tuple, copied->columns[i]))
            return false;
    if (tuple->context->staged)
        copy_in_bigint(tuple->copy, merge_place(tuple->context->file, tuple->context->line));
    return copy_in_row_end(tuple->copy, tuple->error);
}

bool tuple_send(struct copy_in *copy, const struct dataset *dataset, const struct row *row,
                struct tuple_context *context, struct error *error)
{
    const struct tuple tuple = {
        .copy = copy, .dataset = dataset, .row = row, .context = context, .error = error};

    return send(&tuple);
}

/* The texts of a placeholder; `numbered` holds one that has the id in it. */
static void set_inferred_text(struct value *value, const char *text, int64_t id, char *numbered,
                              size_t size)
{
    size_t length = strlen(text);

    value->present = true;
    value->text = text;
    value->length = length;
    if (text[length - 1] != '#')
        return;
    value->text = numbered;
    value->length = (size_t)snprintf(numbered, size, "%.*s%" PRId64, (int)length - 1, text, id);
}

bool tuple_send_inferred(struct copy_in *copy, const struct dataset *dataset, int64_t id,
                         struct tuple_context *context, struct error *error)
{
    const struct table *table = dataset->table;
    struct row row = {0};
    const struct tuple tuple = {.copy = copy,
                                .dataset = dataset,
                                .row = &row,
                                .context = context,
                                .inferred = true,
                                .error = error};
    char numbered[64];

    for (size_t i = 0; i < table->column_count; i++) {
        const struct column *column = &table->columns[i];
        struct value *value = &row.values[i];

        if (i == table->key[0])
            *value = (struct value){.present = true, .integer = id};
        else if (column->inferred_text != NULL)
            set_inferred_text(value, column->inferred_text, id, numbered, sizeof numbered);
        else if (column->inferred_integer != 0)
            *value = (struct value){.present = true, .integer = column->inferred_integer};
    }
    return send(&tuple);
}
