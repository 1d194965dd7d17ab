#include "row/row_read.h"

#include "row/row_key.h"
#include "value/decimal.h"
#include "value/integer.h"
#include "value/timestamp.h"
#include "value/utf8.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void row_problem(const struct row_reading *reading, size_t column, enum problem_code code,
                 const char *format, ...)
{
    struct source *source = reading->source;
    const struct column *description = &source->table->columns[column];
    int field = source->field_of_column[column];
    char reason[PROBLEM_REASON_SIZE], key[PROBLEM_KEY_SIZE];
    struct problem_place place = {
        .code = code, .line = reading->record->line, .column = description->header};
    struct row row;
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(reason, sizeof reason, format, arguments);
    va_end(arguments);
    if (field >= 0 && !description->secret)
        place.value = (struct problem_value){.text = reading->record->fields[field].text,
                                             .length = reading->record->fields[field].length};
    place.is_alike = (code == PROBLEM_FOREIGN_KEY || code == PROBLEM_PARENT_REJECTED) &&
                     place.value.text != NULL &&
                     integer_parse(place.value.text, place.value.length, &place.id) == NULL;
    row_read_key(reading, &row);
    place.key = row_key_text(source->table, &row, key);
    problem_add(&source->problems, &place, "%s", reason);
}

/* One field of it, with all that a message about it needs. */
struct field_reading {
    const struct row_reading *row;
    size_t column;
    bool quiet;
};

static const struct column *column_of(const struct field_reading *reading)
{
    return &reading->row->source->table->columns[reading->column];
}

