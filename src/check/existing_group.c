#include "check/existing_group.h"

#include "check/existing_key.h"
#include "row/row_key.h"

/* So many keys are asked for at once; they take 32 bytes each until then. */
enum { KEYS_AT_ONCE = 100 * 1000 };

static bool fail(const struct existing_group *group)
{
    return error_memory(group->session->error);
}

/* Whether files and database have the same rows of the group's parent. */
static bool is_same(const struct existing_group *group)
{
    const struct dataset *dataset = group->dataset;
    const uint64_t *digest =
        paged_array_peek(&dataset->database.digests, sizeof *digest, group->parent);

    return !group->incomparable && digest != NULL && *digest != 0 && *digest == group->digest &&
           !existing_key_any_in(&group->keys, group->first, &dataset->files.left_out);
}

static bool end_group(struct existing_group *group)
{
    if (group->keys.count > group->first && is_same(group) &&
        (!existing_key_note_unchanged(&group->keys, group->first, group->dataset) ||
         !id_set_add(&group->dataset->files.complete_parents, group->parent)))
        return fail(group);
    group->first = group->keys.count;
    group->digest = 0;
    group->incomparable = false;
    return true;
}

/* A group that has not ended yet can no longer be compared. */
static bool judge_keys(struct existing_group *group)
{
    bool judged = existing_key_judge(&group->keys, group->dataset, group->changed, group->session);

    group->first = 0;
    group->incomparable = true;
    return judged;
}

bool existing_group_add(struct existing_group *group, const struct row *row, uint32_t line,
                        bool comparable)
{
    const struct table *table = group->dataset->table;
    struct existing_key key = {.parent = row->values[table->key[0]].integer,
                               .child = row_key_child(table, row),
                               .line = line};

    if (key.parent != group->parent && !end_group(group))
        return false;
    group->parent = key.parent;
    if (comparable && row_digest(&group->dataset->database.compared, row, &key.digest))
        group->digest += key.digest;
    else
        group->incomparable = true;
    if (!existing_key_add(&group->keys, &key))
        return fail(group);
    return group->keys.count < KEYS_AT_ONCE || judge_keys(group);
}

static bool keep_line(int64_t line, void *dataset)
{
    return dataset_keep_existing(dataset, (uint32_t)line);
}

/* In MODE_SKIP a row with the same key is kept, whatever else it has. */
static bool keep_unchanged(struct existing_group *group)
{
    struct dataset *dataset = group->dataset;
    struct id_set lines = dataset->files.unchanged;
    bool kept;

    if (dataset->mode != MODE_SKIP)
        return true;
    /* It cannot be visited while lines are taken out of it. */
    dataset->files.unchanged = (struct id_set){0};
    for (size_t i = 0; i < dataset->source_count; i++)
        dataset->sources[i]->rows_unchanged = 0;
    kept = id_set_each(&lines, keep_line, dataset);
    id_set_free(&lines);
    return kept || fail(group);
}

bool existing_group_finish(struct existing_group *group)
{
    return end_group(group) && judge_keys(group) && keep_unchanged(group);
}

void existing_group_free(struct existing_group *group)
{
    list_free(&group->keys);
}
