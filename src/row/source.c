#include "row/source.h"

#include "base/display.h"
#include "input/file_kind.h"
#include "input/file_name.h"
#include "row/header.h"
#include "row/header_fault.h"
#include "table/header_name.h"
#include "value/utf8.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void add_binding(struct source *source, size_t column, size_t field)
{
    const struct column *description = &source->table->columns[column];
    struct source_binding *binding = &source->bindings[source->binding_count++];

    *binding = (struct source_binding){.column = column, .field = field};
    binding->is_integer = description->type == COLUMN_INTEGER || description->type == COLUMN_BIGINT;
    table_column_range(description, &binding->minimum, &binding->maximum);
}

static bool refuse_twice(const struct source *source, size_t column, size_t field,
                         struct error *error)
{
    (void)error_set(error, ERROR_DATA, "%s: the header names column %s twice, in fields %d and %zu",
                    source->path, source->table->columns[column].header,
                    source->field_of_column[column] + 1, field + 1);
    return error_hint(error, "Give the one that is not wanted another name: it is ignored then.");
}

static bool bind_field(struct source *source, size_t field, const struct csv_field *name,
                       struct error *error)
{
    int column = table_column_of_header(source->table, name->text, name->length);
    char shown[DISPLAY_SIZE];

    source->header_names[field] =
        strdup(display_text(name->text != NULL ? name->text : "", name->length, shown));
    if (source->header_names[field] == NULL)
        return error_memory(error);
    source->column_of_field[field] = column;
    if (column < 0)
        return true;
    if (source->field_of_column[column] >= 0)
        return refuse_twice(source, (size_t)column, field, error);
    source->field_of_column[column] = (int)field;
    add_binding(source, (size_t)column, field);
    source->keep_mask[field / 64] |= UINT64_C(1) << (field % 64);
    return true;
}

/* The field whose name may be meant for a column that the header lacks; -1: there is none. */
static int find_meant(const struct source *source, size_t column)
{
    for (size_t i = 0; i < source->field_count; i++)
        if (source_column_meant(source, i) == (int)column && source_shows_name(source, i))
            return (int)i;
    return -1;
}

static bool refuse_absent(const struct source *source, size_t column, struct error *error)
{
    const char *name = source->table->columns[column].header;
    int meant = find_meant(source, column);

    (void)error_set(error, ERROR_DATA, "%s: the header has no column %s, which %s.%s needs",
                    source->path, name, source->table->schema, source->table->name);
    return meant >= 0 &&
           error_hint(error, "It has %s: did you mean %s?", source->header_names[meant], name);
}

/* A column that every row must have a value for has to be in the header. */
static bool require_columns(const struct source *source, struct error *error)
{
    for (size_t i = 0; i < source->table->column_count; i++) {
        const struct column *column = &source->table->columns[i];

        if (column->header != NULL && column->absent == ABSENT_REFUSED &&
            source->field_of_column[i] < 0)
            return refuse_absent(source, i, error);
    }
    return true;
}

static bool bind(struct source *source, const struct csv_record *record, struct error *error)
{
    source->table = table_get(source->table_id);
    source->field_count = record->field_count;
    source->likely_header = header_is_likely(record);
    for (size_t i = 0; i < source->table->column_count; i++)
        source->field_of_column[i] = -1;
    for (size_t i = 0; i < record->field_count; i++)
        if (!bind_field(source, i, &record->fields[i], error))
            return false;
    return require_columns(source, error);
}

/* A file while its header is read. */
struct header_reading {
    struct source *source;
    struct error *error;
    bool seen;
    enum header_purpose purpose;
    uint8_t first_bytes[FILE_KIND_SIZE];
    size_t length;
};

static bool refuse_kind(const struct header_reading *reading, const struct file_kind *kind)
{
    (void)error_set(reading->error, ERROR_DATA, "%s: cannot be read as CSV: it is %s",
                    reading->source->path, kind->name);
    return error_hint(reading->error, "%s", kind->hint);
}

/* Reads what tells what the file is, and goes back to its start. */
static bool read_first_bytes(struct header_reading *reading)
{
    struct input *input = reading->source->input;
    size_t got;

    do {
        if (!input_read(input, reading->first_bytes + reading->length,
                        sizeof reading->first_bytes - reading->length, &got, reading->error))
            return false;
        reading->length += got;
    } while (got > 0 && reading->length < sizeof reading->first_bytes);
    return input_rewind(input, reading->error);
}

/* Of a long header, the first bytes have not all. */
static bool refuse_no_text(const struct header_reading *reading, const struct csv_record *record)
{
    size_t characters;

    for (size_t i = 0; i < record->field_count; i++) {
        const struct csv_field *field = &record->fields[i];
        const struct value_fault *fault =
            field->text != NULL ? utf8_check(field->text, field->length, &characters) : NULL;

        if (fault != NULL)
            return error_set(reading->error, ERROR_DATA, "%s:%llu: the header is no text: %s",
                             reading->source->path, (unsigned long long)record->line, fault->text);
    }
    return true;
}

