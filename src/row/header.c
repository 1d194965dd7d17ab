#include "row/header.h"

#include "table/header_name.h"
#include "table/unloaded_file.h"

#include <string.h>

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

const struct csv_field *header_find_field(const struct csv_record *record,
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

const struct csv_field *header_find_meant(const struct csv_record *record,
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

static struct header_match match_table(const struct csv_record *record, const struct table *table)
{
    struct header_match match = {.table = table};

    for (size_t i = 0; i < table->column_count; i++) {
        const struct column *column = &table->columns[i];
        bool meant;

        if (column->header == NULL)
            continue;
        if (header_find_field(record, column) != NULL) {
            match.known++;
            match.present += column->identifies;
        } else if (column->identifies) {
            meant = header_find_meant(record, table, i) != NULL;
            match.meant += meant;
            match.missing += !meant;
        }
    }
    return match;
}

/* Compared as fractions: two of three columns are nearer than two of four, which are nearer than
 * one of two. */
static bool is_nearer(const struct header_match *match, const struct header_match *best)
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

struct header_match header_match_nearest(const struct csv_record *record)
{
    struct header_match best = {0};

    for (int id = 0; id < TABLE_COUNT; id++) {
        const struct table *table = table_get((enum table_id)id);
        struct header_match match = match_table(record, table);

        if (table->dataset != NULL && match.present + match.meant > 0 &&
            (best.table == NULL || is_nearer(&match, &best)))
            best = match;
    }
    return best;
}

enum header_name_kind header_judge_name(const struct csv_field *name)
{
    enum header_name_kind kind = NAME_UNKNOWN;

    for (int id = 0; id < TABLE_COUNT; id++) {
        const struct table *table = table_get((enum table_id)id);

        if (name->text == NULL || !header_name_is_plain(name->text, name->length))
            return NAME_UNKNOWN;
        if (table_column_of_header(table, name->text, name->length) >= 0)
            return NAME_KNOWN;
        if (header_name_meant(table, name->text, name->length, HEADER_NAME_RESPELT) >= 0)
            kind = NAME_RESPELT;
        else if (kind == NAME_UNKNOWN &&
                 header_name_meant(table, name->text, name->length, HEADER_NAME_MISTYPED) >= 0)
            kind = NAME_MISTYPED;
    }
    return kind;
}

size_t header_count_known(const struct csv_record *record)
{
    size_t count = 0;

    for (size_t i = 0; i < record->field_count; i++)
        count += header_judge_name(&record->fields[i]) <= NAME_RESPELT;
    return count;
}

static bool has_name_like(const struct csv_record *record,
                          bool (*is_like)(const struct csv_field *))
{
    for (size_t i = 0; i < record->field_count; i++)
        if (is_like(&record->fields[i]))
            return true;
    return false;
}

static bool is_named(const struct csv_field *name)
{
    return name->length > 0;
}

static bool is_known(const struct csv_field *name)
{
    return header_judge_name(name) == NAME_KNOWN;
}

static bool is_header_of(const struct csv_record *record, const struct unloaded_file *file)
{
    if (record->field_count != UNLOADED_FILE_COLUMNS)
        return false;
    for (size_t i = 0; i < UNLOADED_FILE_COLUMNS; i++)
        if (record->fields[i].length != strlen(file->header[i]) ||
            memcmp(record->fields[i].text, file->header[i], record->fields[i].length) != 0)
            return false;
    return true;
}

static bool is_unloaded(const struct csv_record *record)
{
    size_t count;
    const struct unloaded_file *files = unloaded_file_list(&count);

    for (size_t i = 0; i < count; i++)
        if (is_header_of(record, &files[i]))
            return true;
    return false;
}

static bool is_foreign(const struct csv_record *record)
{
    struct header_match nearest = header_match_nearest(record);

    if (!has_name_like(record, is_named) || !header_is_likely(record))
        return false;
    if (has_name_like(record, is_known))
        return nearest.table == NULL || nearest.present + nearest.meant < nearest.missing;
    return nearest.meant <= nearest.missing;
}

enum header_purpose header_purpose(const struct csv_record *record)
{
    if (is_unloaded(record))
        return HEADER_UNLOADED;
    return is_foreign(record) ? HEADER_FOREIGN : HEADER_MEANT;
}

/* How many identifying columns a table's dataset has, when the header has them all; else 0. */
static size_t count_identifying(const struct csv_record *record, const struct table *table)
{
    size_t count = 0;

    for (size_t i = 0; table->dataset != NULL && i < table->column_count; i++) {
        const struct column *column = &table->columns[i];

        if (!column->identifies || column->header == NULL)
            continue;
        if (header_find_field(record, column) == NULL)
            return 0;
        count++;
    }
    return count;
}

/* The dataset with the most identifying columns wins: its header may have all those of another
 * dataset too. */
enum table_id header_recognise(const struct csv_record *record)
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
    return recognised;
}
