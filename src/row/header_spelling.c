#include "row/header_spelling.h"

#include "base/display.h"
#include "base/short_text.h"
#include "row/header.h"
#include "row/reformat_command.h"
#include "table/header_name.h"

#include <string.h>

/* The field for a column: the one with its name, or else that may be meant so. */
static const struct csv_field *find(const struct csv_record *names, const struct table *table,
                                    size_t column)
{
    const struct csv_field *field = header_find_field(names, &table->columns[column]);

    return field != NULL ? field : header_find_meant(names, table, column);
}

/* Not when a name is another dataset's: "aisle" is not meant for aisle_id. */
static bool has_all_columns(const struct csv_record *names, const struct table *table)
{
    for (size_t i = 0; i < table->column_count; i++) {
        const struct csv_field *field;

        if (!table->columns[i].identifies)
            continue;
        field = find(names, table, i);
        if (field == NULL || (header_judge_name(field) == NAME_KNOWN &&
                              header_find_field(names, &table->columns[i]) == NULL))
            return false;
    }
    return true;
}

static bool is_spelt(const struct csv_field *field, const struct column *column)
{
    return field->length == strlen(column->header) &&
           memcmp(field->text, column->header, field->length) == 0;
}

/* What to write for what. */
static void list_changes(const struct csv_record *header, const struct csv_record *names,
                         const struct table *table, struct short_text *text)
{
    char shown[DISPLAY_SIZE];

    for (size_t i = 0; i < table->column_count; i++) {
        const struct column *column = &table->columns[i];
        const struct csv_field *field;

        if (!column->identifies)
            continue;
        field = &header->fields[find(names, table, i) - names->fields];
        if (!is_spelt(field, column))
            short_text_append(text, "%s%s for \"%s\"", text->length > 0 ? ", " : "", column->header,
                              display_text(field->text, field->length, shown));
    }
}

/* The name that a field should have: a column's, or its own; NULL: nobody can tell. */
static const char *right_name(const struct csv_record *names, const struct table *table,
                              size_t field, int *length)
{
    const struct csv_field *name = &names->fields[field];
    int column = header_name_meant(table, name->text, name->length, HEADER_NAME_MISTYPED);

    *length = (int)name->length;
    if (column >= 0 && find(names, table, (size_t)column) == name) {
        *length = (int)strlen(table->columns[column].header);
        return table->columns[column].header;
    }
    return name->length == 0 || header_name_is_plain(name->text, name->length) ? name->text : NULL;
}

/* The header as it should be; false: it cannot be told, or is too long to be shown. */
static bool list_right_names(const struct csv_record *names, const struct table *table,
                             struct short_text *text)
{
    for (size_t i = 0; i < names->field_count; i++) {
        int length;
        const char *name;

        if (names->fields[i].text == NULL) {
            short_text_append(text, "%s", i > 0 ? "," : "");
            continue;
        }
        name = right_name(names, table, i, &length);
        if (name == NULL)
            return false;
        short_text_append(text, "%s%.*s", i > 0 ? "," : "", length, name);
    }
    return !text->is_cut;
}

/* Whether nothing but blanks behind the commas is wrong: then they stand in the rows too. */
static bool has_blanks_alone(const struct csv_record *header, const struct csv_record *names)
{
    for (size_t i = 0; i < header->field_count; i++) {
        const struct csv_field *field = &header->fields[i], *name = &names->fields[i];
        size_t blanks = 0;

        if (field->text == NULL)
            continue;
        while (blanks < field->length && field->text[blanks] == ' ')
            blanks++;
        if (field->text + blanks != name->text || field->length - blanks != name->length)
            return false;
    }
    return header_recognise(names) != TABLE_NONE;
}

static void hint_at_command(const struct csv_record *header, const struct csv_record *names,
                            const struct table *table, struct error *error)
{
    const struct reformat_command command = {.separator = ',', .has_blanks = true};
    char text[REFORMAT_COMMAND_SIZE];
    struct short_text right = {0};

    if (has_blanks_alone(header, names))
        (void)error_hint(error, "Take the blanks away: %s", reformat_command_text(&command, text));
    else if (header->end_line == header->line + 1 && list_right_names(names, table, &right))
        (void)error_hint(error, "Replace the line: sed '%llus/.*/%s/' FILE >NEW",
                         (unsigned long long)header->line, right.bytes);
    else
        (void)error_hint(error, "The names of the columns are compared letter by letter.");
}

bool header_spelling_explain(const char *path, const struct csv_record *header,
                             const struct csv_record *names, struct error *error)
{
    const struct header_match nearest = header_match_nearest(names);
    struct short_text changes = {0};

    if (nearest.table == NULL || nearest.missing > 0 || !has_all_columns(names, nearest.table))
        return false;
    list_changes(header, names, nearest.table, &changes);
    (void)error_set(error, ERROR_DATA, "%s:%llu: the header is nearly that of \"%s\": write %s",
                    path, (unsigned long long)header->line, nearest.table->dataset, changes.bytes);
    hint_at_command(header, names, nearest.table, error);
    return true;
}
