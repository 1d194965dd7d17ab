#include "cli/options.h"

#include "base/display.h"
#include "cli/option_table.h"
#include "cli/version.h"
#include "pg/conninfo.h"
#include "table/table.h"
#include "target/floor.h"
#include "value/decimal.h"
#include "value/integer.h"

#include <argp.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void refuse(struct argp_state *state, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* argp prints what it is given as it is. */
static void refuse(struct argp_state *state, const char *format, ...)
{
    char message[ERROR_TEXT_SIZE];
    char *shown;
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    shown = display_copy(message);
    argp_error(state, "%s", shown != NULL ? shown : "out of memory");
    free(shown);
}

/* The server counts its time limits in milliseconds, in 32 bits. */
enum { SECONDS_MAX = INT32_MAX / 1000 };

static void parse_mode(const char *name, struct options *options, struct argp_state *state)
{
    if (!mode_find(name, &options->run.mode))
        refuse(state, "--mode takes insert, skip, upsert or replace, not '%s'", name);
}

static void parse_duplicates(const char *what, struct options *options, struct argp_state *state)
{
    if (strcmp(what, "error") == 0)
        options->run.duplicates = DUPLICATES_ERROR;
    else if (strcmp(what, "first") == 0)
        options->run.duplicates = DUPLICATES_FIRST;
    else if (strcmp(what, "last") == 0)
        options->run.duplicates = DUPLICATES_LAST;
    else
        refuse(state, "--duplicates takes error, first or last, not '%s'", what);
}

static void parse_rebuild(const char *when, struct options *options, struct argp_state *state)
{
    if (strcmp(when, "auto") == 0)
        options->run.rebuild = REBUILD_AUTO;
    else if (strcmp(when, "always") == 0)
        options->run.rebuild = REBUILD_ALWAYS;
    else if (strcmp(when, "never") == 0)
        options->run.rebuild = REBUILD_NEVER;
    else
        refuse(state, "--rebuild takes auto, always or never, not '%s'", when);
}

static void parse_progress(const char *when, struct options *options, struct argp_state *state)
{
    if (strcmp(when, "auto") == 0)
        options->progress = PROGRESS_AUTO;
    else if (strcmp(when, "always") == 0)
        options->progress = PROGRESS_ALWAYS;
    else if (strcmp(when, "never") == 0)
        options->progress = PROGRESS_NEVER;
    else
        refuse(state, "--progress takes auto, always or never, not '%s'", when);
}

/* The argument may be missing. */
static void parse_verify(const char *extent, struct options *options, struct argp_state *state)
{
    options->run.verify = true;
    options->run.verify_full = extent != NULL;
    if (extent != NULL && strcmp(extent, "full") != 0)
        refuse(state, "--verify takes full, or nothing, not '%s'", extent);
}

static void parse_log_format(const char *format, struct options *options, struct argp_state *state)
{
    if (strcmp(format, "text") == 0)
        options->log_format = LOG_TEXT;
    else if (strcmp(format, "json") == 0)
        options->log_format = LOG_JSON;
    else
        refuse(state, "--log-format takes text or json, not '%s'", format);
}

static void parse_infer(const char *what, struct options *options, struct argp_state *state)
{
    enum table_id id = table_find(what);

    if (strcmp(what, "none") == 0)
        options->run.infer.nothing = true;
    else if (id == TABLE_NONE || !table_get(id)->inferable)
        refuse(state, "--infer takes products, users or none, not '%s'", what);
    else
        options->run.infer.tables[id] = true;
}

static void parse_max_rejects(const char *most, struct options *options, struct argp_state *state)
{
    struct reject_limit *limit = &options->run.max_rejects;
    size_t length = strlen(most);
    const struct value_fault *fault;
    int64_t number = 0;

    limit->percent = length > 0 && most[length - 1] == '%';
    if (limit->percent)
        fault = decimal_parse(most, length - 1, REJECT_PERCENT_SCALE, &number);
    else
        fault = integer_parse(most, length, &number);
    if (fault != NULL || number < 0 || most[0] == '-')
        refuse(state, "--max-rejects takes a number of rows, or a percentage like 0.5%%, not '%s'",
               most);
    limit->text = most;
    limit->number = (uint64_t)number;
}