static void refuse_header(struct header_reading *reading, const struct csv_record *record,
                          const struct csv_fault *fault)
{
    const struct refused_header refused = {.path = reading->source->path,
                                           .first_bytes = (const char *)reading->first_bytes,
                                           .length = reading->length,
                                           .record = record,
                                           .fault = fault};

    if (!header_refuse(&refused, reading->error))
        reading->purpose = record != NULL ? header_purpose(record) : HEADER_MEANT;
}

static bool take_header(void *context, const struct csv_record *record)
{
    struct header_reading *reading = context;

    reading->seen = true;
    if (!refuse_no_text(reading, record))
        return false;
    reading->source->table_id = header_recognise(record);
    if (reading->source->table_id != TABLE_NONE)
        (void)bind(reading->source, record, reading->error);
    else
        refuse_header(reading, record, NULL);
    return false;
}

static bool take_header_fault(void *context, const struct csv_fault *fault)
{
    struct header_reading *reading = context;

    reading->seen = true;
    refuse_header(reading, NULL, fault);
    return false;
}

/* The command of a hint is for the text, which a file that is compressed has not. */
static void hint_at_unpacking(const struct input *input, struct error *error)
{
    const char *advice = input_unpack_advice(input);
    char hint[ERROR_TEXT_SIZE];

    if (advice == NULL ||
        (strstr(error->hint, " FILE") == NULL && strstr(error->hint, "NEW") == NULL))
        return;
    (void)snprintf(hint, sizeof hint, "%s", error->hint);
    (void)error_hint(error, "%c%s. %s", toupper((unsigned char)advice[0]), advice + 1, hint);
}

static bool read_header(struct source *source, enum header_purpose *purpose, struct error *error)
{
    struct header_reading reading = {.source = source, .error = error};
    struct csv_handler handler = {
        .record = take_header, .fault = take_header_fault, .context = &reading};
    const struct file_kind *kind;
    struct csv_reader *reader = NULL;
    bool read;

    if (!read_first_bytes(&reading))
        return false;
    kind = file_kind_recognise(reading.first_bytes, reading.length);
    if (kind != NULL)
        return refuse_kind(&reading, kind);
    if (!csv_reader_new(&reader, error))
        return false;
    read = csv_reader_read(reader, source->input, &handler, error);
    csv_reader_free(reader);
    *purpose = reading.purpose;
    if (read && !reading.seen)
        return error_set(error, ERROR_DATA, "%s: empty file: not even a header line", source->path);
    return read && error->kind == ERROR_NONE;
}

bool source_open(struct input *input, const char *path, enum header_purpose *purpose,
                 struct source **source, struct error *error)
{
    struct source *opened = calloc(1, sizeof *opened);

    *purpose = HEADER_MEANT;
    if (opened == NULL) {
        input_free(input);
        return error_memory(error);
    }
    opened->input = input;
    opened->path = path;
    opened->file_name = strcmp(path, "-") == 0 ? "stdin" : file_name_of_path(path);
    opened->line_base = UINT32_MAX;
    if (!read_header(opened, purpose, error)) {
        hint_at_unpacking(input, error);
        source_free(opened);
        return false;
    }
    input_end(input);
    *source = opened;
    return true;
}

bool source_shows_name(const struct source *source, size_t field)
{
    const char *name = source->header_names[field];

    return source->column_of_field[field] >= 0 ||
           (source->likely_header && header_name_is_plain(name, strlen(name)));
}

int source_column_meant(const struct source *source, size_t field)
{
    const char *name = source->header_names[field];
    int column = -1;

    if (source->column_of_field[field] < 0)
        column =
            header_name_meant(source->table, name, strlen(name),
                              source->likely_header ? HEADER_NAME_MISTYPED : HEADER_NAME_RESPELT);
    return column >= 0 && source->field_of_column[column] < 0 ? column : -1;
}

const char *source_field_name(const struct source *source, size_t field,
                              char text[PROBLEM_COLUMN_SIZE])
{
    if (field < source->field_count && source_shows_name(source, field))
        return source->header_names[field];
    (void)snprintf(text, PROBLEM_COLUMN_SIZE, "field %zu", field + 1);
    return text;
}

const char *source_withholding(const struct source *source)
{
    return source->has_password ? "; not among the rejects, because nobody can tell its password"
                                : "";
}

double source_text_bytes(const struct source *source)
{
    /* Histories become about a quarter by gzip and zstd. */
    static const double usual_ratio = 4;

    return (double)input_size(source->input) *
           (input_is_compressed(source->input) ? usual_ratio : 1);
}

void source_free(struct source *source)
{
    if (source == NULL)
        return;
    problem_list_free(&source->problems);
    for (size_t i = 0; i < source->field_count; i++)
        free(source->header_names[i]);
    input_free(source->input);
    free(source);
}
