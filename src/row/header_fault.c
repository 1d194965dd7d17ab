#include "row/header_fault.h"

#include "base/short_text.h"
#include "row/header.h"
#include "row/header_line.h"
#include "row/header_spelling.h"
#include "row/reformat_command.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define BYTE_ORDER_MARK "\xef\xbb\xbf"

#define FILES_HINT      "see \"FILES\" in the manual."
#define FIRST_LINE_HINT "The first line must name the columns: " FILES_HINT

/* A header further down is none. */
enum { LINES_ABOVE_MAX = 20 };

static const struct separator {
    char character;
    const char *one, *many;
} separators[] = {{';', "a semicolon", "semicolons"},
                  {'\t', "a tab", "tabs"},
                  {'|', "a vertical bar", "vertical bars"},
                  {' ', "a blank", "blanks"}};
enum { SEPARATOR_COUNT = sizeof separators / sizeof *separators };

static unsigned long long line_of(const struct refused_header *header)
{
    return header->record != NULL ? header->record->line : header->fault->line;
}

static struct first_lines lines_of(const struct refused_header *header)
{
    return first_lines_start(header->first_bytes, header->length);
}

static bool is_marked(const struct refused_header *header)
{
    return lines_of(header).bytes != header->first_bytes;
}

/* The first line that is not empty; of no length when there is none. */
static struct csv_field first_line_of(const struct refused_header *header)
{
    struct first_lines lines = lines_of(header);
    struct csv_field line = {.text = "", .length = 0};
    uint64_t number;

    (void)first_lines_next(&lines, &line, &number);
    return line;
}

/* Names the dataset whose header a line is, in a sentence; else "". */
static const char *name_dataset(const struct csv_record *record, char text[80])
{
    enum table_id id = header_recognise(record);

    text[0] = '\0';
    if (id != TABLE_NONE)
        (void)snprintf(text, 80, "It is the header of \"%s\". ", table_get(id)->dataset);
    return text;
}

/* Excel reads the separator from such a line, and writes none. */
static bool explain_separator_line(const struct refused_header *header, struct error *error)
{
    struct csv_field line = first_line_of(header);
    const struct separator *separator = NULL;
    struct reformat_command command = {.lines_left_out = line_of(header)};
    char text[REFORMAT_COMMAND_SIZE];

    if (line.length != strlen("sep=;") || strncasecmp(line.text, "sep=", 4) != 0)
        return false;
    for (size_t i = 0; i < SEPARATOR_COUNT; i++)
        if (separators[i].character == line.text[4])
            separator = &separators[i];
    (void)error_set(error, ERROR_DATA, "%s:%llu: the first line is Excel's \"sep=\", and no header",
                    header->path, line_of(header));
    if (separator == NULL)
        (void)error_hint(error, "Delete it: sed %llud FILE >NEW", line_of(header));
    else {
        command.separator = separator->character;
        (void)error_hint(error, "Delete it, and make commas of the %s: %s", separator->many,
                         reformat_command_text(&command, text));
    }
    return true;
}

/* Files that were put one behind the other may have such marks. */
static bool explain_mark(const struct refused_header *header, struct error *error)
{
    struct csv_field line = first_line_of(header);
    struct header_line split;
    char dataset[80];

    header_line_split(line.text, line.length, ',', &split);
    if (memmem(line.text, line.length, BYTE_ORDER_MARK, strlen(BYTE_ORDER_MARK)) == NULL ||
        header_count_known(&split.record) == 0 || !header_is_likely(&split.record))
        return false;
    (void)error_set(error, ERROR_DATA, "%s:%llu: a byte order mark stands inside the header",
                    header->path, line_of(header));
    (void)error_hint(error, "%sTake it away: sed '%llus/\\xEF\\xBB\\xBF//g' FILE >NEW",
                     name_dataset(&split.record, dataset), line_of(header));
    return true;
}

static bool is_header(const struct csv_record *names)
{
    return header_recognise(names) != TABLE_NONE && header_is_likely(names);
}

