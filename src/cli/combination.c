#include "cli/combination.h"

#include "cli/outputs.h"
#include "table/table.h"

#include <string.h>

static bool names_floor(const struct run_options *run)
{
    for (int id = 0; id < TABLE_COUNT; id++)
        if (run->floors[id] != 0)
            return true;
    return false;
}

/* An option that is given and is about rows of files alone; NULL: there is none. */
static const char *find_of_rows(const struct run_options *run)
{
    static const char *const of_rows[] = {"--mode",    "--duplicates", "--infer", "--rejects",
                                          "--rebuild", "--id-map",     NULL};

    for (size_t i = 0; i < run->given_count; i++)
        for (size_t k = 0; of_rows[k] != NULL; k++) {
            size_t length = strlen(of_rows[k]);

            if (strncmp(run->given[i], of_rows[k], length) == 0 && run->given[i][length] == '=')
                return of_rows[k];
        }
    return NULL;
}

/* A job gives --skip-loaded, and perhaps no FILE, because there may be nothing new. */
static bool check_without_file(const struct run_options *run, struct error *error)
{
    const char *of_rows = find_of_rows(run);

    if (run_verifies_alone(run) && names_floor(run))
        return error_set(error, ERROR_USAGE,
                         "--verify alone changes nothing, so --floor does not "
                         "go with it");
    if (!run->create_schema && !run->create_api && !run->reset && !run->verify) {
        (void)error_set(error, ERROR_USAGE, "no FILE to load");
        return error_hint(error, "Try 'timele-load --help'.");
    }
    if (!run->create_schema && !run->create_api && names_floor(run))
        return error_set(error, ERROR_USAGE,
                         "--reset leaves no table, so --floor does not go with it unless "
                         "--create-schema is given too");
    if (of_rows == NULL || run->skip_loaded)
        return true;
    (void)error_set(error, ERROR_USAGE, "%s goes with FILEs, and none is given", of_rows);
    return error_hint(error, "A job that may have none says so by --skip-loaded.");
}

static bool check_run(const struct run_options *run, struct error *error)
{
    if (run->check && (run->create_schema || run->create_api || run->reset || run->id_map != NULL ||
                       run->dry_run || run->skip_loaded || run->verify))
        return error_set(error, ERROR_USAGE,
                         "--check uses no database, so --create-schema, --create-api, --reset, "
                         "--skip-loaded, --dry-run, --verify and --id-map do not go with it");
    if (run->check && run->path_count == 0)
        return error_set(error, ERROR_USAGE, "no FILE to check");
    if (run->path_count == 0 && !check_without_file(run, error))
        return false;
    if (run->infer.nothing && run->infer.tables[table_find("products")])
        return error_set(error, ERROR_USAGE,
                         "--infer=none and --infer=products contradict each other");
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
