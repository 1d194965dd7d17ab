/*
 * timele-load: what happens, in order.
 */
#include "base/error.h"
#include "base/interrupt.h"
#include "base/log.h"
#include "base/standard_streams.h"
#include "cli/options.h"
#include "cli/summary.h"
#include "load/run.h"

#include <errno.h>
#include <string.h>

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
    struct run run = {0};
    int status;

    if (!standard_streams_occupy(&error))
        goto cleanup;
    if (!options_parse(argc, argv, &options, &error))
        goto cleanup;
    log.level = options.level;
    if (!interrupt_install(&error))
        goto cleanup;
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
