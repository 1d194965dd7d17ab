#include "plan/file_list.h"

#include "base/interrupt.h"
#include "base/open_files.h"
#include "input/file_name.h"
#include "plan/archive_listing.h"
#include "plan/directory_listing.h"

#include <ctype.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* More files are opened for each of their readings. */
enum { KEPT_OPEN_MAX = 256 };

/* So many files of one directory or archive are named of those that are left out. */
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
    size_t left_out; /* of the directory or archive */
};

/* With several wrong files the first one's error ends the run, those of the others are only
 * logged. What ends it at once comes before them. */
static void note_error(struct opening *opening, const struct error *one)
{
    bool interrupted = one->kind == ERROR_INTERRUPTED || one->kind == ERROR_TERMINATED;

    /* Without memory the other files would fail alike. */
    bool stops = interrupted || one->kind == ERROR_INTERNAL;

    if (stops || opening->error->kind == ERROR_NONE)
        *opening->error = *one;
    else
        log_error(opening->log, one);
    opening->stopped = opening->stopped || stops;
}

static void note_lack_of_memory(struct opening *opening)
{
    struct error one = {0};

    (void)error_memory(&one);
    note_error(opening, &one);
}

/* Whether to go on: thousands of small files take their time. */
static bool goes_on(struct opening *opening)
{
    struct error one = {0};

    if (!opening->stopped && interrupt_pending()) {
        (void)interrupt_error(&one);
        note_error(opening, &one);
    }
    return !opening->stopped;
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
    if (*place == source)
        return true;
    if (strcmp((*place)->path, source->path) == 0)
        return error_set(error, ERROR_USAGE, "%s is there twice", source->path);
    return error_set(error, ERROR_USAGE, "%s and %s are the same file", (*place)->path,
                     source->path);
}

static struct listed_file *last_file(const struct file_list *list)
{
    return (struct listed_file *)list->files.items + list->files.count - 1;
}

/* Takes the input. */
static bool recognise(struct opening *opening, struct input *input, enum header_purpose *purpose,
                      struct error *error)
{
    struct listed_file *file = last_file(opening->list);

