#include "write/copied_columns.h"

#include <stdlib.h>
#include <string.h>

static void add(struct copied_columns *copied, size_t column)
{
    copied->columns[copied->count++] = column;
}

void copied_columns_all(const struct dataset *dataset, struct copied_columns *copied)
{
    copied->count = 0;
    for (size_t i = 0; i < dataset->table->column_count; i++)
        if (dataset->database.catalog.columns[i].present)
            add(copied, i);
}

static bool is_in_a_file(const struct dataset *dataset, size_t column)
{
    for (size_t i = 0; i < dataset->source_count; i++)
        if (dataset->sources[i]->field_of_column[column] >= 0)
            return true;
    return false;
}

static bool default_is_null(const struct catalog_column *found)
{
    return !found->has_default;
}

static bool default_is_integer(const struct catalog_column *found, int64_t integer)
{
    char *end;

    return found->has_default && found->default_value[0] != '\0' &&
           strtod(found->default_value, &end) == (double)integer && *end == '\0';
}

static bool default_is_text(const struct catalog_column *found, const char *text)
{
    return found->has_default && strcmp(found->default_value, text) == 0;
}

/* The time at which the transaction began, which is the load time. */
static bool default_is_now(const struct catalog_column *found)
{
    return default_is_text(found, "now()") || default_is_text(found, "CURRENT_TIMESTAMP") ||
           default_is_text(found, "transaction_timestamp()");
}

/* A copy of a column that no file has: what that column gets, in send_copy's words. */
static bool default_is_copy(const struct dataset *dataset, size_t column)
{
    const struct catalog_column *found = &dataset->database.catalog.columns[column];
    size_t original = dataset->copy_of[column];

    if (is_in_a_file(dataset, original))
        return false;
    return dataset->table->columns[original].absent == ABSENT_LOAD_TIME ? default_is_now(found)
                                                                        : default_is_null(found);
}

/* Whether the database fills the column of every row as `absent` says. */
static bool is_filled(const struct dataset *dataset, const struct derived *derived, size_t column)
{
    const struct column *description = &dataset->table->columns[column];
    const struct catalog_column *found = &dataset->database.catalog.columns[column];

    switch (description->absent) {
    case ABSENT_NULL:
        return default_is_null(found);
    case ABSENT_INTEGER:
        return default_is_integer(found, description->absent_integer);
    case ABSENT_LOAD_TIME:
        return default_is_now(found);
    case ABSENT_INFERRED:
        return default_is_text(found, "false");
    case ABSENT_COPY:
        return default_is_copy(dataset, column);
    case ABSENT_GIVEN:
        return !is_in_a_file(dataset, dataset->copy_of[column]) && default_is_null(found);
    case ABSENT_ITEM_COUNT:
        return paged_array_is_empty(&derived->item_counts) && default_is_integer(found, 0);
    case ABSENT_ITEM_TOTAL:
        return paged_array_is_empty(&derived->item_totals) && default_is_integer(found, 0);
    case ABSENT_CATALOGUE_PRICE:
        return paged_array_is_empty(&derived->prices) && default_is_integer(found, 0);
    case ABSENT_LAST_STATUS:
        return paged_array_is_empty(&derived->events.events) &&
               default_is_text(found, table_order_status((int)description->absent_integer));
    case ABSENT_LAST_STATUS_TIME:
        return paged_array_is_empty(&derived->events.events) && default_is_copy(dataset, column);
    case ABSENT_REFUSED:
    case ABSENT_RANDOM_UUID:
    case ABSENT_DELIVERY:
    case ABSENT_PREVIOUS_STATUS:
        break;
    }
    return false;
}

void copied_columns_needed(const struct dataset *dataset, const struct derived *derived,
                           struct copied_columns *copied)
{
    /* Placeholders are filled by rules of their own. */
    bool may_leave_out = id_set_is_empty(&dataset->files.inferred);

    copied->count = 0;
    for (size_t i = 0; i < dataset->table->column_count; i++)
        if (dataset->database.catalog.columns[i].present &&
            (!may_leave_out || is_in_a_file(dataset, i) || !is_filled(dataset, derived, i)))
            add(copied, i);
}

void copied_columns_add(struct statement *statement, const struct table *table,
                        const struct copied_columns *copied)
{
    for (size_t i = 0; i < copied->count; i++) {
        statement_add(statement, "%s", i == 0 ? "" : ", ");
        statement_identifier(statement, table->columns[copied->columns[i]].name);
    }
}
