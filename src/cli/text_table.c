#include "cli/text_table.h"

#include "base/display.h"
#include "cli/text_fit.h"
#include "cli/text_fold.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Blanks between two columns. */
enum { GAP = 2 };

/* A path is cut to less only when no column is left that could be left out, and to no less at all.
 */
enum { PATH_COLUMNS = 20, PATH_COLUMNS_MIN = 12 };

/* Texts are NULL where there are none. */
struct row {
    char *cells[TEXT_TABLE_COLUMNS];
    char *alone;
    char *note; /* then it is no row but this */
    int note_indent;
};

/* How the table is laid out. */
struct layout {
    int columns; /* of the output; 0: any */
    int widths[TEXT_TABLE_COLUMNS];
    bool shown[TEXT_TABLE_COLUMNS];
};

static struct row *row_at(const struct text_table *table, size_t number)
{
    return (struct row *)table->rows.items + number;
}

static void free_row(const struct row *row)
{
    for (size_t i = 0; i < TEXT_TABLE_COLUMNS; i++)
        free(row->cells[i]);
    free(row->alone);
    free(row->note);
}

/* As it is shown. False when memory ran out. */
static bool copy(const char *text, char **copied)
{
    *copied = text == NULL || text[0] == '\0' ? NULL : display_copy(text);
    return *copied != NULL || text == NULL || text[0] == '\0';
}

static bool add(struct text_table *table, const struct row *row, bool copied)
{
    struct row *added = copied ? list_add(&table->rows, sizeof *added, 1) : NULL;

    if (added != NULL)
        *added = *row;
    else
        free_row(row);
    return added != NULL;
}

bool text_table_add(struct text_table *table, const char *const cells[], const char *alone)
{
    struct row row = {0};
    bool copied = copy(alone, &row.alone);

    for (size_t i = 0; copied && i < table->column_count; i++)
        copied = copy(cells[i], &row.cells[i]);
    return add(table, &row, copied);
}

bool text_table_add_note(struct text_table *table, int indent, const char *text)
{
    struct row row = {.note_indent = indent};

    return add(table, &row, copy(text, &row.note));
}

static const char *label_of(const struct row *row, const struct layout *layout)
{
    if (!layout->shown[1] && row->alone != NULL)
        return row->alone;
    return row->cells[0] != NULL ? row->cells[0] : "";
}

/* As wide as the widest cell; a column without any is not shown. */
static void measure(const struct text_table *table, struct layout *layout)
{
    for (size_t i = 0; i < table->column_count; i++) {
        int widest = 0;

        for (size_t r = 0; r < table->rows.count; r++) {
            const struct row *row = row_at(table, r);
            const char *cell = i == 0 ? label_of(row, layout) : row->cells[i];
            int width = cell == NULL ? 0 : text_columns(cell);

            widest = width > widest ? width : widest;
        }
        layout->shown[i] = layout->shown[i] && widest > 0;
        if (widest < text_columns(table->columns[i].title))
            widest = text_columns(table->columns[i].title);
        layout->widths[i] = widest;
    }
}

/* What stands at the right of the label. */
static int width_beside(const struct text_table *table, const struct layout *layout)
{
    int width = 0;

    for (size_t i = 1; i < table->column_count; i++)
        if (layout->shown[i])
            width += GAP + layout->widths[i];
    return width;
}

/* False when no column is left that may be left out. */
static bool leave_one_out(const struct text_table *table, struct layout *layout)
{
    size_t least = 0;

    for (size_t i = 1; i < table->column_count; i++)
        if (layout->shown[i] && table->columns[i].rank > 0 &&
            (least == 0 || table->columns[i].rank < table->columns[least].rank))
            least = i;
    if (least == 0)
        return false;
    layout->shown[least] = false;
    measure(table, layout);
    return true;
}

static void lay_out(const struct text_table *table, struct layout *layout)
{
    measure(table, layout);
    if (layout->columns == 0)
        return;
    for (;;) {
        int room = layout->columns - width_beside(table, layout);

        if (layout->widths[0] <= room)
            return;
        if (table->has_paths && room >= PATH_COLUMNS) {
            layout->widths[0] = room;
            return;
        }
        if (!leave_one_out(table, layout)) {
            layout->widths[0] = room > 0 ? room : 0;
            return;
        }
    }
}

/* Prints the cells behind so many blanks. The last one that is not empty ends the line. */
static void print_cells(const struct text_table *table, const struct layout *layout,
                        const struct row *row, int blanks, FILE *stream)
{
    for (size_t i = 1; i < table->column_count; i++) {
        const char *cell = row == NULL ? table->columns[i].title : row->cells[i];
        int width;

        if (!layout->shown[i])
            continue;
        cell = cell == NULL ? "" : cell;
        width = text_columns(cell);
        blanks += GAP + (table->columns[i].is_number ? layout->widths[i] - width : 0);
        if (width > 0) {
            display_print(stream, "%*s%s", blanks, "", cell);
            blanks = 0;
        }
        blanks += table->columns[i].is_number ? 0 : layout->widths[i] - width;
    }
    display_end(stream);
}

/* Prints a label that is too wide: folded, in lines of its own but for the last one. The cells
 * stand beside that where it is short enough. */
static bool fold_label(const struct text_table *table, const struct layout *layout,
                       const char *label, int *column, FILE *stream)
{
    const struct text_fold fold = {
        .columns = layout->widths[0], .most = layout->columns, .indent = table->label_indent};

    if (!text_fold_begin(stream, &fold, label, column))
        return false;
    if (*column > layout->widths[0]) {
        display_end(stream);
        *column = 0;
    }
    return true;
}

/* A path is cut, another label is folded. */
static bool print_row(const struct text_table *table, const struct layout *layout,
                      const struct row *row, FILE *stream)
{
    const char *label = row == NULL ? table->columns[0].title : label_of(row, layout);
    bool cut = table->has_paths && layout->widths[0] >= PATH_COLUMNS_MIN && layout->columns > 0;
    char *fit = text_fit_copy(label, cut ? layout->widths[0] : 0);
    int width = fit == NULL ? 0 : text_columns(fit);
    bool printed = fit != NULL;

    if (printed && width > layout->widths[0])
        printed = fold_label(table, layout, fit, &width, stream);
    else if (printed)
        display_print(stream, "%s", fit);
    free(fit);
    if (printed)
        print_cells(table, layout, row, layout->widths[0] - width, stream);
    return printed;
}

static bool print_note(const struct row *row, int columns, FILE *stream)
{
    char *text = NULL;
    bool printed;

    if (asprintf(&text, "%*s%s", row->note_indent, "", row->note) < 0)
        return false;
    printed = text_fold_print(stream, columns, row->note_indent + GAP, text);
    free(text);
    return printed;
}

bool text_table_print(const struct text_table *table, int columns, FILE *stream)
{
    struct layout layout = {.columns = columns};
    bool printed;

    for (size_t i = 0; i < table->column_count; i++)
        layout.shown[i] = true;
    lay_out(table, &layout);
    printed = print_row(table, &layout, NULL, stream);
    for (size_t r = 0; printed && r < table->rows.count; r++)
        printed = row_at(table, r)->note != NULL
                      ? print_note(row_at(table, r), columns, stream)
                      : print_row(table, &layout, row_at(table, r), stream);
    return printed;
}

void text_table_free(struct text_table *table)
{
    for (size_t r = 0; r < table->rows.count; r++)
        free_row(row_at(table, r));
    list_free(&table->rows);
}