/* Whether a line is some dataset's header, by whatever it is separated. */
static bool split_header(const struct csv_field *line, struct header_line *split)
{
    header_line_split(line->text, line->length, ',', split);
    if (is_header(&split->record))
        return true;
    for (size_t i = 0; i < SEPARATOR_COUNT; i++) {
        header_line_split(line->text, line->length, separators[i].character, split);
        if (is_header(&split->record))
            return true;
    }
    return false;
}

/* A title has one field, and an empty row no value; what has more may be a row. */
static bool may_be_row(const struct csv_record *record)
{
    for (size_t i = 0; record->field_count > 1 && i < record->field_count; i++)
        if (record->fields[i].length > 0)
            return true;
    return false;
}

static bool explain_lines_above(const struct refused_header *header, struct error *error)
{
    struct first_lines lines = lines_of(header);
    struct header_line split;
    struct csv_field line;
    char dataset[80];
    uint64_t number;
    bool found = false;

    if (!first_lines_next(&lines, &line, &number))
        return false;
    while (!found && first_lines_next(&lines, &line, &number) && number <= LINES_ABOVE_MAX)
        found = split_header(&line, &split);
    if (!found)
        return false;
    (void)error_set(error, ERROR_DATA, "%s:%llu: the header stands below other lines", header->path,
                    (unsigned long long)number);
    (void)name_dataset(&split.record, dataset);
    if (header->record != NULL && may_be_row(header->record))
        (void)error_hint(error, "%sMake it the first line.", dataset);
    else
        (void)error_hint(error, "%sDelete what stands above it: sed %s%llud FILE >NEW", dataset,
                         number > 2 ? "1," : "", (unsigned long long)number - 1);
    return true;
}

/* The separator by which the line has more columns' names than by commas; NULL: there is none. Of
 * blanks one alone says nothing, nor do those of names like "aisle id" between commas. */
static const struct separator *find_named_separator(const struct csv_field *line,
                                                    struct header_line *split)
{
    const struct separator *found = NULL;
    struct header_line one;
    size_t most;

    header_line_split(line->text, line->length, ',', &one);
    most = header_count_known(&one.record);
    for (size_t i = 0; i < SEPARATOR_COUNT; i++) {
        size_t known;

        header_line_split(line->text, line->length, separators[i].character, &one);
        known = header_count_known(&one.record);
        if (known <= most || !header_is_likely(&one.record) ||
            (separators[i].character == ' ' &&
             (known < 2 || memchr(line->text, ',', line->length) != NULL)))
            continue;
        most = known;
        found = &separators[i];
        *split = one;
        split->record.fields = split->names;
    }
    return found;
}

static bool explain_separator(const struct refused_header *header, struct error *error)
{
    struct csv_field line = first_line_of(header);
    struct reformat_command command = {.is_marked = is_marked(header)};
    struct header_line split;
    const struct separator *separator = find_named_separator(&line, &split);
    char dataset[80], text[REFORMAT_COMMAND_SIZE];

    if (separator == NULL)
        return false;
    command.separator = separator->character;
    command.quote = split.quote;
    (void)error_set(error, ERROR_DATA, "%s:%llu: the fields are separated by %s, and not by commas",
                    header->path, line_of(header), separator->many);
    (void)error_hint(error, "%sMake commas of them: %s", name_dataset(&split.record, dataset),
                     reformat_command_text(&command, text));
    return true;
}

static bool explain_quotes(const struct refused_header *header, struct error *error)
{
    struct csv_field line = first_line_of(header);
    struct reformat_command command = {.separator = ',', .is_marked = is_marked(header)};
    struct header_line split;
    char dataset[80], text[REFORMAT_COMMAND_SIZE];

    header_line_split(line.text, line.length, ',', &split);
    if (split.quote == 0 || header_count_known(&split.record) == 0 ||
        !header_is_likely(&split.record))
        return false;
    command.quote = split.quote;
    (void)error_set(
        error, ERROR_DATA, "%s:%llu: the names stand between %s, and not between double quotes",
        header->path, line_of(header), split.quote == '`' ? "backticks" : "single quotes");
    (void)error_hint(error, "%sWrite other quotes: %s", name_dataset(&split.record, dataset),
                     reformat_command_text(&command, text));
    return true;
}

