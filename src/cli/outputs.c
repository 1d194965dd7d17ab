#include "cli/outputs.h"

#include "base/file_place.h"
#include "input/file_name.h"
#include "plan/directory_listing.h"
#include "run/report_file.h"
#include "write/id_map.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* So much of a file tells what it is. */
enum { START_SIZE = 256 };

/* What a run writes to. */
struct output {
    const char *name; /* the option, or the stream */
    const char *path; /* NULL: it is not wanted, or a stream */
    const char *kind; /* what the option writes */
    bool (*is_kind)(const char *start, size_t length);
    bool is_stream;
    struct file_place place;
};

enum { OUTPUT_REPORT, OUTPUT_ID_MAP, OUTPUT_STANDARD, OUTPUT_ERROR, OUTPUT_COUNT };

/* A pipe or a terminal may be standard output and standard input at once. */
static void find_stream(struct output *output, const char *name, int descriptor)
{
    *output = (struct output){.name = name, .is_stream = true};
    output->place = file_place_of_descriptor(descriptor);
    output->place.exists = output->place.exists && S_ISREG(output->place.status.st_mode);
}

static bool find_file(struct output *output, struct error *error)
{
    return output->path == NULL || output->is_stream ||
           file_place_find(output->path, &output->place, error);
}

static bool find_outputs(const struct options *options, struct output outputs[OUTPUT_COUNT],
                         struct error *error)
{
    struct output *report = &outputs[OUTPUT_REPORT], *id_map = &outputs[OUTPUT_ID_MAP];

    *report = (struct output){.name = "--report",
                              .path = options->report,
                              .kind = "report",
                              .is_kind = report_file_is_report};
    *id_map = (struct output){.name = "--id-map",
                              .path = options->run.id_map,
                              .kind = "id map",
                              .is_kind = id_map_is_map};
    find_stream(&outputs[OUTPUT_STANDARD], "standard output", STDOUT_FILENO);
    find_stream(&outputs[OUTPUT_ERROR], "standard error", STDERR_FILENO);
    report->is_stream = report->path != NULL && report_file_names_standard_output(report->path);
    if (id_map->path != NULL && strcmp(id_map->path, "-") == 0) {
        (void)error_set(error, ERROR_USAGE, "--id-map takes the name of a file, and - is none");
        return error_hint(error, "It cannot be written to standard output; ./- is a file.");
    }
    return find_file(report, error) && find_file(id_map, error);
}

static void refuse_input(const struct output outputs[OUTPUT_COUNT], const char *path,
                         struct error *error)
{
    struct file_place place = {.exists = false};
    const char *shown = path;

    if (strcmp(path, "-") == 0) {
        place = file_place_of_descriptor(STDIN_FILENO);
        shown = "standard input";
    } else if (!file_place_find(path, &place, error)) {
        return;
    }
    for (size_t i = 0; i < OUTPUT_COUNT; i++)
        if (file_place_is(&outputs[i].place, &place))
            (void)error_set(error, ERROR_USAGE, "%s would overwrite %s", outputs[i].name, shown);
    file_place_free(&place);
}

static bool refuse_inputs(const struct output outputs[OUTPUT_COUNT], const struct run_options *run,
                          struct error *error)
{
    for (size_t i = 0; i < run->path_count && error->kind == ERROR_NONE; i++)
        refuse_input(outputs, run->paths[i], error);
    return error->kind == ERROR_NONE;
}

static bool refuse_twins(const struct output outputs[OUTPUT_COUNT], struct error *error)
{
    for (size_t i = 0; i < OUTPUT_COUNT; i++)
        for (size_t k = i + 1; k < OUTPUT_COUNT; k++)
            if (!(outputs[i].is_stream && outputs[k].is_stream) &&
                file_place_is(&outputs[i].place, &outputs[k].place))
                return error_set(error, ERROR_USAGE, "%s and %s are the same file", outputs[i].name,
                                 outputs[k].name);
    return true;
}

static bool is_place(const char *path, const struct file_place *wanted, struct error *error)
{
    struct file_place place;
    bool is = file_place_find(path, &place, error) && file_place_is(&place, wanted);

    file_place_free(&place);
    return is;
}

/* Whether a path is that of a CSV file in a directory, or would be. */
static bool is_csv_in(const char *path, const struct file_place *directory, struct error *error)
{
    char *found = file_place_path(path);
    char *slash;
    bool is = false;

    if (found == NULL)
        return error_memory(error);
    slash = strrchr(found, '/');
    /* An empty path, which names nothing, has no slash. */
    if (slash != NULL && file_name_judge(slash + 1) == FILE_NAME_CSV) {
        slash[slash == found ? 1 : 0] = '\0';
        is = is_place(found, directory, error);
    }
    free(found);
    return is;
}

/* Rejected rows may get any name that is that of a CSV file. */
static bool refuse_rejects(const struct output outputs[OUTPUT_COUNT], const struct run_options *run,
                           struct error *error)
{
    struct file_place directory;

