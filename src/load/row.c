#include "load/row.h"

#include "value/decimal.h"
#include "value/integer.h"
#include "value/timestamp.h"
#include "value/utf8.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void row_problem(struct source *source, const struct csv_record *record, size_t column,
                 const char *format, ...)
{
    const struct column *description = &source->table->columns[column];
    int field = source->field_of_column[column];
    struct problem_value value = {.text = NULL};
    char reason[PROBLEM_REASON_SIZE];
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(reason, sizeof reason, format, arguments);
    va_end(arguments);
    if (field >= 0 && !description->secret)
        value = (struct problem_value){.text = record->fields[field].text,
                                       .length = record->fields[field].length};
    problem_add(&source->problems, record->line, description->header, value, "%s", reason);
}

static void type_range(const struct column *column, int64_t *minimum, int64_t *maximum)
{
    *minimum = column->minimum;
    *maximum = column->maximum;
    if (*maximum == 0 && *minimum == 0) {
        *minimum = column->type == COLUMN_INTEGER ? INT32_MIN : INT64_MIN;
        *maximum = column->type == COLUMN_INTEGER ? INT32_MAX : INT64_MAX;
    } else if (*maximum == 0) {
        *maximum = INT64_MAX;
    }
}

static bool is_key(const struct table *table, size_t column)
{
    for (size_t i = 0; i < table->key_count; i++)
        if (table->key[i] == column)
            return true;
    return false;
}

/* Reading one value; everything a message needs is at hand. */
struct reading {
    struct source *source;
    const struct dataset *dataset;
    const struct csv_record *record;
    size_t column;
    bool quiet;
};

#define WRONG(reading, ...)                                                                        \
    ((reading)->quiet                                                                              \
         ? false                                                                                   \
         : (row_problem((reading)->source, (reading)->record, (reading)->column, __VA_ARGS__),     \
            false))

static bool refuse_range(const struct reading *reading, int64_t integer, int64_t minimum,
                         int64_t maximum)
{
    const struct column *column = &reading->source->table->columns[reading->column];

    if (minimum == 1 && integer < minimum &&
        (is_key(reading->source->table, reading->column) || column->has_reference))
        return WRONG(reading, "below 1, where ids start");
    if (maximum == INT32_MAX || maximum == INT64_MAX) {
        if (integer < minimum && minimum > INT32_MIN)
            return WRONG(reading, "below %" PRId64, minimum);
        return WRONG(reading, "out of range for integer");
    }
    return WRONG(reading, "not in %" PRId64 " to %" PRId64, minimum, maximum);
}

static bool read_integer(const struct reading *reading, struct value *value)
{
    const struct column *column = &reading->source->table->columns[reading->column];
    const char *wrong = integer_parse(value->text, value->length, &value->integer);
    int64_t minimum, maximum;

    if (wrong != NULL)
        return WRONG(reading, "%s", wrong);
    type_range(column, &minimum, &maximum);
    if (value->integer >= minimum && value->integer <= maximum)
        return true;
    return refuse_range(reading, value->integer, minimum, maximum);
}

static bool read_decimal(const struct reading *reading, struct value *value)
{
    const struct column *column = &reading->source->table->columns[reading->column];
    const char *wrong =
        decimal_parse(value->text, value->length, ROW_DECIMAL_SCALE, &value->integer);

    if (wrong != NULL)
        return WRONG(reading, "%s", wrong);
    if (value->integer < 0 && column->minimum == 0)
        return WRONG(reading, "below 0");
    return true;
}

static bool read_text(const struct reading *reading, struct value *value)
{
    size_t limit =
        catalog_column_length(&reading->dataset->catalog, reading->source->table, reading->column);
    size_t characters = 0;
    const char *wrong = utf8_check(value->text, value->length, &characters);

    if (wrong != NULL)
        return WRONG(reading, "%s", wrong);
    if (limit > 0 && characters > limit)
        return WRONG(reading, "longer than %zu characters (%zu)", limit, characters);
    return true;
}

static bool read_value(const struct reading *reading, struct value *value)
{
    const char *wrong = NULL;

    switch (reading->source->table->columns[reading->column].type) {
    case COLUMN_BIGINT:
    case COLUMN_INTEGER:
        return read_integer(reading, value);
    case COLUMN_TEXT:
    case COLUMN_ORDER_STATUS:
        return read_text(reading, value);
    case COLUMN_DOUBLE:
        return read_decimal(reading, value);
    case COLUMN_UUID_V4:
        wrong = uuid_v4_parse(value->text, value->length, value->uuid);
        break;
    case COLUMN_TIMESTAMPTZ:
        wrong = timestamp_parse(value->text, value->length, &value->integer);
        break;
    case COLUMN_BOOLEAN:
        wrong = "booleans are not read from files";
        break;
    }
    return wrong == NULL || WRONG(reading, "%s", wrong);
}

/* `,,` is NULL. `,"",` is the empty text where a text may be empty, NULL for every other type. */
static bool is_present(const struct column *column, const struct csv_field *field)
{
    if (field->length > 0)
        return true;
    return field->text != NULL && column->type == COLUMN_TEXT && column->absent != ABSENT_REFUSED;
}

static bool read_column(const struct reading *reading, struct value *value)
{
    const struct column *column = &reading->source->table->columns[reading->column];
    int field = reading->source->field_of_column[reading->column];

    value->present = false;
    if (field < 0)
        return true;
    if (!is_present(column, &reading->record->fields[field]))
        return column->absent != ABSENT_REFUSED || WRONG(reading, "empty, but required");
    value->present = true;
    value->text = reading->record->fields[field].text;
    value->length = reading->record->fields[field].length;
    value->present = read_value(reading, value);
    return value->present;
}

