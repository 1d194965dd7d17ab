#include "row/header_line.h"

#include <string.h>

/* What nobody sees: a byte order mark, a zero-width space, a no-break space. */
static const char *const invisible[] = {
    "\xef\xbb\xbf", "\xe2\x80\x8b", "\xc2\xa0", " ", "\t", "\r"};

static const struct {
    const char *open, *close;
} quotes[] = {
    {"\"", "\""},
    {"'", "'"},
    {"`", "`"},
    {"[", "]"},
    {"\xe2\x80\x9c", "\xe2\x80\x9d"},
    {"\xe2\x80\x98", "\xe2\x80\x99"},
};

static bool begins(const struct csv_field *name, const char *text)
{
    return name->length >= strlen(text) && memcmp(name->text, text, strlen(text)) == 0;
}

static bool ends(const struct csv_field *name, const char *text)
{
    size_t length = strlen(text);

    return name->length >= length && memcmp(name->text + name->length - length, text, length) == 0;
}

/* Takes away one thing that stands around a name; false: nothing does. */
static bool strip_one(struct csv_field *name)
{
    for (size_t i = 0; i < sizeof invisible / sizeof *invisible; i++) {
        size_t length = strlen(invisible[i]);

        if (begins(name, invisible[i])) {
            *name =
                (struct csv_field){.text = name->text + length, .length = name->length - length};
            return true;
        }
        if (ends(name, invisible[i])) {
            name->length -= length;
            return true;
        }
    }
    for (size_t i = 0; i < sizeof quotes / sizeof *quotes; i++) {
        size_t open = strlen(quotes[i].open), close = strlen(quotes[i].close);

        if (name->length >= open + close && begins(name, quotes[i].open) &&
            ends(name, quotes[i].close)) {
            *name = (struct csv_field){.text = name->text + open,
                                       .length = name->length - open - close};
            return true;
        }
    }
    return false;
}

static void add_name(struct header_line *line, struct csv_field name)
{
    if (line->record.field_count == CSV_FIELDS_MAX)
        return;
    while (name.text != NULL && strip_one(&name)) {
        /* until nothing is around it */
    }
    line->names[line->record.field_count++] = name;
}

static void start(struct header_line *line, const struct csv_field *first)
{
    line->record = (struct csv_record){.line = 1, .end_line = 2, .fields = line->names};
    line->quote = 0;
    if (first->length > 1 && (begins(first, "'") || begins(first, "`")))
        line->quote = first->text[0];
}

void header_line_split(const char *text, size_t length, char separator, struct header_line *line)
{
    const char *end = text + length, *next;

    start(line, &(struct csv_field){.text = text, .length = length});
    for (; (next = memchr(text, separator, (size_t)(end - text))) != NULL; text = next + 1)
        add_name(line, (struct csv_field){.text = text, .length = (size_t)(next - text)});
    add_name(line, (struct csv_field){.text = text, .length = (size_t)(end - text)});
}

void header_line_take(const struct csv_record *record, struct header_line *line)
{
    start(line, &record->fields[0]);
    line->record.line = record->line;
    line->record.end_line = record->end_line;
    for (size_t i = 0; i < record->field_count; i++)
        add_name(line, record->fields[i]);
}

struct first_lines first_lines_start(const char *bytes, size_t length)
{
    struct first_lines lines = {.bytes = bytes, .length = length, .number = 1};

    if (length >= 3 && memcmp(bytes, invisible[0], 3) == 0) {
        lines.bytes += 3;
        lines.length -= 3;
    }
    return lines;
}

bool first_lines_next(struct first_lines *lines, struct csv_field *line, uint64_t *number)
{
    while (lines->length > 0) {
        size_t length = 0, end;

        while (length < lines->length && lines->bytes[length] != '\n' &&
               lines->bytes[length] != '\r')
            length++;
        end = length < lines->length;
        if (length + 1 < lines->length && lines->bytes[length] == '\r' &&
            lines->bytes[length + 1] == '\n')
            end++;
        *line = (struct csv_field){.text = lines->bytes, .length = length};
        *number = lines->number++;
        lines->bytes += length + end;
        lines->length -= length + end;
        if (length > 0)
            return true;
    }
    return false;
}
