#include "plan/contest.h"

#include "plan/dataset.h"
#include "value/uuid.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool contest_add(struct contest_list *list, const struct contest *contest)
{
    if (list->count == list->capacity) {
        size_t capacity = list->capacity == 0 ? 64 : list->capacity * 2;
        struct contest *contests = realloc(list->contests, capacity * sizeof *contests);

        if (contests == NULL)
            return false;
        list->contests = contests;
        list->capacity = capacity;
    }
    list->contests[list->count++] = *contest;
    return true;
}

/* A row of the run that stands for the owner brings another value: had it the same one, it would
 * be a duplicate in the files. */
static bool is_given_up(const struct dataset *dataset, const struct contest *contest)
{
    uint32_t line = line_index_get(&dataset->lines, contest->owner);
    uint64_t line_in_file;

    if (line == 0)
        return dataset_deletes(dataset, contest->owner);
    return !id_set_contains(&dataset->left_out, line) &&
           dataset_source_of_line(dataset, line, &line_in_file)->field_of_column[contest->column] >=
               0;
}

static const char *wanted_bytes(const struct dataset *dataset, const struct contest *contest)
{
    return dataset->unique[contest->column].bytes + contest->offset;
}

/* Texts are kept as they are, UUIDs as their bytes. */
static struct problem_value wanted_value(const struct dataset *dataset,
                                         const struct contest *contest, char uuid[UUID_TEXT_SIZE])
{
    const char *bytes = wanted_bytes(dataset, contest);

    if (dataset->table->columns[contest->column].type != COLUMN_UUID_V4)
        return (struct problem_value){.text = bytes, .length = contest->length};
    uuid_format((const uint8_t *)bytes, uuid);
    return (struct problem_value){.text = uuid, .length = strlen(uuid)};
}

static bool refuse(struct dataset *dataset, const struct contest *contest,
                   const struct text_entry *wanted)
{
    uint64_t line_in_file;
    struct source *source = dataset_source_of_line(dataset, wanted->line, &line_in_file);
    char uuid[UUID_TEXT_SIZE], key[PROBLEM_KEY_SIZE];

    (void)snprintf(key, sizeof key, "%" PRId64, wanted->id);
    problem_add(
        &source->problems, PROBLEM_EXISTS, line_in_file,
        dataset->table->columns[contest->column].header, key, wanted_value(dataset, contest, uuid),
        "is in the database already, with %s %" PRId64, dataset->table->row_name, contest->owner);
    return dataset_reject_line(dataset, wanted->line) &&
           (!dataset->sets_aside ||
            (line_index_set(&dataset->lines, wanted->id, 0) &&
             line_index_set(&dataset->rejected_rows, wanted->id, wanted->line)));
}

/* Under DUPLICATES_LAST the value may have passed on since the contest began, even back to its
 * owner. */
static const struct text_entry *find_wanted(const struct dataset *dataset,
                                            const struct contest *contest)
{
    const struct text_entry *entry = text_index_find(
        &dataset->unique[contest->column], wanted_bytes(dataset, contest), contest->length);

    return entry->id == contest->owner || id_set_contains(&dataset->left_out, entry->line) ? NULL
                                                                                           : entry;
}

/* A row that is refused keeps its own value in the database, which another may have wanted. */
bool contest_settle(struct dataset *dataset)
{
    struct contest_list *list = &dataset->contests;
    bool refused = true;

    while (refused) {
        size_t kept = 0;

        refused = false;
        for (size_t i = 0; i < list->count; i++) {
            const struct contest contest = list->contests[i];
            const struct text_entry *wanted = find_wanted(dataset, &contest);

            if (wanted == NULL)
                continue;
            if (is_given_up(dataset, &contest)) {
                list->contests[kept++] = contest;
                continue;
            }
            refused = true;
            if (!refuse(dataset, &contest, wanted))
                return false;
        }
        list->count = kept;
    }
    return true;
}

void contest_list_free(struct contest_list *list)
{
    free(list->contests);
    *list = (struct contest_list){0};
}