static bool refuse_field_count(const struct reading *reading, struct row *row)
{
    struct source *source = reading->source;
    size_t found = reading->record->field_count;
    size_t first_wrong = found < source->field_count ? found : source->field_count;
    char name[PROBLEM_COLUMN_SIZE];

    for (size_t i = 0; i < source->table->column_count; i++)
        row->values[i].present = false;
    /* No value is shown: in a shifted row it may be that of a column nobody is to see. */
    if (!reading->quiet)
        problem_add(
            &source->problems, reading->record->line, source_field_name(source, first_wrong, name),
            (struct problem_value){.text = NULL}, "%s: the row has %zu fields, the header %zu",
            found < source->field_count ? "missing" : "one too many", found, source->field_count);
    return false;
}

bool row_read(struct source *source, const struct dataset *dataset, const struct csv_record *record,
              bool quiet, struct row *row)
{
    struct reading reading = {
        .source = source, .dataset = dataset, .record = record, .quiet = quiet};
    bool right = true;

    row->line = record->line;
    if (record->field_count != source->field_count)
        return refuse_field_count(&reading, row);
    for (size_t i = 0; i < source->table->column_count; i++) {
        reading.column = i;
        if (!read_column(&reading, &row->values[i]))
            right = false;
    }
    return right;
}

static void send_value(struct copy_in *copy, enum column_type type, const struct value *value)
{
    switch (type) {
    case COLUMN_BIGINT:
    case COLUMN_TIMESTAMPTZ:
        copy_in_bigint(copy, value->integer);
        break;
    case COLUMN_INTEGER:
        copy_in_integer(copy, (int32_t)value->integer);
        break;
    case COLUMN_BOOLEAN:
        copy_in_boolean(copy, value->integer != 0);
        break;
    case COLUMN_TEXT:
    case COLUMN_ORDER_STATUS:
        copy_in_bytes(copy, value->text, value->length);
        break;
    case COLUMN_DOUBLE:
        copy_in_double(copy, decimal_to_double(value->integer, ROW_DECIMAL_SCALE));
        break;
    case COLUMN_UUID_V4:
        copy_in_bytes(copy, value->uuid, UUID_SIZE);
        break;
    }
}

static bool send_random_uuid(struct copy_in *copy, struct row_context *context, struct error *error)
{
    uint8_t uuid[UUID_SIZE];

    if (!uuid_generate_v4(&context->uuids, uuid))
        return error_set(error, ERROR_INTERNAL, "the system gives no random bytes: %s",
                         strerror(errno));
    copy_in_bytes(copy, uuid, UUID_SIZE);
    return true;
}

static bool send_absent(struct copy_in *copy, const struct column *column, bool inferred,
                        struct row_context *context, struct error *error)
{
    switch (column->absent) {
    case ABSENT_REFUSED:
    case ABSENT_NULL:
        copy_in_null(copy);
        return true;
    case ABSENT_INTEGER:
        send_value(copy, column->type, &(struct value){.integer = column->absent_integer});
        return true;
    case ABSENT_TEXT:
        copy_in_bytes(copy, column->absent_text, strlen(column->absent_text));
        return true;
    case ABSENT_RANDOM_UUID:
        return send_random_uuid(copy, context, error);
    case ABSENT_LOAD_TIME:
        copy_in_bigint(copy, context->load_time);
        return true;
    case ABSENT_INFERRED:
        copy_in_boolean(copy, inferred);
        return true;
    }
    return error_set(error, ERROR_INTERNAL, "column %s has no rule for an empty field",
                     column->name);
}

static uint16_t count_columns(const struct dataset *dataset)
{
    uint16_t count = 0;

    for (size_t i = 0; i < dataset->table->column_count; i++)
        count += dataset->catalog.columns[i].present;
    return count;
}

bool row_send(struct copy_in *copy, const struct dataset *dataset, const struct row *row,
              struct row_context *context, struct error *error)
{
    copy_in_row(copy, count_columns(dataset));
    for (size_t i = 0; i < dataset->table->column_count; i++) {
        const struct column *column = &dataset->table->columns[i];

        if (!dataset->catalog.columns[i].present)
            continue;
        if (row->values[i].present)
            send_value(copy, column->type, &row->values[i]);
        else if (!send_absent(copy, column, false, context, error))
            return false;
    }
    return copy_in_row_end(copy, error);
}

static void send_inferred_text(struct copy_in *copy, const char *text, int64_t id)
{
    size_t length = strlen(text);
    char numbered[64];

    if (text[length - 1] == '#') {
        int written =
            snprintf(numbered, sizeof numbered, "%.*s%" PRId64, (int)length - 1, text, id);
        copy_in_bytes(copy, numbered, (size_t)written);
        return;
    }
    copy_in_bytes(copy, text, length);
}

bool row_send_inferred(struct copy_in *copy, const struct dataset *dataset, int64_t id,
                       struct row_context *context, struct error *error)
{
    const struct table *table = dataset->table;

    copy_in_row(copy, count_columns(dataset));
    for (size_t i = 0; i < table->column_count; i++) {
        const struct column *column = &table->columns[i];

        if (!dataset->catalog.columns[i].present)
            continue;
        if (i == table->key[0])
            send_value(copy, column->type, &(struct value){.integer = id});
        else if (column->inferred_text != NULL)
            send_inferred_text(copy, column->inferred_text, id);
        else if (column->inferred_integer != 0)
            send_value(copy, column->type, &(struct value){.integer = column->inferred_integer});
        else if (!send_absent(copy, column, true, context, error))
            return false;
    }
    return copy_in_row_end(copy, error);
}