    if (run->rejects == NULL)
        return true;
    if (!file_place_find(run->rejects, &directory, error))
        return false;
    for (size_t i = 0; i < OUTPUT_COUNT && error->kind == ERROR_NONE; i++)
        if (outputs[i].path != NULL && !outputs[i].is_stream &&
            (is_place(outputs[i].path, &directory, error) ||
             is_csv_in(outputs[i].path, &directory, error))) {
            (void)error_set(error, ERROR_USAGE, "%s and --rejects could both write %s",
                            outputs[i].name, outputs[i].path);
            (void)error_hint(error, "Give it another name, or another directory.");
        }
    file_place_free(&directory);
    return error->kind == ERROR_NONE;
}

/* What stands in a directory is loaded from there, if not by this run then by the next. */
static void refuse_in_directory(const struct output outputs[OUTPUT_COUNT],
                                const struct run_options *run, const char *path,
                                struct error *error)
{
    struct file_place directory;

    if (!file_place_find(path, &directory, error))
        return;
    for (size_t i = 0; i < OUTPUT_COUNT && error->kind == ERROR_NONE; i++)
        if (outputs[i].path != NULL && !outputs[i].is_stream &&
            is_csv_in(outputs[i].path, &directory, error)) {
            (void)error_set(error, ERROR_USAGE,
                            "%s would write %s, which the next run would load from %s",
                            outputs[i].name, outputs[i].path, path);
            (void)error_hint(error, "Give it another directory, or a name without the ending of a "
                                    "CSV file.");
        }
    if (error->kind == ERROR_NONE && run->rejects != NULL &&
        is_place(run->rejects, &directory, error)) {
        (void)error_set(error, ERROR_USAGE,
                        "--rejects would write to %s, from where the next run would load it", path);
        (void)error_hint(error,
                         "Give it another directory; one in that directory is not looked into.");
    }
    file_place_free(&directory);
}

/* A file of a directory may be an output by another name. A directory that cannot be read is the
 * run's to refuse. */
static void refuse_listed(const struct output outputs[OUTPUT_COUNT], const char *path,
                          struct error *error)
{
    struct directory_listing listing = {.entries = {0}};
    const struct directory_entry *entries;
    struct error unread = {0};

    if (!directory_listing_read(path, &listing, &unread) && unread.kind != ERROR_FILE)
        (void)error_copy(error, &unread);
    entries = listing.entries.items;
    for (size_t i = 0; i < listing.entries.count && error->kind == ERROR_NONE; i++)
        if (entries[i].left_out == NULL)
            refuse_input(outputs, entries[i].path, error);
    directory_listing_free(&listing);
}

static bool refuse_directories(const struct output outputs[OUTPUT_COUNT],
                               const struct run_options *run, struct error *error)
{
    for (size_t i = 0; i < run->path_count && error->kind == ERROR_NONE; i++) {
        const char *path = run->paths[i];

        if (!directory_listing_is_directory(path))
            continue;
        refuse_in_directory(outputs, run, path, error);
        if (error->kind == ERROR_NONE)
            refuse_listed(outputs, path, error);
    }
    return error->kind == ERROR_NONE;
}

/* The bytes that a regular file begins with. Nothing is waited for. */
static bool read_start(const struct output *output, char start[START_SIZE], size_t *length,
                       struct error *error)
{
    int descriptor = open(output->path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    ssize_t got = descriptor < 0 ? -1 : pread(descriptor, start, START_SIZE, 0);

    if (got < 0)
        (void)error_set(error, error_kind_of_file(errno),
                        "cannot read %s, which %s would overwrite: %s", output->path, output->name,
                        strerror(errno));
    else
        *length = (size_t)got;
    if (descriptor >= 0)
        (void)close(descriptor);
    return got >= 0;
}

static bool require_replaceable(const struct output *output, struct error *error)
{
    char start[START_SIZE];
    size_t length;

    if (output->path == NULL || output->is_stream || !output->place.exists ||
        !S_ISREG(output->place.status.st_mode))
        return true;
    if (faccessat(AT_FDCWD, output->path, W_OK, AT_EACCESS) != 0)
        return error_set(error, error_kind_of_file(errno), "cannot write %s: %s", output->path,
                         strerror(errno));
    if (output->place.status.st_size == 0)
        return true;
    if (!read_start(output, start, &length, error))
        return false;
    if (length == 0 || output->is_kind(start, length))
        return true;
    (void)error_set(error, ERROR_USAGE, "%s would overwrite %s, which is no %s of this program",
                    output->name, output->path, output->kind);
    return error_hint(error,
                      "The option takes the name of a file for the %s. If this is the file, remove "
                      "what is there first.",
                      output->kind);
}

bool outputs_check(const struct options *options, struct error *error)
{
    struct output outputs[OUTPUT_COUNT];
    bool right;

    right = find_outputs(options, outputs, error) && refuse_inputs(outputs, &options->run, error) &&
            refuse_twins(outputs, error) && refuse_rejects(outputs, &options->run, error) &&
            refuse_directories(outputs, &options->run, error) &&
            require_replaceable(&outputs[OUTPUT_REPORT], error) &&
            require_replaceable(&outputs[OUTPUT_ID_MAP], error);
    for (size_t i = 0; i < OUTPUT_COUNT; i++)
        file_place_free(&outputs[i].place);
    return right;
}