/* The whole line is between quotes. */
static bool explain_quoted_line(const struct refused_header *header, struct error *error)
{
    struct header_line split;
    char dataset[80];

    if (header->record == NULL || header->record->field_count != 1 ||
        header->record->fields[0].text == NULL)
        return false;
    header_line_split(header->record->fields[0].text, header->record->fields[0].length, ',',
                      &split);
    if (header_count_known(&split.record) < 2 || !header_is_likely(&split.record))
        return false;
    (void)error_set(error, ERROR_DATA, "%s:%llu: the whole line stands between quotes",
                    header->path, line_of(header));
    (void)error_hint(error,
                     "%sTake them away: python3 -c \"import csv; "
                     "open(1,'w',encoding='%s').writelines(row[0]+'\\n' for row in "
                     "csv.reader(open(0,newline='',encoding='%s')) if row)\" <FILE >NEW",
                     name_dataset(&split.record, dataset),
                     REFORMAT_WRITE_ENCODING(is_marked(header)),
                     REFORMAT_READ_ENCODING(is_marked(header)));
    return true;
}

/* The names that are some dataset's, or may be meant for such a one, as a text for a message. The
 * others are only counted. */
static void list_names(const struct csv_record *record, char *text, size_t size)
{
    size_t used = 0, unknown = 0;

    text[0] = '\0';
    for (size_t i = 0; i < record->field_count; i++) {
        const struct csv_field *field = &record->fields[i];
        const char *separator = used == 0 ? "" : ", ";

        if (header_judge_name(field) == NAME_UNKNOWN) {
            unknown++;
            continue;
        }
        if (used + strlen(separator) + field->length + sizeof ", ... and 256 unknown columns" >
            size) {
            (void)snprintf(text + used, size - used, "%s...", separator);
            return;
        }
        used += (size_t)snprintf(text + used, size - used, "%s%.*s", separator, (int)field->length,
                                 field->text);
    }
    if (unknown > 0)
        (void)snprintf(text + used, size - used, " and %zu unknown column%s", unknown,
                       unknown == 1 ? "" : "s");
}

/* What may separate the fields of a line without a column's name; NULL: commas do. */
static const struct separator *guess_separator(const struct csv_record *record)
{
    const struct separator *guessed = NULL;
    size_t most = record->field_count - 1; /* there are that many commas */

    for (size_t i = 0; i < SEPARATOR_COUNT && separators[i].character != ' '; i++) {
        size_t count = 0;

        for (size_t field = 0; field < record->field_count; field++)
            for (size_t k = 0;
                 record->fields[field].text != NULL && k < record->fields[field].length; k++)
                count += record->fields[field].text[k] == separators[i].character;
        if (count > most) {
            most = count;
            guessed = &separators[i];
        }
    }
    return guessed;
}

static bool hint_at_commas(const struct refused_header *header, const struct separator *separator,
                           struct error *error)
{
    const struct reformat_command command = {.separator = separator->character,
                                             .is_marked = is_marked(header)};
    char text[REFORMAT_COMMAND_SIZE];

    return error_hint(error, "Make commas of them: %s", reformat_command_text(&command, text));
}

/* Shows nothing of the line: it may be a row. */
static bool refuse_silently(const struct refused_header *header, const char *wrong,
                            struct error *error)
{
    const struct csv_record *record = header->record;
    const struct separator *separator = guess_separator(record);

