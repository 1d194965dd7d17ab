/*
 * timele-load: what happens, in order.
 */
#include "base/error.h"
#include "base/interrupt.h"
#include "base/journal.h"
#include "base/log.h"
#include "base/standard_streams.h"
#include "cli/invariant_list.h"
#include "cli/options.h"
#include "cli/progress.h"
#include "cli/summary.h"
#include "load/run.h"
#include "load/verification.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* The journal knows the time itself. */
static void set_up_log(const struct options *options, struct log *log)
{
    log->level = options->level;
    log->format = options->log_format;
    log->has_priorities = journal_is(STDERR_FILENO);
    log->has_times = options->level == LOG_VERBOSE && !log->has_priorities;
}

/* The rows are committed by now: that they cannot be told about is a warning, not a failure. */
static void print_summary(const struct run *run, struct log *log)
{
    if (log->level != LOG_QUIET && !summary_print(run, stdout))
        log_warning(log, "%s, but the summary cannot be written: %s",
                    run->dry ? "the dry run went well" : "all is loaded", strerror(errno));
}

/* Where a run fails too, and even to those who want no summary. */
static void print_broken(const struct run *run, struct log *log)
{
    if (run->invariants.broken_count == 0)
        return;
    if (log->level == LOG_QUIET)
        invariant_list_warn(&run->invariants, log);
    else if (!invariant_list_print(&run->invariants, stdout))
        log_warning(log, "what --verify found cannot be written: %s", strerror(errno));
}

static bool execute(const struct run_options *options, struct log *log, struct run *run,
                    struct error *error)
{
    if (options->check)
        return run_check(options, log, run, error);
    if (run_verifies_alone(options))
        return verification_alone(options, log, run, error);
    return run_execute(options, log, run, error);
}

int main(int argc, char **argv)
{
    struct error error = {0};
    struct log log = {.stream = stderr, .level = LOG_NORMAL};
    struct options options = {0};
    struct progress progress;
    struct run run = {0};
    bool understood;
    int status;

    if (!standard_streams_occupy(&error))
        goto cleanup;
    understood = options_parse(argc, argv, &options, &error);
    set_up_log(&options, &log);
    if (!understood || !interrupt_install(&error))
        goto cleanup;
    progress_watch(&progress, options.progress, &log, &run.phases);
    if (execute(&options.run, &log, &run, &error))
        print_summary(&run, &log);
    else
        print_broken(&run, &log);

cleanup:
    if (error.kind != ERROR_NONE)
        log_error(&log, &error);
    status = error_exit_status(run_outcome(&run, &error));
    run_free(&run);
    options_free(&options);
    return status;
}