#define WRONG(reading, code, ...)                                                                  \
    ((reading)->quiet                                                                              \
         ? false                                                                                   \
         : (row_problem((reading)->row, (reading)->column, PROBLEM_##code, __VA_ARGS__), false))

/* What is no text at all is told so first. */
static bool refuse_fault(const struct field_reading *reading, const struct value *value,
                         const struct value_fault *fault)
{
    size_t characters;
    const struct value_fault *no_text = utf8_check(value->text, value->length, &characters);

    if (no_text != NULL)
        fault = no_text;
    switch (fault->code) {
    case VALUE_FAULT_RANGE:
        return WRONG(reading, RANGE, "%s", fault->text);
    case VALUE_FAULT_ENCODING:
        return WRONG(reading, ENCODING, "%s", fault->text);
    case VALUE_FAULT_TYPE:
        break;
    }
    return WRONG(reading, TYPE, "%s", fault->text);
}

static bool refuse_range(const struct field_reading *reading, int64_t integer, int64_t minimum,
                         int64_t maximum)
{
    const struct column *column = column_of(reading);

    if (minimum == 1 && integer < minimum &&
        (table_is_key(reading->row->source->table, reading->column) || column->has_reference))
        return WRONG(reading, RANGE, "below 1, where ids start");
    if (maximum == INT32_MAX || maximum == INT64_MAX) {
        if (integer < minimum && minimum > INT32_MIN)
            return WRONG(reading, RANGE, "below %" PRId64, minimum);
        return WRONG(reading, RANGE, "out of range for integer");
    }
    return WRONG(reading, RANGE, "not in %" PRId64 " to %" PRId64, minimum, maximum);
}

static bool read_integer(const struct field_reading *reading, struct value *value)
{
    const struct column *column = column_of(reading);
    const struct value_fault *fault = integer_parse(value->text, value->length, &value->integer);
    int64_t minimum, maximum;

    if (fault != NULL)
        return refuse_fault(reading, value, fault);
    table_column_range(column, &minimum, &maximum);
    if (value->integer >= minimum && value->integer <= maximum)
        return true;
    return refuse_range(reading, value->integer, minimum, maximum);
}

static int64_t power_of_ten(unsigned exponent)
{
    int64_t power = 1;

    while (exponent-- > 0)
        power *= 10;
    return power;
}

/* Whether a number is not 0, even where it would be rounded to 0. */
static bool has_digit_above_zero(const char *text, size_t length)
{
    for (size_t i = 0; i < length && text[i] != 'e' && text[i] != 'E'; i++)
        if (text[i] >= '1' && text[i] <= '9')
            return true;
    return false;
}

static bool read_decimal(const struct field_reading *reading, struct value *value)
{
    const struct column *column = column_of(reading);
    const struct value_fault *fault =
        decimal_parse(value->text, value->length, column->scale, &value->integer);

    if (fault != NULL)
        return refuse_fault(reading, value, fault);
    if (value->text[0] == '-' && has_digit_above_zero(value->text, value->length))
        return WRONG(reading, RANGE, "below 0");
    if (column->type == COLUMN_DOUBLE && value->integer == 0 &&
        decimal_underflows_double(value->text, value->length))
        return WRONG(reading, RANGE, "out of range");
    if (column->precision > 0 && value->integer >= power_of_ten(column->precision))
        return WRONG(reading, RANGE, "out of range for numeric(%u,%u)", column->precision,
                     column->scale);
    return true;
}

static const struct value_fault not_a_status = {.code = VALUE_FAULT_TYPE,
                                                .text = "not an order status"};

static bool read_status(const struct field_reading *reading, struct value *value)
{
    value->integer = table_order_status_number(value->text, value->length);
    return value->integer >= 0 || refuse_fault(reading, value, &not_a_status);
}

/* A B-tree's entry has 2,704 bytes at most (PostgreSQL manual, 67.4), its own 12 included. The
 * server takes a longer value only where it can compress it to that. */
enum { INDEX_VALUE_SIZE_MAX = 2692 };

static bool read_text(const struct field_reading *reading, struct value *value)
{
    const struct catalog_table *catalog = reading->row->catalog;
    size_t limit = catalog_column_length(catalog, reading->row->source->table, reading->column);
    size_t characters = 0, counted;
    const struct value_fault *fault = utf8_check(value->text, value->length, &characters);

    if (fault != NULL)
        return refuse_fault(reading, value, fault);
    /* ASCII alone can be held everywhere. */
    if (characters < value->length &&
        !encoding_holds(catalog->encoding, value->text, value->length))
        return WRONG(reading, ENCODING, "cannot be stored in this database's encoding %s",
                     encoding_name(catalog->encoding));
    counted = catalog->counts_bytes ? value->length : characters;
    if (limit > 0 && counted > limit)
        return WRONG(reading, LENGTH, "longer than %zu %s (%zu)", limit,
                     catalog->counts_bytes ? "bytes" : "characters", counted);
    if (column_of(reading)->unique && value->length > INDEX_VALUE_SIZE_MAX)
        return WRONG(reading, LENGTH, "longer than %d bytes (%zu), which an index takes",
                     INDEX_VALUE_SIZE_MAX, value->length);
    return true;
}

static bool read_value(const struct field_reading *reading, struct value *value)
{
    const struct value_fault *fault = NULL;

    switch (column_of(reading)->type) {
    case COLUMN_BIGINT:
    case COLUMN_INTEGER:
        return read_integer(reading, value);
    case COLUMN_TEXT:
        return read_text(reading, value);
    case COLUMN_ORDER_STATUS:
        return read_status(reading, value);
    case COLUMN_DOUBLE:
    case COLUMN_NUMERIC:
        return read_decimal(reading, value);
    case COLUMN_UUID_V4:
        fault = uuid_v4_parse(value->text, value->length, value->uuid);
        break;
    case COLUMN_TIMESTAMPTZ:
        fault = timestamp_parse(value->text, value->length, &value->integer);
        break;
    case COLUMN_BOOLEAN:
        return WRONG(reading, TYPE, "booleans are not read from files");
    }
    return fault == NULL || refuse_fault(reading, value, fault);
}

/* `,,` is NULL. `,"",` is the empty text where a text may be empty, NULL for every other type. */
static bool is_present(const struct column *column, const struct csv_field *field)
{
    if (field->length > 0)
        return true;
    return field->text != NULL && column->type == COLUMN_TEXT && column->absent != ABSENT_REFUSED;
}

/* TimeL-E's service has NOT NULL on columns where schema.sql has none. */
static bool is_required(const struct field_reading *reading)
{
    const struct column *column = column_of(reading);

    return column->absent == ABSENT_REFUSED ||
           (column->absent == ABSENT_NULL &&
            reading->row->catalog->columns[reading->column].not_null);
}

static bool read_field(const struct field_reading *reading, size_t index, struct value *value)
{
    const struct csv_field *field = &reading->row->record->fields[index];

    value->present = is_present(column_of(reading), field);
    if (!value->present)
        return !is_required(reading) || WRONG(reading, REQUIRED, "empty, but required");
    value->text = field->text;
    value->length = field->length;
    value->present = read_value(reading, value);
    return value->present;
}

void row_read_key(const struct row_reading *reading, struct row *row)
{
    const struct table *table = reading->source->table;

    row_clear(row, reading->source);
    for (size_t i = 0; i < table->key_count; i++) {
        const struct field_reading key = {.row = reading, .column = table->key[i], .quiet = true};
        int field = reading->source->field_of_column[table->key[i]];

        if (field >= 0 && (size_t)field < reading->record->field_count)
            (void)read_field(&key, (size_t)field, &row->values[table->key[i]]);
    }
}

/* Where fields have shifted, a value is nobody's. That a field is no text explains the rest. */
static const struct value_fault *find_no_text(const struct csv_record *record, size_t *field)
{
    size_t characters;

    for (*field = 0; *field < record->field_count; ++*field) {
        const struct csv_field *one = &record->fields[*field];
        const struct value_fault *fault =
            one->text != NULL ? utf8_check(one->text, one->length, &characters) : NULL;

        if (fault != NULL)
            return fault;
    }
    return NULL;
}

/* Of a record that is no row as a whole. */
static void add_record_problem(const struct row_reading *reading, struct row *row,
                               struct problem_place *place, size_t field, const char *reason)
{
    struct source *source = reading->source;
    char name[PROBLEM_COLUMN_SIZE], key[PROBLEM_KEY_SIZE];

    place->line = reading->record->line;
    place->column = source_field_name(source, field, name);
    place->key = row_key_text(source->table, row, key);
    problem_add(&source->problems, place, "%s", reason);
}

/* Excel writes such lines below a table. */
static bool is_empty(const struct csv_record *record)
{
    for (size_t i = 0; i < record->field_count; i++)
        if (record->fields[i].length > 0)
            return false;
    return true;
}

/* Files that were put one behind the other have such lines; with a byte order mark, too. */
static bool is_header(const struct source *source, const struct csv_record *record)
{
    for (size_t i = 0; i < source->binding_count; i++) {
        const struct csv_field *field = &record->fields[source->bindings[i].field];
        const char *header = source->table->columns[source->bindings[i].column].header;
        size_t length = strlen(header), mark = field->length == length + 3 ? 3 : 0;

        if (field->length != length + mark || memcmp(field->text, "\xef\xbb\xbf", mark) != 0 ||
            memcmp(field->text + mark, header, length) != 0)
            return false;
    }
    return true;
}

/* Records that are no rows, whatever their columns are. */
enum no_row { ROW, SEPARATORS_ALONE, HEADER_AGAIN };

static enum no_row find_no_row(const struct row_reading *reading)
{
    if (is_empty(reading->record))
        return SEPARATORS_ALONE;
    return is_header(reading->source, reading->record) ? HEADER_AGAIN : ROW;
}

static bool refuse_no_row(const struct row_reading *reading, struct row *row, enum no_row no_row)
{
    struct problem_place place = {.code = PROBLEM_FORMAT, .is_alike = true, .id = no_row};

    row_read_key(reading, row);
    if (!reading->quiet)
        add_record_problem(reading, row, &place, reading->source->bindings[0].field,
                           no_row == HEADER_AGAIN ? problem_header_again
                                                  : problem_separators_alone);
    return false;
}

static bool refuse_field_count(const struct row_reading *reading, struct row *row)
{
    struct source *source = reading->source;
    size_t found = reading->record->field_count;
    size_t first_wrong = found < source->field_count ? found : source->field_count, field;
    /* No value is shown: where fields have shifted, it may be that of a secret column. */
    struct problem_place place = {.code = PROBLEM_FORMAT};
    char reason[PROBLEM_REASON_SIZE];
    const struct value_fault *no_text;

    if (found > 1 && is_empty(reading->record))
        return refuse_no_row(reading, row, SEPARATORS_ALONE);
    row_read_key(reading, row);
    if (reading->quiet)
        return false;
    no_text = find_no_text(reading->record, &field);
    if (no_text != NULL) {
        place.code = PROBLEM_ENCODING;
        first_wrong = field;
    }
    (void)snprintf(reason, sizeof reason, "%s: the row has %zu field%s, the header %zu%s",
                   no_text != NULL               ? no_text->text
                   : found < source->field_count ? "missing"
                                                 : "one too many",
                   found, found == 1 ? "" : "s", source->field_count, source_withholding(source));
    add_record_problem(reading, row, &place, first_wrong, reason);
    return false;
}

/* Reads the usual integer at once: digits alone, in the column's range. False: read_field has to
 * read it. */
static inline bool read_plain_integer(const struct source_binding *binding,
                                      const struct csv_record *record, struct row *row)
{
    const struct csv_field *field = &record->fields[binding->field];
    struct value *value = &row->values[binding->column];

    value->present = integer_parse_digits(field->text, field->length, &value->integer) &&
                     value->integer >= binding->minimum && value->integer <= binding->maximum;
    return value->present;
}

/* Reads the columns from the first one on that could not be read at once. Apart, so that the loop
 * for the others stays small. */
static __attribute__((noinline)) bool read_rest(const struct row_reading *reading, struct row *row,
                                                size_t first)
{
    const struct source *source = reading->source;
    struct field_reading field = {.row = reading, .quiet = reading->quiet};
    enum no_row no_row = find_no_row(reading);
    bool right = true;

    /* Every row has an id: where there is none, this is the place. */
    if (no_row != ROW)
        return refuse_no_row(reading, row, no_row);
    for (size_t i = first; i < source->binding_count; i++) {
        const struct source_binding *binding = &source->bindings[i];

        if (binding->is_integer && read_plain_integer(binding, reading->record, row))
            continue;
        field.column = binding->column;
        if (!read_field(&field, binding->field, &row->values[binding->column]))
            right = false;
    }
    return right;
}

bool row_read(const struct row_reading *reading, struct row *row)
{
    const struct source *source = reading->source;

    assert(row->source == source);
    row->line = reading->record->line;
    if (reading->record->field_count != source->field_count)
        return refuse_field_count(reading, row);
    for (size_t i = 0; i < source->binding_count; i++) {
        const struct source_binding *binding = &source->bindings[i];

        if (!binding->is_integer || !read_plain_integer(binding, reading->record, row))
            return read_rest(reading, row, i);
    }
    return true;
}
