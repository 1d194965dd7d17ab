#include "run/job_count.h"

#include "base/processor_count.h"

#include <stdbool.h>

/* More than four connections keep no server busier (bench/RESULTS.md). */
enum { JOBS_USUAL_MAX = 4 };

/* Files of less text than this are loaded as fast over one connection (bench/RESULTS.md). */
enum { SMALL_BYTES = 4 * 1024 * 1024 };

static bool is_small(const struct plan *plan)
{
    double bytes = 0;

    for (size_t i = 0; i < plan->source_count; i++)
        bytes += source_text_bytes(plan->sources[i]);
    return bytes < SMALL_BYTES;
}

int job_count(const struct run_options *options, const struct plan *plan)
{
    int processors = processor_count();

    if (options->jobs > 0)
        return options->jobs;
    /* Whoever reads the tables that --reset replaces shall not wait, however small the files are.
     */
    if (!options->reset && is_small(plan))
        return 1;
    return processors < JOBS_USUAL_MAX ? processors : JOBS_USUAL_MAX;
}
