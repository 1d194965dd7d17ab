#include "run/report_file.h"

#include "base/display.h"
#include "base/pending_file.h"
#include "run/report.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct report_file {
    const char *path;
    const struct run_options *options;
    const struct run *run;
    FILE *stream; /* NULL: a regular file */
    struct pending_file *pending;
    bool prepared; /* it tells of a success */
};

static bool fail(const struct report_file *file, struct error *error)
{
    return error_set(error, error_kind_of_file(errno), "cannot write %s: %s",
                     report_file_names_standard_output(file->path) ? "standard output" : file->path,
                     strerror(errno));
}

static bool is_regular(const char *path)
{
    struct stat status;

    return stat(path, &status) != 0 || S_ISREG(status.st_mode);
}

bool report_file_names_standard_output(const char *path)
{
    static const char *const names[] = {"-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(path, names[i]) == 0)
            return true;
    return false;
}

/* How the members of a report begin, without blanks; '#' stands for a number. */
bool report_file_is_report(const char *start, size_t length)
{
    const char *wanted = "{\"format\":#,\"program\":\"timele-load\"";
    bool has_digit = false;

    for (size_t i = 0; i < length && *wanted != '\0'; i++) {
        bool is_digit = start[i] >= '0' && start[i] <= '9';

        if (start[i] == ' ' || start[i] == '\n' || start[i] == '\r' || start[i] == '\t')
            continue;
        if (*wanted == '#' && !is_digit && has_digit)
            wanted++;
        if (*wanted == '#' ? !is_digit : start[i] != *wanted)
            return false;
        has_digit = is_digit;
        if (*wanted != '#')
            wanted++;
    }
    return *wanted == '\0';
}

static bool open_place(struct report_file *file, struct error *error)
{
    if (report_file_names_standard_output(file->path))
        file->stream = stdout;
    else if (is_regular(file->path))
        return pending_file_open(file->path, PENDING_FILE_CLAIMS, &file->pending, error);
    else
        file->stream = fopen(file->path, "we");
    return file->stream != NULL || fail(file, error);
}

bool report_file_open(const char *path, const struct run_options *options, const struct run *run,
                      struct report_file **file, struct error *error)
{
    struct report_file *opened = calloc(1, sizeof *opened);

    if (opened == NULL)
        return error_memory(error);
    *opened = (struct report_file){.path = path, .options = options, .run = run};
    if (!open_place(opened, error)) {
        report_file_free(opened);
        return false;
    }
    *file = opened;
    return true;
}

bool report_file_is_standard_output(const struct report_file *file)
{
    return file != NULL && file->stream == stdout;
}

static bool write_report(const struct report_file *file, FILE *stream, const struct error *outcome,
                         struct error *error)
{
    json_t *report = report_new(file->options, file->run, outcome);
    char *document = json_dumps(report, JSON_INDENT(2) | JSON_REAL_PRECISION(9));
    bool written = false;

    if (document == NULL)
        (void)error_memory(error);
    else if (!display_json(stream, document) || fputc('\n', stream) == EOF || fflush(stream) != 0)
        (void)fail(file, error);
    else
        written = true;
    free(document);
    json_decref(report);
    return written;
}

/* A report that was prepared before is kept until a newer one is complete. */
static bool prepare(struct report_file *file, const struct error *outcome, struct error *error)
{
    struct pending_file *newer = NULL;

    if (pending_file_open(file->path, PENDING_FILE_CLAIMS, &newer, error) &&
        write_report(file, pending_file_stream(newer), outcome, error) &&
        pending_file_complete(newer, error)) {
        pending_file_free(file->pending);
        file->pending = newer;
        return true;
    }
    pending_file_free(newer);
    return false;
}

bool report_file_prepare(struct report_file *file, struct error *error)
{
    const struct error success = {0};

    if (file->stream == NULL) {
        file->prepared = prepare(file, &success, error);
        return file->prepared;
    }
    return (fputc('\n', file->stream) != EOF && fflush(file->stream) == 0) || fail(file, error);
}

bool report_file_finish(struct report_file *file, const struct error *outcome, struct error *error)
{
    if (file->stream != NULL)
        return write_report(file, file->stream, outcome, error);
    return (prepare(file, outcome, error) || (file->prepared && outcome->kind == ERROR_NONE)) &&
           pending_file_publish(file->pending, error);
}

void report_file_free(struct report_file *file)
{
    if (file == NULL)
        return;
    if (file->stream != NULL && file->stream != stdout)
        (void)fclose(file->stream);
    pending_file_free(file->pending);
    free(file);
}
