#include "check/scattered.h"

#include <stdlib.h>

struct member {
    int64_t child;   /* as key_child gives it */
    uint32_t parent; /* below the highest floor */
    uint32_t line;
};

struct collection {
    struct dataset *dataset;
    const struct id_set *scattered;
    struct id_set *changed;
    struct source *source;
    struct csv_reader *reader;
    struct phase_list *phases;
    struct error *error;
    struct row row;
    bool header_seen;
    struct member *members;
    size_t count, capacity;
};

static bool collect_member(struct collection *collection, uint32_t line)
{
    const struct table *table = collection->dataset->table;

    if (collection->count == collection->capacity) {
        size_t capacity = collection->capacity == 0 ? 4096 : collection->capacity * 2;
        struct member *members = realloc(collection->members, capacity * sizeof *members);

        if (members == NULL)
            return error_memory(collection->error);
        collection->members = members;
        collection->capacity = capacity;
    }
    collection->members[collection->count++] = (struct member){
        .child = key_child(table, &collection->row),
        .parent = (uint32_t)collection->row.values[table->key[0]].integer,
        .line = line,
    };
    return true;
}

static bool collect_record(void *context, const struct csv_record *record)
{
    struct collection *collection = context;
    const struct dataset *dataset = collection->dataset;
    uint32_t line = collection->source->line_base + (uint32_t)record->line;

    if (!collection->header_seen) {
        collection->header_seen = true;
        csv_reader_keep(collection->reader, collection->source->keep_mask);
        return true;
    }
    if (id_set_contains(&dataset->left_out, line) ||
        !row_read(collection->source, dataset, record, true, &collection->row) ||
        !id_set_contains(collection->scattered,
                         collection->row.values[dataset->table->key[0]].integer))
        return true;
    return collect_member(collection, line);
}

static bool pass_fault(void *context, const struct csv_fault *fault)
{
    (void)context;
    return !fault->fatal;
}

static void collect_block(void *context)
{
    struct collection *collection = context;

    phase_advance(collection->phases, input_position(collection->source->input), 0);
}

static bool collect(struct collection *collection)
{
    const struct csv_handler handler = {.record = collect_record,
                                        .fault = pass_fault,
                                        .block = collect_block,
                                        .context = collection};

    for (size_t i = 0; i < collection->dataset->source_count; i++) {
        collection->source = collection->dataset->sources[i];
        phase_begin(collection->phases, "check again", "%s", collection->source->path);
        phase_expect_bytes(collection->phases, input_size(collection->source->input));
        collection->header_seen = false;
        row_clear(&collection->row);
        if (!input_rewind(collection->source->input, collection->error) ||
            !csv_reader_read(collection->reader, collection->source->input, &handler,
                             collection->error) ||
            collection->error->kind != ERROR_NONE)
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

    return key_refuse(dataset, member->line, member->parent, member->child, PROBLEM_DUPLICATE,
                      "stands twice, first on %s", key_place(dataset, source, first, place));
}

/* The rows from `first` to before `end` have the same key, in the order of their lines. */
static bool judge_group(struct collection *collection, const struct member *first,
                        const struct member *end, enum duplicates duplicates)
{
    struct dataset *dataset = collection->dataset;

    if (end - first > 1 && !id_set_add(collection->changed, first->parent))
        return false;
    for (const struct member *member = first + 1; member < end; member++) {
        switch (duplicates) {
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

static bool judge(struct collection *collection, enum duplicates duplicates)
{
    const struct member *end = collection->members + collection->count;
    const struct member *next;

    for (const struct member *first = collection->members; first < end; first = next) {
        next = first + 1;
        while (next < end && same_key(first, next))
            next++;
        if (!judge_group(collection, first, next, duplicates))
            return error_memory(collection->error);
    }
    return true;
}

/* In the order in which the database sees them: by time, then as they were sent. */
static int compare_events(const void *one, const void *other)
{
    const struct member *left = one, *right = other;
    int64_t left_time = event_unpack_time(left->child),
            right_time = event_unpack_time(right->child);

    if (left->parent != right->parent)
        return left->parent < right->parent ? -1 : 1;
    if (left_time != right_time)
        return left_time < right_time ? -1 : 1;
    return (left->line > right->line) - (left->line < right->line);
}

static bool note_previous(struct collection *collection, struct previous_status_list *previous)
{
    const struct member *before = NULL;

    qsort(collection->members, collection->count, sizeof *collection->members, compare_events);
    for (size_t i = 0; i < collection->count; i++) {
        const struct member *event = &collection->members[i];
        int32_t status = PREVIOUS_STATUS_NONE;

        if (id_set_contains(&collection->dataset->left_out, event->line))
            continue;
        if (before != NULL && before->parent == event->parent)
            status = (int32_t)event_unpack_status(before->child);
        if (!previous_status_add(previous, event->line, status))
            return error_memory(collection->error);
        before = event;
    }
    previous_status_sort(previous);
    return true;
}

bool scattered_judge(struct dataset *dataset, const struct id_set *scattered,
                     struct csv_reader *reader, enum duplicates duplicates, struct id_set *changed,
                     struct previous_status_list *previous, struct phase_list *phases,
                     struct error *error)
{
    struct collection collection = {.dataset = dataset,
                                    .scattered = scattered,
                                    .changed = changed,
                                    .reader = reader,
                                    .phases = phases,
                                    .error = error};
    bool judged;

    if (id_set_is_empty(scattered))
        return true;
    judged = collect(&collection);
    if (judged && collection.count > 0) {
        qsort(collection.members, collection.count, sizeof *collection.members, compare_members);
        judged = judge(&collection, duplicates) &&
                 (previous == NULL || note_previous(&collection, previous));
    }
    free(collection.members);
    return judged;
}
