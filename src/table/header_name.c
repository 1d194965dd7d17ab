#include "table/header_name.h"

#include "base/spelling.h"
#include "table/table.h"

#include <stdint.h>
#include <string.h>

/* Whether a list of words, with blanks between, has one that is the name but for its spelling. */
static bool is_listed(const char *words, const struct spelling *name)
{
    while (words != NULL && *words != '\0') {
        size_t length = strcspn(words, " ");
        struct spelling word;

        if (spelling_take(words, length, &word) && spelling_is_same(&word, name))
            return true;
        words += length + (words[length] == ' ');
    }
    return false;
}

static size_t measure(const struct column *column, const struct spelling *name,
                      enum header_name_distance farthest)
{
    struct spelling header;

    if (is_listed(column->synonyms, name))
        return 0;
    if (!spelling_take(column->header, strlen(column->header), &header) ||
        (farthest == HEADER_NAME_RESPELT && !spelling_is_same(name, &header)))
        return SIZE_MAX;
    return spelling_distance(name, &header);
}

int header_name_meant(const struct table *table, const char *name, size_t length,
                      enum header_name_distance farthest)
{
    size_t nearest = SIZE_MAX;
    struct spelling typed;
    int meant = -1;

    if (table_column_of_header(table, name, length) >= 0 || !spelling_take(name, length, &typed))
        return -1;
    for (size_t i = 0; i < table->column_count; i++) {
        size_t distance;

        if (table->columns[i].header == NULL)
            continue;
        distance = measure(&table->columns[i], &typed, farthest);
        if (distance < nearest) {
            nearest = distance;
            meant = (int)i;
        }
    }
    return meant;
}

bool header_name_is_unused(const struct table *table, const char *name, size_t length)
{
    struct spelling typed;

    return spelling_take(name, length, &typed) && is_listed(table->unused_columns, &typed);
}
