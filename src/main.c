/*
 * timele-load: what happens, in order.
 */
#include "base/error.h"
#include "base/interrupt.h"
#include "base/journal.h"
#include "base/log.h"
#include "base/standard_streams.h"
#include "cli/options.h"
#include "cli/progress.h"
#include "cli/summary.h"
#include "load/run.h"

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
    if (options.run.check ? run_check(&options.run, &log, &run, &error)
                          : run_execute(&options.run, &log, &run, &error))
        print_summary(&run, &log);

cleanup:
    if (error.kind != ERROR_NONE)
        log_error(&log, &error);
    status = error_exit_status(run_outcome(&run, &error));
    run_free(&run);
    options_free(&options);
    return status;
}