static void parse_floor(const char *argument, struct options *options, struct argp_state *state)
{
    const char *equals = strchr(argument, '=');
    char name[32] = "";
    enum table_id id;
    int64_t floor;

    if (equals != NULL && (size_t)(equals - argument) < sizeof name)
        memcpy(name, argument, (size_t)(equals - argument));
    id = table_find(name);
    if (equals == NULL || id == TABLE_NONE || table_get(id)->floor == 0 ||
        table_get(id)->dataset == NULL)
        refuse(state, "--floor takes users=N or orders=N, not '%s'", argument);
    else if (integer_parse(equals + 1, strlen(equals + 1), &floor) != NULL || floor < FLOOR_MIN ||
             floor > FLOOR_MAX)
        refuse(state, "--floor takes a number from %" PRId64 " to %" PRId64 ", not '%s'", FLOOR_MIN,
               FLOOR_MAX, equals + 1);
    else
        options->run.floors[id] = floor;
}

static void parse_seconds(const char *name, const char *argument, int64_t minimum, int *seconds,
                          struct argp_state *state)
{
    int64_t value = 0;

    if (integer_parse(argument, strlen(argument), &value) != NULL || value < minimum ||
        value > SECONDS_MAX)
        refuse(state, "%s takes seconds from %" PRId64 " to %d, not '%s'", name, minimum,
               SECONDS_MAX, argument);
    else
        *seconds = (int)value;
}

/* Notes an option for the report and the ledger, by its long name and without a password. */
static error_t note_option(const struct argp_option *option, const char *argument,
                           struct options *options)
{
    char *conninfo = option->key == OPTION_DBNAME ? conninfo_tell(argument) : NULL;
    char *text = NULL;
    int length;

    if (option->key == OPTION_DBNAME && conninfo == NULL)
        return ENOMEM;
    if (argument == NULL)
        length = asprintf(&text, "--%s", option->name);
    else
        length = asprintf(&text, "--%s=%s", option->name, conninfo != NULL ? conninfo : argument);
    free(conninfo);
    if (length < 0)
        return ENOMEM;
    options->given[options->run.given_count++] = text;
    return 0;
}

/* What an option without an argument sets; NULL for one that is no switch of the run. */
static bool *find_switch(int key, struct run_options *run)
{
    switch (key) {
    case OPTION_CREATE_SCHEMA:
        return &run->create_schema;
    case OPTION_CREATE_API:
        return &run->create_api;
    case OPTION_RESET:
        return &run->reset;
    case OPTION_FORCE:
        return &run->force;
    case OPTION_CHECK:
        return &run->check;
    case OPTION_DRY_RUN:
        return &run->dry_run;
    case OPTION_SKIP_LOADED:
        return &run->skip_loaded;
    default:
        return NULL;
    }
}

/* What an option keeps its argument in as it is; NULL for one whose argument is read. */
static const char **find_text(int key, struct run_options *run)
{
    switch (key) {
    case OPTION_DBNAME:
        return &run->dbname;
    case OPTION_REJECTS:
        return &run->rejects;
    case OPTION_ID_MAP:
        return &run->id_map;
    default:
        return NULL;
    }
}