    (void)error_set(error, ERROR_DATA, "%s:%llu: %s (%zu field%s): is %s%s?", header->path,
                    (unsigned long long)record->line, wrong, record->field_count,
                    record->field_count == 1 ? "" : "s",
                    separator != NULL ? "the separator " : "the header line missing",
                    separator != NULL ? separator->one : "");
    if (separator != NULL)
        return hint_at_commas(header, separator, error);
    return error_hint(error, FIRST_LINE_HINT
                      " To put such a line before the rows: sed '1i NAMES' FILE >NEW");
}

/* What the nearest dataset lacks, and what may be meant for it. */
static bool hint_at_nearest(const struct csv_record *record, struct error *error)
{
    const struct header_match nearest = header_match_nearest(record);
    struct short_text missing = {0};

    if (nearest.table == NULL)
        return error_hint(error, FIRST_LINE_HINT);
    for (size_t i = 0; i < nearest.table->column_count; i++) {
        const struct column *column = &nearest.table->columns[i];
        const struct csv_field *meant;

        if (!column->identifies || header_find_field(record, column) != NULL)
            continue;
        meant = header_find_meant(record, nearest.table, i);
        short_text_append(&missing, "%s%s", missing.length > 0 ? ", " : "", column->header);
        if (meant != NULL)
            short_text_append(&missing, " (not \"%.*s\")", (int)meant->length, meant->text);
    }
    return error_hint(error, "The nearest dataset is \"%s\", which needs %s too.",
                      nearest.table->dataset, missing.bytes);
}

static bool refuse_unknown(const struct refused_header *header, struct error *error)
{
    struct header_line line;
    char names[512];

    header_line_take(header->record, &line);
    if (header_count_known(&line.record) == 0)
        return refuse_silently(header, "no column name in the first line", error);
    if (!header_is_likely(&line.record))
        return refuse_silently(header, "the first line does not look like a header", error);
    if (header_spelling_explain(header->path, header->record, &line.record, error))
        return false;
    list_names(&line.record, names, sizeof names);
    (void)error_set(error, ERROR_DATA, "%s:%llu: the header is no dataset's: %s", header->path,
                    line_of(header), names);
    return hint_at_nearest(&line.record, error);
}

static bool refuse_broken(const struct refused_header *header, struct error *error)
{
    struct csv_field line = first_line_of(header);
    struct header_line split;
    const struct separator *separator;

    header_line_split(line.text, line.length, ',', &split);
    separator = guess_separator(&split.record);
    (void)error_set(error, ERROR_DATA, "%s:%llu: not a CSV header: %s%s%s%s", header->path,
                    line_of(header), header->fault->message,
                    separator != NULL ? ": is the separator " : "",
                    separator != NULL ? separator->one : "", separator != NULL ? "?" : "");
    if (separator != NULL)
        return hint_at_commas(header, separator, error);
    return error_hint(error,
                      "The first line must name the columns, separated by commas: " FILES_HINT);
}

/* Whether the first line ends with a carriage return alone, as old programs for the Mac write it.
 */
static bool has_mac_lines(const struct refused_header *header)
{
    const char *end = memchr(header->first_bytes, '\r', header->length);

    return end != NULL &&
           memchr(header->first_bytes, '\n', (size_t)(end - header->first_bytes) + 1) == NULL &&
           end + 1 < header->first_bytes + header->length && end[1] != '\n';
}

static bool explain(const struct refused_header *header, struct error *error)
{
    if (explain_separator_line(header, error) || explain_lines_above(header, error) ||
        explain_separator(header, error) || explain_mark(header, error) ||
        explain_quotes(header, error) || explain_quoted_line(header, error))
        return true;
    if (header->record != NULL)
        (void)refuse_unknown(header, error);
    else
        (void)refuse_broken(header, error);
    return false;
}

bool header_refuse(const struct refused_header *header, struct error *error)
{
    bool explained = explain(header, error);

    /* To sed, such a file is one line: it would delete or replace all of it. */
    if (has_mac_lines(header) && strstr(error->hint, "sed ") != NULL)
        (void)error_hint(error,
                         "Its lines end with carriage returns alone. Write line feeds first: "
                         "tr '\\r' '\\n' <FILE >NEW");
    return explained;
}
