#include "plan/ignored_column.h"

#include "base/list.h"
#include "table/header_name.h"

#include <stdio.h>
#include <string.h>

/* A column without a place. */
struct ignored {
    const struct source *first; /* the first file that has it */
    size_t field;               /* in that file */
    int meant;                  /* the column that may be meant; -1: none */
    size_t files;
    const struct source *last; /* the last file that has it */
    size_t unnamed;            /* columns without a name are one: so many has the first file */
};

static const char *name_of(const struct ignored *column)
{
    return column->first->header_names[column->field];
}

static bool has_name(const struct source *source, size_t field)
{
    const char *name = source->header_names[field];

    return name[strspn(name, " ")] != '\0';
}

static bool is_same(const struct ignored *column, const struct source *source, size_t field,
                    int meant)
{
    if (column->unnamed > 0)
        return !has_name(source, field);
    return column->meant == meant && strcmp(name_of(column), source->header_names[field]) == 0;
}

static struct ignored *find(const struct list *columns, const struct source *source, size_t field,
                            int meant)
{
    struct ignored *column = columns->items;

    for (size_t i = 0; i < columns->count; i++)
        if (is_same(&column[i], source, field, meant))
            return &column[i];
    return NULL;
}

static bool add(struct list *columns, const struct source *source, size_t field,
                struct error *error)
{
    int meant = source_column_meant(source, field);
    struct ignored *column = find(columns, source, field, meant);

    if (column == NULL) {
        column = list_add(columns, sizeof *column, 1);
        if (column == NULL)
            return error_memory(error);
        *column = (struct ignored){.first = source, .field = field, .meant = meant};
    }
    column->files += column->last != source;
    column->last = source;
    if (source == column->first && !has_name(source, field))
        column->unnamed++;
    return true;
}

/* The index that pandas writes, or a header that ends with a comma. */
static void log_unnamed(const struct ignored *column, const char *others, struct log *log)
{
    if (column->unnamed == 1)
        log_note(log, "%s%s: column %zu has no name and is ignored", column->first->path, others,
                 column->field + 1);
    else
        log_note(log, "%s%s: %zu columns have no name and are ignored, the first is column %zu",
                 column->first->path, others, column->unnamed, column->field + 1);
}

static void log_column(const struct ignored *column, struct log *log)
{
    const struct source *source = column->first;
    const struct table *table = source->table;
    const char *name = name_of(column);
    char shown[PROBLEM_COLUMN_SIZE], others[40] = "";

    if (source_shows_name(source, column->field))
        (void)snprintf(shown, sizeof shown, "column %s", name);
    else
        (void)snprintf(shown, sizeof shown, "field %zu of the header", column->field + 1);
    if (column->files > 1)
        (void)snprintf(others, sizeof others, " (and %zu more)", column->files - 1);
    if (column->unnamed > 0)
        log_unnamed(column, others, log);
    else if (column->meant >= 0)
        log_warning(log, "%s%s: %s is ignored; did you mean %s?", source->path, others, shown,
                    table->columns[column->meant].header);
    else if (header_name_is_unused(table, name, strlen(name)))
        log_verbose(log, "%s%s: %s has no place in %s.%s and is ignored", source->path, others,
                    shown, table->schema, table->name);
    else
        log_note(log, "%s%s: %s has no place in %s.%s and is ignored", source->path, others, shown,
                 table->schema, table->name);
}

bool ignored_columns_log(const struct dataset *dataset, struct log *log, struct error *error)
{
    struct list columns = {0};
    bool found = true;

    for (size_t i = 0; found && i < dataset->source_count; i++) {
        const struct source *source = dataset->sources[i];

        for (size_t field = 0; found && field < source->field_count; field++)
            found = source->column_of_field[field] >= 0 || add(&columns, source, field, error);
    }
    for (size_t i = 0; found && i < columns.count; i++)
        log_column((const struct ignored *)columns.items + i, log);
    list_free(&columns);
    return found;
}