/* What the program prints and writes about a run. */
static error_t take_output_option(int key, const char *argument, struct options *options,
                                  struct argp_state *state)
{
    switch (key) {
    case OPTION_PROGRESS:
        parse_progress(argument, options, state);
        return 0;
    case OPTION_LOG_FORMAT:
        parse_log_format(argument, options, state);
        return 0;
    case OPTION_REPORT:
        options->report = argument;
        options->run.fingerprints = true;
        return 0;
    case OPTION_QUIET:
        options->level = LOG_QUIET;
        return 0;
    case OPTION_VERBOSE:
        options->level = LOG_VERBOSE;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static error_t take_option(int key, char *argument, struct argp_state *state)
{
    struct options *options = state->input;
    bool *chosen = find_switch(key, &options->run);
    const char **text = find_text(key, &options->run);

    if (chosen != NULL)
        *chosen = true;
    if (text != NULL)
        *text = argument;
    if (chosen != NULL || text != NULL)
        return 0;
    switch (key) {
    case OPTION_MODE:
        parse_mode(argument, options, state);
        return 0;
    case OPTION_DUPLICATES:
        parse_duplicates(argument, options, state);
        return 0;
    case OPTION_INFER:
        parse_infer(argument, options, state);
        return 0;
    case OPTION_MAX_REJECTS:
        parse_max_rejects(argument, options, state);
        return 0;
    case OPTION_REBUILD:
        parse_rebuild(argument, options, state);
        return 0;
    case OPTION_VERIFY:
        parse_verify(argument, options, state);
        return 0;
    case OPTION_FLOOR:
        parse_floor(argument, options, state);
        return 0;
    case OPTION_WAIT:
        parse_seconds("--wait", argument, 0, &options->run.wait, state);
        return 0;
    case OPTION_LOCK_TIMEOUT:
        parse_seconds("--lock-timeout", argument, 1, &options->run.lock_timeout, state);
        return 0;
    case ARGP_KEY_ARG:
        options->paths[options->run.path_count++] = argument;
        return 0;
    default:
        return take_output_option(key, argument, options, state);
    }
}

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    struct options *options = state->input;
    const struct argp_option *option = option_table_find(key);
    error_t noted;

    argument = arguments_original(&options->arguments, argument);
    noted = option == NULL ? 0 : note_option(option, argument, options);

    return noted != 0 ? noted : take_option(key, argument, state);
}

/* argp quotes this variable when it cannot read it. */
static void forget_unfit_format(void)
{
    static const char name[] = "ARGP_HELP_FMT";
    const char *format = getenv(name);
    char *shown = format == NULL ? NULL : display_copy(format);

    if (format != NULL && (shown == NULL || strcmp(shown, format) != 0))
        (void)unsetenv(name);
    free(shown);
}

/* For tests: the way in which the keys of the files' rows are looked up, whatever the sizes are. */
static bool read_lookup(enum lookup *lookup, struct error *error)
{
    const char *wanted = getenv("TIMELE_LOAD_LOOKUP");

    *lookup = LOOKUP_BY_SIZE;
    if (wanted == NULL || wanted[0] == '\0')
        return true;
    *lookup = strcmp(wanted, "named") == 0 ? LOOKUP_NAMED : LOOKUP_WHOLE;
    return *lookup == LOOKUP_NAMED || strcmp(wanted, "whole") == 0 ||
           error_set(error, ERROR_USAGE,
                     "the variable TIMELE_LOAD_LOOKUP is neither whole nor "
                     "named");
}

static size_t count_characters(int argc, char **argv)
{
    size_t count = 1;

    for (int i = 0; i < argc; i++)
        count += strlen(argv[i]);
    return count;
}

static void print_version(FILE *stream, struct argp_state *state)
{
    (void)state;
    version_print(stream);
}

bool options_parse(int argc, char **argv, struct options *options, struct error *error)
{
    const struct argp parser = {.options = option_table(),
                                .parser = parse_option,
                                .args_doc = "FILE...",
                                .doc = option_table_documentation()};
    error_t failure;

    *options = (struct options){.level = LOG_NORMAL};
    options->paths = calloc((size_t)argc + 1, sizeof(const char *));
    /* One argument may hold several short options. */
    options->given = calloc(count_characters(argc, argv), sizeof(char *));
    if (options->paths == NULL || options->given == NULL)
        return error_memory(error);
    if (!arguments_read(argc, argv, &options->arguments, error))
        return false;
    forget_unfit_format();
    options->run.paths = options->paths;
    options->run.given = (const char *const *)options->given;
    argp_program_version_hook = print_version;
    argp_err_exit_status = error_exit_status(ERROR_USAGE);
    failure = argp_parse(&parser, argc, options->arguments.vector, 0, NULL, options);
    if (failure == ENOMEM)
        return error_memory(error);
    if (failure != 0)
        return error_set(error, ERROR_USAGE, "cannot read the command line: %s", strerror(failure));
    return read_lookup(&options->run.lookup, error);
}

void options_free(struct options *options)
{
    for (size_t i = 0; i < options->run.given_count; i++)
        free(options->given[i]);
    arguments_free(&options->arguments);
    free(options->given);
    free(options->paths);
    *options = (struct options){0};
}
