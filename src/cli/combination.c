#include "cli/combination.h"

#include "cli/outputs.h"

#include <string.h>

static bool names_floor(const struct run_options *run)
{
    for (int id = 0; id < TABLE_COUNT; id++)
        if (run->floors[id] != 0)
            return true;
    return false;
}

static bool check_run(const struct run_options *run, struct error *error)
{
    if (run_verifies_alone(run) && names_floor(run))
        return error_set(error, ERROR_USAGE,
                         "--verify alone changes nothing, so --floor does not "
                         "go with it");
    if (run->path_count == 0 && !run->create_schema && !run->create_api && !run->reset &&
        !run->verify) {
        (void)error_set(error, ERROR_USAGE, "no FILE to load");
        return error_hint(error, "Try 'timele-load --help'.");
    }
    if (run->check && (run->create_schema || run->create_api || run->reset || run->id_map != NULL ||
                       run->dry_run || run->skip_loaded || run->verify))
        return error_set(error, ERROR_USAGE,
                         "--check uses no database, so --create-schema, --create-api, --reset, "
                         "--skip-loaded, --dry-run, --verify and --id-map do not go with it");
    if (run->check && run->path_count == 0)
        return error_set(error, ERROR_USAGE, "no FILE to check");
    if (run->max_rejects.text != NULL && run->rejects == NULL)
        return error_set(error, ERROR_USAGE, "--max-rejects goes with --rejects");
    if (run->skip_loaded && run->mode == MODE_REPLACE)
        return error_set(error, ERROR_USAGE,
                         "--skip-loaded does not go with --mode=replace, which would delete the "
                         "rows of the files that are skipped");
    if (run->force && !run->reset)
        return error_set(error, ERROR_USAGE, "--force goes with --reset");
    for (size_t i = 0, standard_inputs = 0; i < run->path_count; i++)
        if (strcmp(run->paths[i], "-") == 0 && ++standard_inputs > 1)
            return error_set(error, ERROR_USAGE, "standard input (-) can be read only once");
    return true;
}

bool combination_check(struct options *options, struct error *error)
{
    if (outputs_check(options, error))
        return check_run(&options->run, error);
    options->report = NULL;
    return false;
}
