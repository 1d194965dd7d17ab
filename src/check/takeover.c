#include "check/takeover.h"

#include "value/uuid.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Whether the row of the database gives up its value: the run deletes it, or updates it from a file
 * that has the column. The file's row then has another value; with this one it would be a duplicate
 * in the files. */
static bool is_given_up(const struct dataset *dataset, const struct value_takeover *takeover)
{
    uint32_t line = line_index_get(&dataset->files.lines, takeover->owner);
    uint64_t line_in_file;

    if (line == 0)
        return dataset_deletes(dataset, takeover->owner);
    return !id_set_contains(&dataset->files.left_out, line) &&
           dataset_source_of_line(dataset, line, &line_in_file)
                   ->field_of_column[takeover->column] >= 0;
}

static const char *wanted_bytes(const struct dataset *dataset,
                                const struct value_takeover *takeover)
{
    return text_index_bytes(&dataset->files.unique[takeover->column], takeover->offset);
}

/* Texts are kept as they are, UUIDs as their bytes. */
static struct problem_value wanted_value(const struct dataset *dataset,
                                         const struct value_takeover *takeover,
                                         char uuid[UUID_TEXT_SIZE])
{
    const char *bytes = wanted_bytes(dataset, takeover);

    if (dataset->table->columns[takeover->column].type != COLUMN_UUID_V4)
        return (struct problem_value){.text = bytes, .length = takeover->length};
    uuid_format((const uint8_t *)bytes, uuid);
    return (struct problem_value){.text = uuid, .length = strlen(uuid)};
}

static bool refuse(struct dataset *dataset, const struct value_takeover *takeover,
                   const struct text_entry *wanted)
{
    uint64_t line_in_file;
    struct source *source = dataset_source_of_line(dataset, wanted->line, &line_in_file);
    char uuid[UUID_TEXT_SIZE], key[PROBLEM_KEY_SIZE];
    const struct problem_place place = {
        .code = PROBLEM_EXISTS,
        .line = line_in_file,
        .column = dataset->table->columns[takeover->column].header,
        .key = key,
        .value = wanted_value(dataset, takeover, uuid),
    };

    (void)snprintf(key, sizeof key, "%" PRId64, wanted->id);
    problem_add(&source->problems, &place, "is in the database already, with %s %" PRId64,
                dataset->table->row_name, takeover->owner);
    return dataset_reject_line(dataset, wanted->line) &&
           (!dataset->files.sets_aside ||
            (line_index_set(&dataset->files.lines, wanted->id, 0) &&
             line_index_set(&dataset->files.rejected_rows, wanted->id, wanted->line)));
}

/* The entry of the value, if a row of the files still takes it over; else NULL. Under
 * DUPLICATES_LAST a later row may have got the value since the takeover was noted, even the
 * owner's. */
static const struct text_entry *find_wanted(const struct dataset *dataset,
                                            const struct value_takeover *takeover)
{
    const struct text_value value = {.bytes = wanted_bytes(dataset, takeover),
                                     .length = takeover->length};
    const struct text_entry *entry =
        text_index_find(&dataset->files.unique[takeover->column], value);

    return entry->id == takeover->owner || id_set_contains(&dataset->files.left_out, entry->line)
               ? NULL
               : entry;
}

/* Repeats until no row is refused: a refused row does not update its row in the database, which
 * keeps its value then, and another row may have wanted that one. */
bool takeover_settle(struct dataset *dataset)
{
    struct list *list = &dataset->files.takeovers;
    struct value_takeover *takeovers = list->items;
    bool refused = true;

    while (refused) {
        size_t kept = 0;

        refused = false;
        for (size_t i = 0; i < list->count; i++) {
            const struct value_takeover takeover = takeovers[i];
            const struct text_entry *wanted = find_wanted(dataset, &takeover);

            if (wanted == NULL)
                continue;
            if (is_given_up(dataset, &takeover)) {
                takeovers[kept++] = takeover;
                continue;
            }
            refused = true;
            if (!refuse(dataset, &takeover, wanted))
                return false;
        }
        list->count = kept;
    }
    return true;
}
