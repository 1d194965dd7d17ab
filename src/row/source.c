#include "row/source.h"

#include "base/display.h"
#include "value/utf8.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The columns of a header as one text for a message, made fit to be shown. */
static void list_columns(const struct csv_record *record, char *text, size_t size)
{
    size_t used = 0;

    text[0] = '\0';
    for (size_t i = 0; i < record->field_count; i++) {
        const char *separator = i == 0 ? "" : ", ";
        char shown[DISPLAY_SIZE];

        (void)display_text(record->fields[i].text, record->fields[i].length, shown);
        if (used + strlen(separator) + strlen(shown) + sizeof ", ..." > size) {
            (void)snprintf(text + used, size - used, "%s...", separator);
            return;
        }
        used += (size_t)snprintf(text + used, size - used, "%s%s", separator, shown);
    }
}

static bool header_has(const struct csv_record *record, const char *name)
{
    size_t length = strlen(name);

    for (size_t i = 0; i < record->field_count; i++) {
        const char *text = record->fields[i].text;

        if (text != NULL && record->fields[i].length == length && memcmp(text, name, length) == 0)
            return true;
    }
    return false;
}

/* How far a header is from a table's datasets: the identifying columns that it has and lacks. */
struct match {
    size_t present;
    size_t missing;
    size_t known; /* columns of the header that have a place in the table */
    char missing_names[256];
};

static struct match match_header(const struct csv_record *record, const struct table *table)
{
    struct match match = {0};
    size_t used = 0;

    for (size_t i = 0; i < table->column_count; i++) {
        const struct column *column = &table->columns[i];

        if (column->header != NULL && header_has(record, column->header))
            match.known++;
        if (!column->identifies || column->header == NULL)
            continue;
        if (header_has(record, column->header)) {
            match.present++;
            continue;
        }
        int written = snprintf(match.missing_names + used, sizeof match.missing_names - used,
                               "%s%s", match.missing == 0 ? "" : ", ", column->header);
        if (written > 0 && (size_t)written < sizeof match.missing_names - used)
            used += (size_t)written;
        match.missing++;
    }
    return match;
}

/* Compared as fractions: two of three columns are nearer than two of four, which are nearer than
 * one of two. */
static bool is_nearer(const struct match *match, const struct match *best)
{
    size_t one = match->present * (best->present + best->missing);
    size_t other = best->present * (match->present + match->missing);

    if (one != other)
        return one > other;
    if (match->present != best->present)
        return match->present > best->present;
    return match->known > best->known;
}

static bool refuse_header(const struct source *source, const struct csv_record *record,
                          struct error *error)
{
    const struct table *nearest = NULL;
    struct match best = {0};
    char columns[512];

    for (int id = 0; id < TABLE_COUNT; id++) {
        const struct table *table = table_get((enum table_id)id);
        struct match match = match_header(record, table);

        if (table->dataset != NULL && match.present > 0 &&
            (nearest == NULL || is_nearer(&match, &best))) {
            nearest = table;
            best = match;
        }
    }
    list_columns(record, columns, sizeof columns);
    (void)error_set(error, ERROR_DATA, "%s:%llu: the header is no dataset's: %s", source->path,
                    (unsigned long long)record->line, columns);
    if (nearest != NULL)
        return error_hint(error, "The nearest dataset is \"%s\", which needs %s too.",
                          nearest->dataset, best.missing_names);
    return error_hint(error, "The first line must name the columns: see \"FILES\" in the manual.");
}

/* The dataset with the most identifying columns wins: its header may have all those of another
 * dataset too. */
static bool recognise(struct source *source, const struct csv_record *record, struct error *error)
{
    size_t most = 0;

    for (int id = 0; id < TABLE_COUNT; id++) {
        const struct table *table = table_get((enum table_id)id);
        struct match match = match_header(record, table);

        if (table->dataset == NULL || match.missing > 0 || match.present <= most)
            continue;
        most = match.present;
        source->table_id = (enum table_id)id;
        source->table = table;
    }
    return source->table != NULL || refuse_header(source, record, error);
}

