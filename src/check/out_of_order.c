#include "check/out_of_order.h"

#include "base/list.h"
#include "check/key.h"
#include "row/pass.h"
#include "row/row_key.h"
#include "row/row_read.h"

#include <stdlib.h>

struct member {
    int64_t parent;
    int64_t child; /* as row_key_child gives it */
    uint32_t line;
};

/* The rows of the parents, gathered and judged. */
struct collection {
    const struct out_of_order *request;
    struct dataset *dataset;
    struct source *source;
    struct row row;
    struct list members; /* of struct member */
    struct error *error;
};

static bool collect_member(struct collection *collection, uint32_t line)
{
    const struct table *table = collection->dataset->table;
    struct member *member = list_add(&collection->members, sizeof *member, 1);

    if (member == NULL)
        return error_memory(collection->error);
    *member = (struct member){
        .child = row_key_child(table, &collection->row),
        .parent = collection->row.values[table->key[0]].integer,
        .line = line,
    };
    return true;
}

static bool collect_record(void *context, const struct csv_record *record)
{
    struct collection *collection = context;
    const struct dataset *dataset = collection->dataset;
    const struct row_reading reading = {.source = collection->source,
                                        .catalog = &dataset->database.catalog,
                                        .record = record,
                                        .quiet = true};
    uint32_t line = collection->source->line_base + (uint32_t)record->line;

    if (id_set_contains(&dataset->files.left_out, line) || !row_read(&reading, &collection->row) ||
        !id_set_contains(collection->request->parents,
                         collection->row.values[dataset->table->key[0]].integer))
        return true;
    return collect_member(collection, line);
}

static bool pass_fault(void *context, const struct csv_fault *fault)
{
    (void)context;
    return !fault->fatal;
}

static bool collect(struct collection *collection, const struct session *session)
{
    for (size_t i = 0; i < collection->dataset->source_count; i++) {
        const struct pass pass = {
            .phase = "check again",
            .source = collection->dataset->sources[i],
            .reader = collection->request->reader,
            .row = &collection->row,
            .record = collect_record,
            .fault = pass_fault,
            .context = collection,
        };

        collection->source = pass.source;
        if (!pass_read(&pass, session))
            return false;
    }
    return true;
}

static int compare_members(const void *one, const void *other)
{
    const struct member *left = one, *right = other;

    if (left->parent != right->parent)
        return left->parent < right->parent ? -1 : 1;
    if (left->child != right->child)
        return left->child < right->child ? -1 : 1;
    return (left->line > right->line) - (left->line < right->line);
}

static bool refuse(struct dataset *dataset, uint32_t first, const struct member *member)
{
    uint64_t line_in_file;
    const struct source *source = dataset_source_of_line(dataset, member->line, &line_in_file);
    char place[KEY_PLACE_SIZE];

    return key_refuse(
        dataset, member->line, &(struct key_pair){.parent = member->parent, .child = member->child},
        PROBLEM_DUPLICATE, "stands twice, first on %s", key_place(dataset, source, first, place));
}

/* The rows from `first` to before `end` have the same key, in the order of their lines. */
static bool judge_group(struct collection *collection, const struct member *first,
                        const struct member *end)
{
    struct dataset *dataset = collection->dataset;

    if (end - first > 1 && !id_set_add(collection->request->changed, first->parent))
        return false;
    for (const struct member *member = first + 1; member < end; member++) {
        switch (collection->request->duplicates) {
        case DUPLICATES_ERROR:
            if (!refuse(dataset, first->line, member))
                return false;
            break;
        case DUPLICATES_FIRST:
            if (!dataset_skip_line(dataset, member->line))
                return false;
            break;
        case DUPLICATES_LAST:
            if (!dataset_skip_line(dataset, (member - 1)->line))
                return false;
            break;
        }
    }
    return true;
}

static bool same_key(const struct member *one, const struct member *other)
{
    return one->parent == other->parent && one->child == other->child;
}

static bool judge(struct collection *collection)
{
    const struct member *members = collection->members.items;
    const struct member *end = members + collection->members.count;
    const struct member *next;

    for (const struct member *first = members; first < end; first = next) {
        next = first + 1;
        while (next < end && same_key(first, next))
            next++;
        if (!judge_group(collection, first, next))
            return error_memory(collection->error);
    }
    return true;
}

/* In the order in which the database sees them: by time, then as they were sent. */
static int compare_events(const void *one, const void *other)
{
    const struct member *left = one, *right = other;
    int64_t left_time = row_key_event_time(left->child),
            right_time = row_key_event_time(right->child);

    if (left->parent != right->parent)
        return left->parent < right->parent ? -1 : 1;
    if (left_time != right_time)
        return left_time < right_time ? -1 : 1;
    return (left->line > right->line) - (left->line < right->line);
}

static bool note_previous(struct collection *collection, struct previous_status_list *previous)
{
    const struct member *before = NULL;

    qsort(collection->members.items, collection->members.count, sizeof *before, compare_events);
    for (size_t i = 0; i < collection->members.count; i++) {
        const struct member *event = (const struct member *)collection->members.items + i;
        int32_t status = PREVIOUS_STATUS_NONE;

        if (id_set_contains(&collection->dataset->files.left_out, event->line))
            continue;
        if (before != NULL && before->parent == event->parent)
            status = (int32_t)row_key_event_status(before->child);
        if (!previous_status_add(previous, event->line, status))
            return error_memory(collection->error);
        before = event;
    }
    previous_status_sort(previous);
    return true;
}

bool out_of_order_judge(const struct out_of_order *request, const struct session *session)
{
    struct collection collection = {
        .request = request, .dataset = request->dataset, .error = session->error};
    bool judged;

    if (id_set_is_empty(request->parents))
        return true;
    judged = collect(&collection, session);
    if (judged && collection.members.count > 0) {
        qsort(collection.members.items, collection.members.count, sizeof(struct member),
              compare_members);
        judged = judge(&collection) &&
                 (request->previous == NULL || note_previous(&collection, request->previous));
    }
    list_free(&collection.members);
    return judged;
}
