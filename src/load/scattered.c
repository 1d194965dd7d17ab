#include "load/scattered.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

struct pair {
    uint64_t key; /* parent in the upper half, child in the lower */
    uint32_t line;
};

struct collection {
    struct dataset *dataset;
    struct source *source;
    struct csv_reader *reader;
    struct error *error;
    struct row row;
    bool header_seen;
    struct pair *pairs;
    size_t count, capacity;
};

static bool collect_pair(struct collection *collection, uint32_t line)
{
    const size_t *key = collection->dataset->table->key;

    if (collection->count == collection->capacity) {
        size_t capacity = collection->capacity == 0 ? 4096 : collection->capacity * 2;
        struct pair *pairs = realloc(collection->pairs, capacity * sizeof *pairs);

        if (pairs == NULL)
            return error_memory(collection->error);
        collection->pairs = pairs;
        collection->capacity = capacity;
    }
    collection->pairs[collection->count++] = (struct pair){
        .key = (uint64_t)collection->row.values[key[0]].integer << 32 |
               (uint32_t)collection->row.values[key[1]].integer,
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
        !id_set_contains(&dataset->pairs.scattered,
                         collection->row.values[dataset->table->key[0]].integer))
        return true;
    return collect_pair(collection, line);
}

static bool pass_fault(void *context, const struct csv_fault *fault)
{
    (void)context;
    return !fault->fatal;
}

static bool collect(struct collection *collection)
{
    const struct csv_handler handler = {
        .record = collect_record, .fault = pass_fault, .context = collection};

    for (size_t i = 0; i < collection->dataset->source_count; i++) {
        collection->source = collection->dataset->sources[i];
        collection->header_seen = false;
        if (!input_rewind(collection->source->input, collection->error) ||
            !csv_reader_read(collection->reader, collection->source->input, &handler,
                             collection->error) ||
            collection->error->kind != ERROR_NONE)
            return false;
    }
    return true;
}

static int compare_pairs(const void *one, const void *other)
{
    const struct pair *left = one, *right = other;

    if (left->key != right->key)
        return left->key < right->key ? -1 : 1;
    return (left->line > right->line) - (left->line < right->line);
}

static bool refuse(struct dataset *dataset, uint32_t first, const struct pair *pair)
{
    uint64_t line_in_file;
    struct source *source = dataset_source_of_line(dataset, pair->line, &line_in_file);
    char place[KEY_PLACE_SIZE], child[24];
    int length = snprintf(child, sizeof child, "%" PRIu32, (uint32_t)pair->key);

    problem_add(&source->problems, line_in_file, dataset_key_header(dataset, 1),
                (struct problem_value){.text = child, .length = (size_t)length},
                "stands twice, first on %s", key_place(dataset, source, first, place));
    source->rows_bad++;
    return id_set_add(&dataset->left_out, pair->line);
}

/* The pairs from `first` to before `end` are the same, in the order of their lines. */
static bool judge_group(struct dataset *dataset, const struct pair *first, const struct pair *end,
                        enum duplicates duplicates)
{
    for (const struct pair *pair = first + 1; pair < end; pair++) {
        switch (duplicates) {
        case DUPLICATES_ERROR:
            if (!refuse(dataset, first->line, pair))
                return false;
            break;
        case DUPLICATES_FIRST:
            if (!dataset_skip_line(dataset, pair->line))
                return false;
            break;
        case DUPLICATES_LAST:
            if (!dataset_skip_line(dataset, (pair - 1)->line))
                return false;
            break;
        }
    }
    return true;
}

static bool judge(struct collection *collection, enum duplicates duplicates)
{
    const struct pair *end = collection->pairs + collection->count;
    const struct pair *next;

    for (const struct pair *first = collection->pairs; first < end; first = next) {
        next = first + 1;
        while (next < end && next->key == first->key)
            next++;
        if (!judge_group(collection->dataset, first, next, duplicates))
            return error_memory(collection->error);
    }
    return true;
}

bool scattered_judge(struct dataset *dataset, struct csv_reader *reader, enum duplicates duplicates,
                     struct error *error)
{
    struct collection collection = {.dataset = dataset, .reader = reader, .error = error};
    bool judged;

    if (id_set_is_empty(&dataset->pairs.scattered))
        return true;
    judged = collect(&collection);
    if (judged && collection.count > 0) {
        qsort(collection.pairs, collection.count, sizeof *collection.pairs, compare_pairs);
        judged = judge(&collection, duplicates);
    }
    free(collection.pairs);
    return judged;
}