static void add_binding(struct source *source, size_t column, size_t field)
{
    const struct column *description = &source->table->columns[column];
    struct source_binding *binding = &source->bindings[source->binding_count++];

    *binding = (struct source_binding){.column = column, .field = field};
    binding->is_integer = description->type == COLUMN_INTEGER || description->type == COLUMN_BIGINT;
    table_column_range(description, &binding->minimum, &binding->maximum);
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
        return error_set(error, ERROR_DATA, "%s: the header names column %s twice", source->path,
                         source->header_names[field]);
    source->field_of_column[column] = (int)field;
    add_binding(source, (size_t)column, field);
    source->keep_mask[field / 64] |= UINT64_C(1) << (field % 64);
    return true;
}

/* A column that every row must have a value for has to be in the header. */
static bool require_columns(const struct source *source, struct error *error)
{
    for (size_t i = 0; i < source->table->column_count; i++) {
        const struct column *column = &source->table->columns[i];

        if (column->header != NULL && column->absent == ABSENT_REFUSED &&
            source->field_of_column[i] < 0)
            return error_set(error, ERROR_DATA,
                             "%s: the header has no column %s, which %s.%s needs", source->path,
                             column->header, source->table->schema, source->table->name);
    }
    return true;
}

static bool bind(struct source *source, const struct csv_record *record, struct error *error)
{
    source->field_count = record->field_count;
    for (size_t i = 0; i < source->table->column_count; i++)
        source->field_of_column[i] = -1;
    for (size_t i = 0; i < record->field_count; i++)
        if (!bind_field(source, i, &record->fields[i], error))
            return false;
    return require_columns(source, error);
}

/* Where the first line is not text, the file is called no CSV; its columns are not worth
 * showing. */
static bool refuse_binary(const struct source *source, const struct csv_record *record,
                          struct error *error)
{
    size_t characters;

    for (size_t i = 0; i < record->field_count; i++) {
        const struct csv_field *field = &record->fields[i];

        if (field->text != NULL && utf8_check(field->text, field->length, &characters) != NULL)
            return error_set(error, ERROR_DATA, "%s: not a CSV file: its first line is not text",
                             source->path);
    }
    return true;
}

struct header_reading {
    struct source *source;
    struct error *error;
    bool seen;
};

static bool take_header(void *context, const struct csv_record *record)
{
    struct header_reading *reading = context;

    reading->seen = true;
    if (refuse_binary(reading->source, record, reading->error) &&
        recognise(reading->source, record, reading->error))
        (void)bind(reading->source, record, reading->error);
    return false;
}

static bool take_header_fault(void *context, const struct csv_fault *fault)
{
    struct header_reading *reading = context;

    reading->seen = true;
    (void)error_set(reading->error, ERROR_DATA, "%s:%llu: not a CSV header: %s",
                    reading->source->path, (unsigned long long)fault->line, fault->message);
    return false;
}

static bool read_header(struct source *source, struct error *error)
{
    struct header_reading reading = {.source = source, .error = error};
    struct csv_handler handler = {
        .record = take_header, .fault = take_header_fault, .context = &reading};
    struct csv_reader *reader = NULL;
    bool read;

    if (!csv_reader_new(&reader, error))
        return false;
    read = csv_reader_read(reader, source->input, &handler, error);
    csv_reader_free(reader);
    if (read && !reading.seen)
        return error_set(error, ERROR_DATA, "%s: empty file: not even a header line", source->path);
    return read && error->kind == ERROR_NONE;
}

bool source_open(const char *path, struct source **source, struct error *error)
{
    struct source *opened = calloc(1, sizeof *opened);

    if (opened == NULL)
        return error_memory(error);
    opened->path = path;
    opened->line_base = UINT32_MAX;
    if (!input_open(path, &opened->input, error) || !read_header(opened, error)) {
        source_free(opened);
        return false;
    }
    *source = opened;
    return true;
}

const char *source_field_name(const struct source *source, size_t field,
                              char text[PROBLEM_COLUMN_SIZE])
{
    if (field < source->field_count)
        return source->header_names[field];
    (void)snprintf(text, PROBLEM_COLUMN_SIZE, "field %zu", field + 1);
    return text;
}

const char *source_withholding(const struct source *source)
{
    return source->has_password ? "; not among the rejects, because nobody can tell its password"
                                : "";
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
