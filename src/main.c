/*
 * timele-load: what happens, in order.
 */
#include "base/display.h"
#include "base/error.h"
#include "base/interrupt.h"
#include "base/journal.h"
#include "base/log.h"
#include "base/standard_streams.h"
#include "cli/combination.h"
#include "cli/help.h"
#include "cli/invariant_list.h"
#include "cli/options.h"
#include "cli/output_width.h"
#include "cli/progress.h"
#include "cli/summary.h"
#include "run/report_file.h"
#include "run/run.h"
#include "run/verification.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* For the journal each line begins with its priority; the journal adds the time itself, as GitHub
 * does. Elsewhere the lines of a verbose log begin with the time. */
static void set_up_log(const struct options *options, struct log *log)
{
    log->level = options->level;
    log->format = options->log_format;
    if (options->log_format != LOG_TEXT)
        return;
    log->has_priorities = journal_is(STDERR_FILENO);
    log->has_times = options->level == LOG_VERBOSE && !log->has_priorities;
    log->has_colors = !log->has_priorities && color_is_wanted(options->color, STDERR_FILENO);
}

/* What a run without an error has done. */
static const char *tell_success(const struct run *run)
{
    if (run->checked_only)
        return "the files are checked";
    if (run->verified_only)
        return "the database is verified";
    return run->dry ? "the dry run went well" : "all is loaded";
}

/* The rows are committed by now, so a summary that cannot be written is a warning, not an error. */
static void print_summary(const struct run *run, struct log *log)
{
    const struct summary_style style = {.columns = output_width(STDOUT_FILENO),
                                        .verbose = log->level == LOG_VERBOSE};

    if (log->level != LOG_QUIET && !summary_print(run, &style, stdout))
        log_warning(log, "%s, but the summary cannot be written: %s", tell_success(run),
                    strerror(errno));
}

/* Prints the invariants that are broken when the run failed because of them, also when no summary
 * is wanted. */
static void print_broken(const struct run *run, const struct report_file *report, struct log *log)
{
    if (run->invariants.broken_count == 0)
        return;
    if (log->level == LOG_QUIET || report_file_is_standard_output(report))
        invariant_list_warn(&run->invariants, log);
    else if (!invariant_list_print(&run->invariants, output_width(STDOUT_FILENO), stdout))
        log_warning(log, "what --verify found cannot be written: %s", strerror(errno));
}

static bool execute(const struct run_options *options, struct report_file *report, struct log *log,
                    struct run *run, struct error *error)
{
    if (options->check)
        return run_check(options, report, log, run, error);
    if (run_verifies_alone(options))
        return verification_alone(options, log, run, error);
    return run_execute(options, report, log, run, error);
}

/* After the commit or a failure, a report that cannot be written is a warning; else it is the run's
 * error. */
static void finish_report(struct report_file *report, const struct run *run, struct log *log,
                          struct error *error)
{
    struct error failure = {0};

    if (report_file_finish(report, error, &failure))
        return;
    if (run->transaction == TRANSACTION_COMMITTED)
        log_warning(log, "all is loaded, but %s", failure.message);
    else if (error->kind != ERROR_NONE)
        log_warning(log, "there is no report: %s", failure.message);
    else
        *error = failure;
}

static void tell_outcome(const struct run *run, const struct report_file *report,
                         const struct error *error, struct log *log)
{
    if (error->kind != ERROR_NONE) {
        print_broken(run, report, log);
        log_error(log, error);
    } else if (!report_file_is_standard_output(report)) {
        print_summary(run, log);
    }
}

/* The log has the stream itself, and prints a line in one piece. What argp, libpq or another
 * library prints there by itself quotes the environment. */
static void guard_standard_error(void)
{
    FILE *guarded = display_stream(stderr);

    (void)setvbuf(stderr, NULL, _IOLBF, BUFSIZ);
    if (guarded != NULL)
        stderr = guarded;
}

static bool understand(int argc, char **argv, struct options *options, struct error *error)
{
    return standard_streams_occupy(error) && interrupt_let_writes_fail(error) &&
           options_parse(argc, argv, options, error) &&
           (options->question != QUESTION_NONE || combination_check(options, error));
}

/* Reports what was asked for, and the error if there is one. */
static void conclude(const struct options *options, struct report_file *report,
                     const struct run *run, struct log *log, struct error *error)
{
    if (report != NULL)
        finish_report(report, run, log, error);
    if (options->question == QUESTION_NONE || error->kind != ERROR_NONE)
        tell_outcome(run, report, error, log);
}

/* Whether main has come to its end, for what exit(3) calls. */
struct conclusion {
    struct log *log;
    bool reached;
};

/* A library may end the program: libarchive does, with status 1, where it finds no memory. That
 * status would mean that rows were loaded. */
static void judge_exit(int status, void *context)
{
    struct conclusion *conclusion = context;
    struct error error = {0};

    (void)status;
    if (conclusion->reached)
        return;
    (void)error_set(&error, ERROR_INTERNAL, "a library has ended the run, for want of memory");
    log_error(conclusion->log, &error);
    _exit(error_exit_status(ERROR_INTERNAL));
}

int main(int argc, char **argv)
{
    struct error error = {0};
    struct log log = {.stream = stderr, .level = LOG_NORMAL};
    struct conclusion conclusion = {.log = &log};
    struct options options = {0};
    struct progress progress;
    struct run run = {0};
    struct report_file *report = NULL;
    bool understood;
    int status;

    /* Where it cannot be done, memory is short already, and the run will not come far. */
    (void)on_exit(judge_exit, &conclusion);
    guard_standard_error();
    run_begin(&run);
    understood = understand(argc, argv, &options, &error);
    set_up_log(&options, &log);
    log.warnings = &run.warnings;
    /* Opened even when the options contradict each other, so that the report has that error as
     * well. */
    if (understood && options.question != QUESTION_NONE)
        (void)help_print(options.question, stdout, &error);
    else if (options.report != NULL)
        (void)report_file_open(options.report, &options.run, &run, &report, &error);
    if (understood && options.question == QUESTION_NONE && error.kind == ERROR_NONE &&
        interrupt_install(&error)) {
        progress_watch(&progress, options.progress, &log, &run.phases);
        (void)run_require_error(&run, execute(&options.run, report, &log, &run, &error), &error);
    }
    conclude(&options, report, &run, &log, &error);

    report_file_free(report);
    status = error_exit_status(run_outcome(&run, &error));
    run_free(&run);
    options_free(&options);
    conclusion.reached = true;
    exit(status);
}
