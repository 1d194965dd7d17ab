#include "plan/dataset_copy.h"

#include <stdlib.h>

static bool open_source(struct source *copy, const struct source *source, bool *opened,
                        struct error *error)
{
    struct input *input;

    if (!input_open_again(source->input, &input, error))
        return false;
    *opened = input != NULL;
    if (*opened) {
        *copy = *source;
        copy->input = input;
        copy->rows_loaded = 0;
        copy->seconds = 0;
    }
    return true;
}

static bool open_sources(struct dataset_copy *copy, const struct dataset *dataset, bool *opened,
                         struct error *error)
{
    *opened = true;
    for (size_t i = 0; *opened && i < dataset->source_count; i++) {
        if (!open_source(&copy->sources[i], dataset->sources[i], opened, error))
            return false;
        if (!*opened)
            break;
        copy->dataset.sources[i] = &copy->sources[i];
        copy->open++;
    }
    return true;
}

bool dataset_copy_open(struct dataset_copy *copy, const struct dataset *dataset, bool *opened,
                       struct error *error)
{
    bool done;

    *copy = (struct dataset_copy){.dataset = *dataset};
    *opened = false;
    copy->dataset.files = (struct dataset_files){0};
    copy->dataset.done = (struct dataset_done){0};
    copy->open = 0;
    copy->sources = calloc(dataset->source_count, sizeof *copy->sources);
    copy->dataset.sources = calloc(dataset->source_count, sizeof(struct source *));
    done = copy->sources != NULL && copy->dataset.sources != NULL
               ? open_sources(copy, dataset, opened, error)
               : error_memory(error);
    if (!done || !*opened)
        dataset_copy_close(copy);
    return done;
}

bool dataset_copy_settle(const struct dataset_copy *copy, struct dataset *dataset,
                         struct error *error)
{
    for (size_t i = 0; i < dataset->source_count; i++) {
        struct source *source = dataset->sources[i];

        if (copy->sources[i].rows_loaded != source->rows_read)
            return error_set(error, ERROR_FILE, "%s: the file changed while it was being loaded",
                             source->path);
        source->rows_loaded = copy->sources[i].rows_loaded;
        source->seconds += copy->sources[i].seconds;
    }
    dataset->done.sent = copy->dataset.done.sent;
    return true;
}

void dataset_copy_close(struct dataset_copy *copy)
{
    for (size_t i = 0; i < copy->open; i++)
        input_free(copy->sources[i].input);
    free(copy->sources);
    free(copy->dataset.sources);
    *copy = (struct dataset_copy){0};
}