    if (!source_open(input, file->name, purpose, &file->source, error))
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

/* Takes the name. */
static bool add_file(struct opening *opening, char *name)
{
    struct listed_file *file =
        name == NULL ? NULL : list_add(&opening->list->files, sizeof *file, 1);

    if (file != NULL) {
        *file = (struct listed_file){.name = name};
        return true;
    }
    free(name);
    note_lack_of_memory(opening);
    return false;
}

static void drop_last(struct file_list *list)
{
    free(last_file(list)->name);
    list->files.count--;
}

/* Whether the name of a file begins with that of a table, as orders.csv and orders_2024-05.csv do.
 * Whatever its header says, whoever put it there means it to be loaded, and notes are not read at
 * night. */
static bool is_called_like_table(const char *name)
{
    size_t length = file_name_stem_length(name);

    for (int id = 0; id < TABLE_COUNT; id++) {
        const struct table *table = table_get((enum table_id)id);
        size_t begin = strlen(table->name);

        if (table->dataset != NULL && begin <= length &&
            strncasecmp(table->name, name, begin) == 0 &&
            (begin == length || !isalpha((unsigned char)name[begin])))
            return true;
    }
    return false;
}

/* The last file of the list, or the reason why it has no input. With an archive that was named, a
 * member is not to be left out, but the others may be all that is wanted. */
static void take_input(struct opening *opening, struct input *input, const char *archive,
                       bool found, struct error *error)
{
    const struct listed_file *file = last_file(opening->list);
    enum header_purpose purpose = HEADER_MEANT;

    if (input != NULL && recognise(opening, input, &purpose, error))
        return;
    if (found && purpose != HEADER_MEANT && !is_called_like_table(file_name_of_path(file->name))) {
        note_left_out(opening, file->name,
                      purpose == HEADER_UNLOADED ? "it holds nothing for the database"
                                                 : "no dataset has its header");
        drop_last(opening->list);
        return;
    }
    if (purpose == HEADER_UNLOADED) {
        *error = (struct error){0};
        (void)error_set(error, ERROR_DATA, "%s holds nothing for the database", file->name);
        (void)error_hint(error, "It comes with the data of Instacart: leave it out.");
    } else if (archive != NULL && error->kind == ERROR_DATA &&
               (purpose != HEADER_MEANT ||
                file_name_judge(file_name_of_path(file->name)) != FILE_NAME_CSV))
        (void)error_hint(error, "Name the members that are to be loaded, each as %s:NAME.",
                         archive);
    (void)error_in_file(error, file->name);
    note_error(opening, error);
}

/* Archives -------------------------------------------------------------------------------------*/

static char *name_member(const char *archive, const struct archive_entry *entry)
{
    char *name;

    return asprintf(&name, "%s:%s", archive, entry->name) < 0 ? NULL : name;
}

static void open_member(struct opening *opening, struct input *archive, const char *path,
                        const struct archive_entry *entry, bool found)
{
    char *name = name_member(path, entry);
    struct error one = {0};
    struct input *input = NULL;
    size_t before = opening->list->files.count;

    if (entry->left_out != NULL && name != NULL) {
        note_left_out(opening, name, entry->left_out);
        free(name);
    } else if (add_file(opening, name)) {
        (void)input_open_member(archive, entry->member, &input, &one);
        take_input(opening, input, path, found, &one);
        if (opening->list->files.count > before && last_file(opening->list)->source != NULL)
            last_file(opening->list)->source->file_name =
                file_name_of_path(last_file(opening->list)->name + strlen(path) + 1);
    }
}

static void open_members(struct opening *opening, struct input *archive, const char *path,
                         const struct archive_listing *listing, bool found)
{
    const struct archive_entry *entries = listing->entries.items;
    size_t outside = opening->left_out;

    opening->left_out = 0;
    for (size_t i = 0; i < listing->entries.count && goes_on(opening); i++)
        open_member(opening, archive, path, &entries[i], found);
    sum_up_left_out(opening, path);
    opening->left_out = outside;
}

/* Takes the path. */
static const char *keep_path(struct opening *opening, char *path)
{
    char **place = path == NULL ? NULL : list_add(&opening->list->archives, sizeof *place, 1);

    if (place == NULL) {
        free(path);
        note_lack_of_memory(opening);
        return NULL;
    }
    return *place = path;
}

/* The last file of the list is an archive: its members take its place. */
static void open_archive(struct opening *opening, struct input *archive, bool found)
{
    struct archive_listing listing = {.entries = {0}};
    struct listed_file *file = last_file(opening->list);
    struct error one = {0};
    const char *path;

    if (!archive_listing_read(archive, file->name, found, &listing, &one)) {
        (void)error_in_file(&one, file->name);
        note_error(opening, &one);
    } else {
        path = keep_path(opening, file->name);
        opening->list->files.count--;
        if (path != NULL)
            open_members(opening, archive, path, &listing, found);
    }
    archive_listing_free(&listing);
    input_free(archive);
}

/* Files and directories ------------------------------------------------------------------------*/

/* A file that was found in a directory, or named. */
static void open_file(struct opening *opening, const char *path, bool found)
{
    struct error one = {0};
    struct input *input = NULL;

    if (!add_file(opening, strdup(path)))
        return;
    if (input_open(last_file(opening->list)->name, &input, &one) && input_is_archive(input))
        open_archive(opening, input, found);
    else
        take_input(opening, input, NULL, found, &one);
}

/* ARCHIVE:MEMBER. What stands before the colon is a file; if it is no archive, there is no such
 * file as the whole names. */
static void open_named_member(struct opening *opening, const char *argument, size_t path_length)
{
    struct archive_listing listing = {.entries = {0}};
    const char *path = keep_path(opening, strndup(argument, path_length));
    struct error one = {0};
    struct input *archive = NULL;

    if (path == NULL)
        return;
    if (input_open(path, &archive, &one) && !input_is_archive(archive)) {
        open_file(opening, argument, false);
    } else if (archive == NULL ||
               !archive_listing_find(archive, path, argument + path_length + 1, &listing, &one)) {
        if (add_file(opening, strdup(argument)))
            note_error(opening, &one);
    } else {
        open_members(opening, archive, path, &listing, false);
    }
    archive_listing_free(&listing);
    input_free(archive);
}

static void refuse_empty(struct opening *opening, const char *directory, bool only_checks)
{
    struct error one = {0};

    (void)error_set(&one, ERROR_USAGE, "no file to load in the directory %s", directory);
    if (!only_checks)
        (void)error_hint(&one, "A job that may find none says so by --skip-loaded.");
    note_error(opening, &one);
}

static void open_listed(struct opening *opening, const struct directory_listing *listing)
{
    const struct directory_entry *entries = listing->entries.items;

    for (size_t i = 0; i < listing->entries.count && goes_on(opening); i++)
        if (entries[i].left_out != NULL)
            note_left_out(opening, entries[i].path, entries[i].left_out);
        else
            open_file(opening, entries[i].path, true);
}

static void open_directory(struct opening *opening, const char *directory,
                           const struct file_list_request *request)
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
        if (opening->list->files.count == before && !request->may_be_empty && !opening->stopped)
            refuse_empty(opening, directory, request->only_checks);
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

    for (size_t i = 0; i < request->path_count && goes_on(&opening); i++) {
        const char *path = request->paths[i];
        size_t archive_length;

        if (directory_listing_is_directory(path))
            open_directory(&opening, path, request);
        else if ((archive_length = archive_listing_path_length(path)) > 0)
            open_named_member(&opening, path, archive_length);
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
    for (size_t i = 0; i < list->archives.count; i++)
        free(((char **)list->archives.items)[i]);
    list_free(&list->archives);
    list->empty_directory = NULL;
}
