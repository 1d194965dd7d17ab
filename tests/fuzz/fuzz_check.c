/*
 * All of --check, from the command line to the exit status, in this process: see check_case.h for
 * what an input is, check_outcome.h for what must hold.
 *
 * Where bad rows were set aside, what is left must be without fault when it is checked by itself.
 */
#include "base/display.h"
#include "base/log.h"
#include "check/reject_file.h"
#include "cli/combination.h"
#include "cli/options.h"
#include "cli/summary.h"
#include "run/report_file.h"
#include "run/run.h"

#include "check_case.h"
#include "check_outcome.h"
#include "csv_mutation.h"
#include "fuzz_target.h"
#include "printed_text.h"
#include "working_directory.h"

#include <dirent.h>
#include <fcntl.h>
#include <jansson.h>
#include <sys/stat.h>
#include <unistd.h>

/* Of the files. */
static struct working_directory directory = {.home = -1, .place = -1};

static struct printed_text log_text, summary_text;

static void write_files(const struct check_case *given)
{
    for (size_t i = 0; i < given->file_count; i++) {
        const struct case_file *file = &given->files[i];
        int descriptor = open(file->name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

        REQUIRE(descriptor >= 0 &&
                    write(descriptor, file->bytes, file->length) == (ssize_t)file->length &&
                    close(descriptor) == 0,
                "%s cannot be written", file->name);
    }
}

/* Removes the reject files that a run has given their names. */
static void remove_rejects(const struct run *run)
{
    for (size_t i = 0; i < run->plan.source_count; i++) {
        (void)unlink(reject_file_path(run->plan.sources[i]->reject_file));
        (void)unlink(reject_file_reasons_path(run->plan.sources[i]->reject_file));
    }
}

/* Nothing but the files is there any more. */
static void require_clean(void)
{
    int copy = openat(directory.place, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *stream = copy < 0 ? NULL : fdopendir(copy);
    const struct dirent *entry;

    REQUIRE(stream != NULL, "the directory cannot be read");
    while ((entry = readdir(stream)) != NULL)
        REQUIRE(entry->d_name[0] != '.' || strlen(entry->d_name) <= 2, "%s is left", entry->d_name);
    (void)closedir(stream);
    REQUIRE(access(CASE_REJECTS, F_OK) != 0 && access(CASE_REPORT, F_OK) != 0, "something is left");
}

static void require_report(const struct check_case *given, const struct run *run,
                           const struct error *error)
{
    json_t *report = json_load_file(CASE_REPORT, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);

    REQUIRE(json_is_object(report), "the report is no JSON object");
    REQUIRE(json_integer_value(json_object_get(report, "exit_status")) ==
                error_exit_status(run_outcome(run, error)),
            "the report has another exit status");
    REQUIRE(json_array_size(json_object_get(report, "files")) == given->file_count,
            "the report has other files");
    json_decref(report);
}

/* As main does it. */
static void run_options(const struct options *options, struct run *run, struct error *error)
{
    struct log log = {.stream = printed_text_begin(&log_text),
                      .level = options->level,
                      .format = options->log_format,
                      .warnings = &run->warnings};
    FILE *summary = printed_text_begin(&summary_text);
    const struct summary_style wide = {.verbose = true}, narrow = {.columns = 40};
    struct report_file *report = NULL;
    struct error failure = {0};
    bool done;

    if (options->report != NULL)
        (void)report_file_open(options->report, &options->run, run, &report, error);
    done = error->kind == ERROR_NONE && run_check(&options->run, report, &log, run, error);
    (void)run_require_error(run, done, error);
    if (report != NULL)
        REQUIRE(report_file_finish(report, error, &failure), "%s", failure.message);
    report_file_free(report);
    if (error->kind != ERROR_NONE)
        log_error(&log, error);
    else
        REQUIRE(summary_print(run, &wide, summary) && summary_print(run, &narrow, summary),
                "the summary cannot be printed");
    REQUIRE(fflush(log.stream) == 0, "the log cannot be printed");
}

/* Makes an input of what is not rejected, behind the options; 0 where that is not known. */
static size_t keep_rest(const struct check_case *given, const struct run *run, char *rest)
{
    size_t size = CASE_OPTION_BYTES;

    for (size_t i = 0; i < given->file_count; i++) {
        if (i > 0)
            rest[size++] = CASE_FILE_END;
        if (!check_outcome_keep(given, run, i, rest + size, &size))
            return 0;
    }
    return size;
}

/* Checks the files and returns the exit status. Of what is not rejected `rest` becomes an input,
 * *rest_size is 0 where there is none; NULL: it is not wanted. */
static int check(struct check_case *given, char *rest, size_t *rest_size)
{
    struct options options = {0};
    struct run run = {0};
    struct error error = {0};
    int status;

    run_begin(&run);
    REQUIRE(options_parse(given->argument_count, given->arguments, &options, &error) &&
                combination_check(&options, &error),
            "%s", error.message);
    run_options(&options, &run, &error);
    check_outcome_require(given, &run, &error,
                          &(struct check_output){.log = log_text.bytes,
                                                 .log_length = log_text.length,
                                                 .summary = summary_text.bytes,
                                                 .summary_length = summary_text.length});
    if (given->report)
        require_report(given, &run, &error);
    status = error_exit_status(run_outcome(&run, &error));
    if (rest != NULL)
        *rest_size = status == 1 ? keep_rest(given, &run, rest) : 0;
    if (given->report)
        (void)unlink(CASE_REPORT);
    if (status == 1)
        remove_rejects(&run);
    run_free(&run);
    options_free(&options);
    REQUIRE(status != 1 || rmdir(CASE_REJECTS) == 0, "files are left among the rejects");
    require_clean();
    return status;
}

/* Checks by itself what is left of an input, without rejects. */
static void check_rest(char *rest, size_t size)
{
    struct check_case given;
    int status;

    check_case_forget_rejects((uint8_t *)rest);
    REQUIRE(check_case_read(&given, (const uint8_t *)rest, size), "it is an input");
    write_files(&given);
    status = check(&given, NULL, NULL);
    REQUIRE(status == 0, "without the rejected rows the status is %d: %.*s", status,
            (int)log_text.length, log_text.bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct check_case given;
    size_t rest_size = 0;
    char *rest;

    if (!check_case_read(&given, data, size))
        return 0;
    if (directory.place < 0)
        working_directory_make(&directory, true);
    REQUIRE(fchdir(directory.place) == 0, "the directory is gone");
    rest = copy_exactly(data, size);
    write_files(&given);
    (void)check(&given, given.again ? rest : NULL, &rest_size);
    if (rest_size > 0)
        check_rest(rest, rest_size);
    free(rest);
    REQUIRE(fchdir(directory.home) == 0, "the directory is gone");
    return 0;
}

/* Most changes are made to rows: a file without a header is soon done with. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t maximum, unsigned seed)
{
    size_t room = maximum - CASE_OPTION_BYTES;

    if (seed % 8 == 0 || size < CASE_OPTION_BYTES || maximum < CASE_OPTION_BYTES)
        return LLVMFuzzerMutate(data, size, maximum);
    if (seed % 8 == 1) {
        (void)LLVMFuzzerMutate(data, CASE_OPTION_BYTES, CASE_OPTION_BYTES);
        return size;
    }
    data += CASE_OPTION_BYTES;
    size -= CASE_OPTION_BYTES;
    return CASE_OPTION_BYTES + (seed % 8 <= 4 ? csv_mutation_make(data, size, room, seed / 8)
                                              : csv_mutation_mutate(data, size, room, seed / 8));
}
