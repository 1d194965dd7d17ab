#include "plan/file_list.h"

#include "base/open_files.h"
#include "plan/directory_listing.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

/* More files are opened for each of their readings. */
enum { KEPT_OPEN_MAX = 256 };

/* So many files of one directory are named of those that are left out. */
enum { LEFT_OUT_NAMED_MAX = 20 };

/* The files of a run while they are opened. */
struct opening {
    struct file_list *list;
    struct log *log;
    struct error *error; /* the first */
    bool stopped;        /* the others would fail alike, or nobody waits for them */
    void *tree;          /* tsearch(3)'s, of the sources by the files that they are */
    size_t kept_open;    /* as many of the sources stay open */
    size_t opened;
    size_t left_out; /* of the directory */
};

/* With several wrong files the first one's error ends the run, those of the others are only
 * logged. */
static void note_error(struct opening *opening, const struct error *one)
{
    bool interrupted = one->kind == ERROR_INTERRUPTED || one->kind == ERROR_TERMINATED;

    /* Without memory the other files would fail alike. */
    opening->stopped = interrupted || one->kind == ERROR_INTERNAL;
    if (interrupted || opening->error->kind == ERROR_NONE)
        *opening->error = *one;
    else if (!opening->stopped)
        log_error(opening->log, one);
}

static void note_lack_of_memory(struct opening *opening)
{
    struct error one = {0};

    (void)error_memory(&one);
    note_error(opening, &one);
}

static void note_left_out(struct opening *opening, const char *name, const char *reason)
{
    if (++opening->left_out <= LEFT_OUT_NAMED_MAX)
        log_note(opening->log, "%s is left out: %s", name, reason);
}

static void sum_up_left_out(struct opening *opening, const char *directory)
{
    if (opening->left_out > LEFT_OUT_NAMED_MAX)
        log_note(opening->log, "%s: %zu more files are left out", directory,
                 opening->left_out - LEFT_OUT_NAMED_MAX);
    opening->left_out = 0;
}

static int compare_sources(const void *one, const void *other)
{
    return input_compare(((const struct source *)one)->input,
                         ((const struct source *)other)->input);
}

static bool refuse_same_file(struct opening *opening, const struct source *source,
                             struct error *error)
{
    const struct source *const *place = tsearch(source, &opening->tree, compare_sources);

    if (place == NULL)
        return error_memory(error);
    return *place == source || error_set(error, ERROR_USAGE, "%s and %s are the same file",
                                         (*place)->path, source->path);
}

/* The last file of the list. Takes its input. */
static bool recognise(struct opening *opening, struct input *input, bool *is_foreign,
                      struct error *error)
{
    struct list *files = &opening->list->files;
    struct listed_file *file = (struct listed_file *)files->items + files->count - 1;

    if (!source_open(input, file->name, is_foreign, &file->source, error))
        return false;
    if (!refuse_same_file(opening, file->source, error)) {
        source_free(file->source);
        file->source = NULL;
        return false;
    }
    if (++opening->opened > opening->kept_open)
        input_keep_closed(file->source->input);
    return true;
}

static struct listed_file *add_file(struct file_list *list, const char *name)
{
    char *copy = strdup(name);
    struct listed_file *file = copy == NULL ? NULL : list_add(&list->files, sizeof *file, 1);

    if (file == NULL)
        free(copy);
    else
        *file = (struct listed_file){.name = copy};
    return file;
}

static void drop_last(struct file_list *list)
{
    free(((struct listed_file *)list->files.items + --list->files.count)->name);
}

/* A file that was found in a directory, or named. */
static void open_file(struct opening *opening, const char *path, bool found)
{
    struct listed_file *file = add_file(opening->list, path);
    struct error one = {0};
    struct input *input = NULL;
    bool is_foreign = false;

    if (file == NULL) {
        note_lack_of_memory(opening);
    } else if (!input_open(file->name, &input, &one) ||
               !recognise(opening, input, &is_foreign, &one)) {
        if (found && is_foreign) {
            note_left_out(opening, file->name, "its header has no column of a dataset");
            drop_last(opening->list);
        } else {
            note_error(opening, &one);
        }
    }
}

static void refuse_empty(struct opening *opening, const char *directory)
{
    struct error one = {0};

    (void)error_set(&one, ERROR_USAGE, "no CSV file in the directory %s", directory);
    (void)error_hint(&one, "A job that may find none says so by --skip-loaded.");
    note_error(opening, &one);
}

static void open_listed(struct opening *opening, const struct directory_listing *listing)
{
    const struct directory_entry *entries = listing->entries.items;

    for (size_t i = 0; i < listing->entries.count && !opening->stopped; i++)
        if (entries[i].left_out != NULL)
            note_left_out(opening, entries[i].path, entries[i].left_out);
        else
            open_file(opening, entries[i].path, true);
}

static void open_directory(struct opening *opening, const char *directory, bool may_be_empty)
{
    struct directory_listing listing = {.entries = {0}};
    size_t before = opening->list->files.count;
    struct error one = {0};

    if (!directory_listing_read(directory, &listing, &one)) {
        note_error(opening, &one);
    } else {
        open_listed(opening, &listing);
        sum_up_left_out(opening, directory);
        if (opening->list->files.count == before)
            opening->list->empty_directory = directory;
        if (opening->list->files.count == before && !may_be_empty && !opening->stopped)
            refuse_empty(opening, directory);
    }
    directory_listing_free(&listing);
}

static void keep_source(void *source)
{
    (void)source;
}

bool file_list_open(const struct file_list_request *request, struct log *log,
                    struct file_list *list, struct error *error)
{
    struct opening opening = {
        .list = list, .log = log, .error = error, .kept_open = open_files_allow(KEPT_OPEN_MAX)};

    for (size_t i = 0; i < request->path_count && !opening.stopped; i++) {
        const char *path = request->paths[i];

        if (directory_listing_is_directory(path))
            open_directory(&opening, path, request->may_be_empty);
        else
            open_file(&opening, path, false);
    }
    tdestroy(opening.tree, keep_source);
    return error->kind == ERROR_NONE;
}

void file_list_free(struct file_list *list)
{
    struct listed_file *files = list->files.items;

    for (size_t i = 0; i < list->files.count; i++) {
        source_free(files[i].source);
        free(files[i].name);
    }
    list_free(&list->files);
    list->empty_directory = NULL;
}
