#include "row/header.h"

#include "table/header_name.h"

#include <stdio.h>
#include <string.h>

#define FILES_HINT "see \"FILES\" in the manual."

/* Names are shorter, and have fewer digits. */
enum { NAME_LENGTH_MAX = 63, NAME_DIGITS_MAX = 4 };

static bool is_letter(char character)
{
    return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z');
}

static bool is_digit(char character)
{
    return character >= '0' && character <= '9';
}

/* An unnamed column is none: pandas writes such a header. */
static bool looks_like_value(const char *text, size_t length)
{
    size_t digits = 0;

    while (length > 0 && *text == ' ') {
        text++;
        length--;
    }
    if (length == 0)
        return false;
    if (length > NAME_LENGTH_MAX || (!is_letter(*text) && *text != '_' && (*text & 0x80) == 0))
        return true;
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '@' || text[i] == '$' || (unsigned char)text[i] < ' ')
            return true;
        digits += is_digit(text[i]);
    }
    return digits > NAME_DIGITS_MAX;
}

bool header_is_likely(const struct csv_record *record)
{
    for (size_t i = 0; i < record->field_count; i++)
        if (record->fields[i].text != NULL &&
            looks_like_value(record->fields[i].text, record->fields[i].length))
            return false;
    return true;
}

bool header_name_is_plain(const char *name, size_t length)
{
    if (length == 0 || length > NAME_LENGTH_MAX)
        return false;
    for (size_t i = 0; i < length; i++)
        if (!is_letter(name[i]) && !is_digit(name[i]) && name[i] != '_' && name[i] != '-' &&
            name[i] != ' ')
            return false;
    return true;
}

/* The field with a column's name; NULL: there is none. */
static const struct csv_field *find_field(const struct csv_record *record,
                                          const struct column *column)
{
    size_t length = strlen(column->header);

    for (size_t i = 0; i < record->field_count; i++) {
        const struct csv_field *field = &record->fields[i];

        if (field->text != NULL && field->length == length &&
            memcmp(field->text, column->header, length) == 0)
            return field;
    }
    return NULL;
}

/* The field whose name may be meant for a column. */
static const struct csv_field *find_meant(const struct csv_record *record,
                                          const struct table *table, size_t column)
{
    for (size_t i = 0; i < record->field_count; i++) {
        const struct csv_field *field = &record->fields[i];

        if (field->text != NULL && header_name_is_plain(field->text, field->length) &&
            header_name_meant(table, field->text, field->length, HEADER_NAME_MISTYPED) ==
                (int)column)
            return field;
    }
    return NULL;
}

/* How far a header is from a table's datasets: the identifying columns that it has, those of which
 * it has a name that may be meant for them, and those that it lacks. */
struct match {
    size_t present;
    size_t meant;
    size_t missing;
    size_t known; /* columns of the header that have a place in the table */
    char missing_names[512];
};

static void add_missing(struct match *match, const struct column *column,
                        const struct csv_field *meant)
{
    size_t used = strlen(match->missing_names);

    (void)snprintf(match->missing_names + used, sizeof match->missing_names - used, "%s%s%s%.*s%s",
                   used == 0 ? "" : ", ", column->header, meant != NULL ? " (not \"" : "",
                   meant != NULL ? (int)meant->length : 0, meant != NULL ? meant->text : "",
                   meant != NULL ? "\")" : "");
}

static struct match match_header(const struct csv_record *record, const struct table *table)
{
    struct match match = {0};

    for (size_t i = 0; i < table->column_count; i++) {
        const struct column *column = &table->columns[i];
        const struct csv_field *meant;

        if (column->header == NULL)
            continue;
        if (find_field(record, column) != NULL) {
            match.known++;
            match.present += column->identifies;
        } else if (column->identifies) {
            meant = find_meant(record, table, i);
            match.meant += meant != NULL;
            match.missing += meant == NULL;
            add_missing(&match, column, meant);
        }
    }
    return match;
}

/* Compared as fractions: two of three columns are nearer than two of four, which are nearer than
 * one of two. */
static bool is_nearer(const struct match *match, const struct match *best)
{
    size_t near = match->present + match->meant, best_near = best->present + best->meant;
    size_t one = near * (best_near + best->missing);
    size_t other = best_near * (near + match->missing);

    if (one != other)
        return one > other;
    if (near != best_near)
        return near > best_near;
    return match->known > best->known;
}

/* What is known of a name, in any dataset. */
enum name_kind { NAME_KNOWN, NAME_RESPELT, NAME_MISTYPED, NAME_UNKNOWN };

static enum name_kind judge_name(const struct csv_field *field)
{
    enum name_kind kind = NAME_UNKNOWN;

