#include "run/record.h"

bool run_verifies_alone(const struct run_options *options)
{
    return options->verify && options->path_count == 0 && !options->create_schema &&
           !options->create_api && !options->reset;
}

void run_begin(struct run *run)
{
    (void)clock_utc(run->started);
    run->start = clock_seconds();
}

uint64_t run_rows_rejected(const struct run *run)
{
    uint64_t rows = 0;

    for (size_t i = 0; run->rejects != NULL && i < run->plan.source_count; i++)
        rows += run->plan.sources[i]->rows_bad;
    return rows;
}

enum error_kind run_outcome(const struct run *run, const struct error *error)
{
    if (error->kind != ERROR_NONE)
        return error->kind;
    return run_rows_rejected(run) > 0 ? ERROR_REJECTS : ERROR_NONE;
}

bool run_require_error(const struct run *run, bool done, struct error *error)
{
    const struct phase *phase = phase_last(&run->phases);

    if (done || error->kind != ERROR_NONE)
        return done;
    if (phase == NULL)
        return error_set(error, ERROR_INTERNAL, "the run failed without saying why");
    return error_set(error, ERROR_INTERNAL, "the phase \"%s %s\" failed without saying why",
                     phase->what, phase->subject);
}

void run_free(struct run *run)
{
    rejects_free(run->rejects);
    plan_free(&run->plan);
    verify_results_free(&run->invariants);
    phase_list_free(&run->phases);
    warning_list_free(&run->warnings);
}
