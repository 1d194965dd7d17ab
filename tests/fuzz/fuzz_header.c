/*
 * row/header and row/source: whose header a first line is. A dataset is recognised just when the
 * line has all names that identify it, and no message shows what looks like a value.
 *
 * The input is a file.
 */
#include "input/decompressor.h"
#include "row/header.h"
#include "row/header_fault.h"
#include "row/source.h"
#include "table/header_name.h"

#include "fuzz_target.h"
#include "memory_file.h"
#include "plain_csv.h"
#include "shown_text.h"

enum { LINE_MAX = 4096, VALUE_DIGITS = 5, MEANT_MAX = 2 };

/* A header as csv/reader gives it, each name in memory of its own. */
struct first_line {
    struct csv_field fields[CSV_FIELDS_MAX];
    char *names[CSV_FIELDS_MAX];
    size_t count;
};

static void make_line(const struct plain_csv *csv, struct first_line *line)
{
    const struct plain_record *record = &csv->records[0];
    const struct plain_field *fields = plain_csv_fields(csv, record);

    line->count = record->field_count;
    for (size_t i = 0; i < line->count; i++) {
        const char *text = plain_csv_text(csv, &fields[i]);

        line->names[i] = copy_exactly((const uint8_t *)text, fields[i].length);
        line->fields[i] = (struct csv_field){.text = fields[i].is_null ? NULL : line->names[i],
                                             .length = fields[i].is_null ? 0 : fields[i].length};
        /* malloc(0) may give NULL, which is for fields that are not there. */
        if (!fields[i].is_null && line->fields[i].text == NULL)
            line->fields[i].text = "";
    }
}

static bool is_named(const struct first_line *line, const char *name)
{
    for (size_t i = 0; i < line->count; i++)
        if (line->fields[i].text != NULL && line->fields[i].length == strlen(name) &&
            memcmp(line->fields[i].text, name, strlen(name)) == 0)
            return true;
    return false;
}

/* How many names identify a table's dataset; 0 where one is missing. */
static size_t count_names(const struct first_line *line, const struct table *table)
{
    size_t count = 0;

    for (size_t i = 0; i < table->column_count; i++)
        if (table->columns[i].identifies && table->columns[i].header != NULL) {
            if (!is_named(line, table->columns[i].header))
                return 0;
            count++;
        }
    return table->dataset != NULL ? count : 0;
}

/* A number, a time, an address, a hash: it must not be shown. */
static bool is_value(const struct csv_field *field)
{
    size_t digits = 0;

    for (size_t i = 0; i < field->length; i++) {
        if (field->text[i] == '@' || field->text[i] == '$')
            return field->length >= VALUE_DIGITS;
        digits += field->text[i] >= '0' && field->text[i] <= '9';
    }
    return digits >= VALUE_DIGITS;
}

static void require_discreet(const struct first_line *line, const struct error *error)
{
    for (size_t i = 0; i < line->count; i++) {
        const struct csv_field *field = &line->fields[i];

        if (field->text == NULL || !is_value(field))
            continue;
        REQUIRE(memmem(error->message, strlen(error->message), field->text, field->length) == NULL,
                "field %zu is shown: %s", i, error->message);
        REQUIRE(memmem(error->hint, strlen(error->hint), field->text, field->length) == NULL,
                "field %zu is shown: %s", i, error->hint);
    }
}

static enum table_id check_recognised(const struct plain_csv *csv, const struct first_line *line)
{
    const struct csv_record record = {
        .line = 1, .end_line = 2, .field_count = line->count, .fields = line->fields};
    struct error error = {0};
    const struct refused_header refused = {
        .path = "f", .first_bytes = csv->bytes, .length = csv->length, .record = &record};
    enum table_id id = header_recognise(&record);
    size_t most = 0, count = 0;

    for (int i = 0; i < TABLE_COUNT; i++) {
        size_t names = count_names(line, table_get((enum table_id)i));

        most = names > most ? names : most;
        count = (enum table_id)i == id ? names : count;
    }
    REQUIRE(count == most, "%zu names of %zu", count, most);
    if (id == TABLE_NONE) {
        (void)header_refuse(&refused, &error);
        REQUIRE(error.kind == ERROR_DATA, "%s", error.message);
        REQUIRE(error.message[0] != '\0' && error.hint[0] != '\0', "no message");
    }
    require_discreet(line, &error);
    return id;
}

/* What is meant by a name is a column that has another one. Of the first names, because there are
 * many columns to compare each with. */
static void check_meant(const struct first_line *line)
{
    for (size_t i = 0; i < line->count && i < MEANT_MAX; i++) {
        const struct csv_field *field = &line->fields[i];

        for (int id = 0; field->text != NULL && id < TABLE_COUNT; id++) {
            const struct table *table = table_get((enum table_id)id);
            int respelt = header_name_meant(table, field->text, field->length, HEADER_NAME_RESPELT);
            int meant = header_name_meant(table, field->text, field->length, HEADER_NAME_MISTYPED);

            REQUIRE(meant < (int)table->column_count, "column %d", meant);
            REQUIRE(respelt < 0 || respelt == meant, "columns %d and %d", respelt, meant);
            REQUIRE(meant < 0 || table_column_of_header(table, field->text, field->length) < 0,
                    "it is a column's name");
            (void)header_name_is_unused(table, field->text, field->length);
        }
        (void)header_name_is_plain(field->text != NULL ? field->text : "", field->length);
    }
}

/* A row is no header of something else. */
static void require_no_value(const struct first_line *line, bool is_foreign)
{
    for (size_t i = 0; is_foreign && i < line->count; i++)
        REQUIRE(line->fields[i].text == NULL || !is_value(&line->fields[i]), "field %zu is a value",
                i);
}

static void check_source(const char *path, const struct first_line *line, enum table_id id)
{
    struct source *source = NULL;
    struct input *input = NULL;
    struct error error = {0};
    enum header_purpose purpose = HEADER_MEANT;

    REQUIRE(input_open(path, &input, &error), "%s", error.message);
    if (input_is_archive(input)) {
        input_free(input);
        return;
    }
    if (!source_open(input, path, &purpose, &source, &error)) {
        require_no_value(line, purpose != HEADER_MEANT);
        REQUIRE(error.kind == ERROR_DATA, "%s", error.message);
        require_discreet(line, &error);
        return;
    }
    REQUIRE(source->table_id == id && source->field_count == line->count, "another header");
    for (size_t i = 0; i < source->field_count; i++) {
        require_shown(source->header_names[i], strlen(source->header_names[i]), false);
        REQUIRE(!source_shows_name(source, i) || source->column_of_field[i] >= 0 ||
                    !is_value(&line->fields[i]),
                "field %zu may be shown", i);
    }
    source_free(source);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct plain_csv csv;
    static struct memory_file file;
    struct first_line line = {.count = 0};
    enum table_id id = TABLE_NONE;

    if (size > LINE_MAX || compression_detect(data, size) != COMPRESSION_NONE)
        return 0;
    plain_csv_read(&csv, (const char *)data, size);
    if (csv.record_count > 0 && csv.records[0].wrong == NULL) {
        make_line(&csv, &line);
        id = check_recognised(&csv, &line);
        check_meant(&line);
    }
    check_source(memory_file_write(&file, data, size), &line, id);
    for (size_t i = 0; i < line.count; i++)
        free(line.names[i]);
    return 0;
}