    for (int id = 0; id < TABLE_COUNT; id++) {
        const struct table *table = table_get((enum table_id)id);

        if (field->text == NULL || !header_name_is_plain(field->text, field->length))
            return NAME_UNKNOWN;
        if (table_column_of_header(table, field->text, field->length) >= 0)
            return NAME_KNOWN;
        if (header_name_meant(table, field->text, field->length, HEADER_NAME_RESPELT) >= 0)
            kind = NAME_RESPELT;
        else if (kind == NAME_UNKNOWN &&
                 header_name_meant(table, field->text, field->length, HEADER_NAME_MISTYPED) >= 0)
            kind = NAME_MISTYPED;
    }
    return kind;
}

static bool has_known_name(const struct csv_record *record)
{
    for (size_t i = 0; i < record->field_count; i++)
        if (judge_name(&record->fields[i]) <= NAME_RESPELT)
            return true;
    return false;
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

        if (judge_name(field) == NAME_UNKNOWN) {
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

/* What may separate the fields in the place of a comma; NULL: nothing does. */
static const char *find_separator(const struct csv_record *record)
{
    static const struct {
        char character;
        const char *name;
    } separators[] = {{';', "a semicolon"}, {'\t', "a tab"}, {'|', "a vertical bar"}};
    const char *name = NULL;
    size_t most = record->field_count - 1; /* there are that many commas */

    for (size_t i = 0; i < sizeof separators / sizeof *separators; i++) {
        size_t count = 0;

        for (size_t field = 0; field < record->field_count; field++)
            for (size_t k = 0;
                 record->fields[field].text != NULL && k < record->fields[field].length; k++)
                count += record->fields[field].text[k] == separators[i].character;
        if (count > most) {
            most = count;
            name = separators[i].name;
        }
    }
    return name;
}

/* Shows nothing of the line: it may be a row. */
static void refuse_silently(const char *path, const struct csv_record *record, const char *wrong,
                            struct error *error)
{
    const char *separator = find_separator(record);

    (void)error_set(error, ERROR_DATA, "%s:%llu: %s (%zu field%s): is %s%s?", path,
                    (unsigned long long)record->line, wrong, record->field_count,
                    record->field_count == 1 ? "" : "s",
                    separator != NULL ? "the separator " : "the header line missing",
                    separator != NULL ? separator : "");
    (void)error_hint(error, separator != NULL
                                ? "Fields must be separated by commas: " FILES_HINT
                                : "The first line must name the columns: " FILES_HINT);
}

/* Names the nearest dataset. */
static void hint_at_nearest(const struct csv_record *record, struct error *error)
{
    const struct table *nearest = NULL;
    struct match best = {0};

    for (int id = 0; id < TABLE_COUNT; id++) {
        const struct table *table = table_get((enum table_id)id);
        struct match match = match_header(record, table);

        if (table->dataset != NULL && match.present + match.meant > 0 &&
            (nearest == NULL || is_nearer(&match, &best))) {
            nearest = table;
            best = match;
        }
    }
    if (nearest != NULL)
        (void)error_hint(error, "The nearest dataset is \"%s\", which needs %s too.",
                         nearest->dataset, best.missing_names);
    else
        (void)error_hint(error, "The first line must name the columns: " FILES_HINT);
}

static void refuse(const char *path, const struct csv_record *record, struct error *error)
{
    char names[512];

    if (!has_known_name(record)) {
        refuse_silently(path, record, "no column name in the first line", error);
    } else if (!header_is_likely(record)) {
        refuse_silently(path, record, "the first line does not look like a header", error);
    } else {
        list_names(record, names, sizeof names);
        (void)error_set(error, ERROR_DATA, "%s:%llu: the header is no dataset's: %s", path,
                        (unsigned long long)record->line, names);
        hint_at_nearest(record, error);
    }
}

/* How many identifying columns a table's dataset has, when the header has them all; else 0. */
static size_t count_identifying(const struct csv_record *record, const struct table *table)
{
    size_t count = 0;

    for (size_t i = 0; table->dataset != NULL && i < table->column_count; i++) {
        const struct column *column = &table->columns[i];

        if (!column->identifies || column->header == NULL)
            continue;
        if (find_field(record, column) == NULL)
            return 0;
        count++;
    }
    return count;
}

/* The dataset with the most identifying columns wins: its header may have all those of another
 * dataset too. */
enum table_id header_recognise(const char *path, const struct csv_record *record,
                               struct error *error)
{
    enum table_id recognised = TABLE_NONE;
    size_t most = 0;

    for (int id = 0; id < TABLE_COUNT; id++) {
        size_t count = count_identifying(record, table_get((enum table_id)id));

        if (count <= most)
            continue;
        most = count;
        recognised = (enum table_id)id;
    }
    if (recognised == TABLE_NONE)
        refuse(path, record, error);
    return recognised;
}
