#include "plain_csv.h"

#include "fuzz_target.h"

static void *grow(void *items, size_t *room, size_t wanted, size_t size)
{
    if (wanted <= *room)
        return items;
    *room = wanted * 2;
    items = realloc(items, *room * size);
    REQUIRE(items != NULL, "out of memory");
    return items;
}

static bool is_at_line_end(const struct plain_csv *csv)
{
    return csv->at < csv->length && (csv->bytes[csv->at] == '\n' || csv->bytes[csv->at] == '\r');
}

/* Takes a line end when there is one; CRLF is one. */
static bool take_line_end(struct plain_csv *csv)
{
    if (!is_at_line_end(csv))
        return false;
    if (csv->bytes[csv->at] == '\r' && csv->at + 1 < csv->length && csv->bytes[csv->at + 1] == '\n')
        csv->at++;
    csv->at++;
    csv->line++;
    return true;
}

static void add_text(struct plain_csv *csv, struct plain_field *field, char byte)
{
    csv->texts = grow(csv->texts, &csv->text_room, csv->text_length + 1, 1);
    csv->texts[csv->text_length++] = byte;
    field->length++;
}

/* The text of a quoted field; what is wrong with it, or NULL. */
static const char *read_quoted(struct plain_csv *csv, struct plain_field *field)
{
    csv->at++;
    for (;;) {
        size_t start = csv->at;

        if (csv->at == csv->length)
            return "quoted field is not closed before the end of the file";
        if (csv->bytes[csv->at] == '"') {
            csv->at++;
            if (csv->at == csv->length || csv->bytes[csv->at] != '"')
                break;
            csv->at++;
            add_text(csv, field, '"');
        } else if (take_line_end(csv)) {
            for (size_t i = start; i < csv->at; i++)
                add_text(csv, field, csv->bytes[i]);
        } else {
            add_text(csv, field, csv->bytes[csv->at++]);
        }
    }
    if (csv->at == csv->length || csv->bytes[csv->at] == ',' || is_at_line_end(csv))
        return NULL;
    return "text after the closing quote of a field";
}

static const char *read_unquoted(struct plain_csv *csv, struct plain_field *field)
{
    while (csv->at < csv->length && csv->bytes[csv->at] != ',' && !is_at_line_end(csv)) {
        if (csv->bytes[csv->at] == '"')
            return "quote inside an unquoted field";
        add_text(csv, field, csv->bytes[csv->at++]);
    }
    field->is_null = field->length == 0;
    return NULL;
}

/* Adds a field to the record; what is wrong with it, or NULL. */
static const char *read_field(struct plain_csv *csv, struct plain_record *record)
{
    struct plain_field field = {.start = csv->at, .text = csv->text_length};
    bool quoted = csv->at < csv->length && csv->bytes[csv->at] == '"';
    const char *wrong = quoted ? read_quoted(csv, &field) : read_unquoted(csv, &field);

    if (wrong != NULL)
        return wrong;
    field.end = csv->at;
    csv->fields = grow(csv->fields, &csv->field_room, csv->field_count + 1, sizeof field);
    csv->fields[csv->field_count++] = field;
    record->field_count++;
    return NULL;
}

static void end_record(struct plain_csv *csv, struct plain_record *record)
{
    /* The end of the file ends a line, too. */
    if (!take_line_end(csv))
        csv->line++;
    record->end = csv->at;
    record->end_line = csv->line;
}

static void read_record(struct plain_csv *csv)
{
    struct plain_record record = {
        .line = csv->line, .start = csv->at, .first_field = csv->field_count};

    record.wrong = read_field(csv, &record);
    while (record.wrong == NULL && csv->at < csv->length && csv->bytes[csv->at] == ',') {
        csv->at++;
        record.wrong = read_field(csv, &record);
    }
    record.wrong_field = record.field_count;
    record.fatal = record.wrong != NULL && csv->at == csv->length &&
                   strstr(record.wrong, "not closed") != NULL;
    while (record.wrong != NULL && csv->at < csv->length && !is_at_line_end(csv))
        csv->at++;
    end_record(csv, &record);
    if (record.wrong == NULL && record.field_count > PLAIN_FIELDS_MAX) {
        record.wrong = "more than 256 fields";
        record.wrong_field = PLAIN_FIELDS_MAX;
    }
    csv->records = grow(csv->records, &csv->record_room, csv->record_count + 1, sizeof record);
    csv->records[csv->record_count++] = record;
}

void plain_csv_read(struct plain_csv *csv, const char *bytes, size_t length)
{
    bool has_mark = length >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0;
    const struct plain_record *last;

    csv->bytes = bytes;
    csv->length = length;
    csv->record_count = csv->field_count = csv->text_length = 0;
    csv->at = has_mark ? 3 : 0;
    csv->line = 1;
    while (csv->at < length)
        if (!take_line_end(csv))
            read_record(csv);
    last = csv->record_count > 0 ? &csv->records[csv->record_count - 1] : NULL;
    csv->unended_line = 0;
    if (last != NULL && last->end == length && !last->fatal && bytes[length - 1] != '\n' &&
        bytes[length - 1] != '\r')
        csv->unended_line = csv->line - 1;
}

const struct plain_field *plain_csv_fields(const struct plain_csv *csv,
                                           const struct plain_record *record)
{
    return record->field_count > 0 ? csv->fields + record->first_field : NULL;
}

const char *plain_csv_text(const struct plain_csv *csv, const struct plain_field *field)
{
    return field->length > 0 ? csv->texts + field->text : "";
}
