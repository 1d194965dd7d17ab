#include "cli/options.h"

#include "base/display.h"
#include "cli/option_fault.h"
#include "cli/option_table.h"
#include "cli/option_value.h"
#include "pg/conninfo.h"

#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A command line that is being read. */
struct reading {
    struct options *options;
    struct error *error;
    int taken; /* the argument after the last option that was taken, or that one, when not all of
                  its letters were */
    int next;  /* the same, when argp came upon an option that it does not take */
};

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

/* An option without a value. */
static void take_plain(int key, struct options *options)
{
    bool *chosen = find_switch(key, &options->run);

    if (chosen != NULL)
        *chosen = true;
    else if (key == OPTION_QUIET)
        options->level = LOG_QUIET;
    else if (key == OPTION_VERBOSE)
        options->level = LOG_VERBOSE;
    else if (key == OPTION_HELP || key == OPTION_HELP_TOO)
        options->question = QUESTION_HELP;
    else if (key == OPTION_USAGE)
        options->question = QUESTION_USAGE;
    else
        options->question = QUESTION_VERSION;
}

/* Whether a value stands in the argument of its short option, and the two are a long option with
 * one dash: -dry-run is no database called "ry-run". */
static bool is_misspelt(const char *value, const struct argp_state *state)
{
    const char *argument = state->argv[state->next - 1];

    return value == argument + 2 && option_fault_lacks_dash(argument);
}

/* After an option that is wrong the others are read all the same, for the format of the log. */
static error_t take_option(const struct argp_option *option, const char *value,
                           const struct argp_state *state)
{
    struct reading *reading = state->input;
    struct options *options = reading->options;

    reading->taken = state->next;
    if (option->arg == NULL && reading->error->kind == ERROR_NONE)
        take_plain(option->key, options);
    else if (value != NULL && is_misspelt(value, state))
        (void)option_fault_set(state->argv[state->next - 1], reading->error);
    else if (value != NULL && value == state->argv[state->next - 1] &&
             option_fault_is_option(value))
        (void)option_fault_set_swallowed(option->key, value, reading->error);
    else if (option->arg != NULL)
        (void)option_value_take(option, value, options, reading->error);
    return options->question == QUESTION_NONE ? note_option(option, value, options) : 0;
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct reading *reading = state->input;
    struct options *options = reading->options;
    const struct argp_option *option = option_table_find(key);

    if (key == ARGP_KEY_ERROR)
        reading->next = state->next;
    if (options->question != QUESTION_NONE)
        return 0;
    if (option != NULL)
        return take_option(option, argument, state);
    if (key != ARGP_KEY_ARG)
        return ARGP_ERR_UNKNOWN;
    options->paths[options->run.path_count++] = argument;
    return 0;
}

/* Where the option stands that argp does not take. It is the argument before the next one, unless
 * letters follow the wrong one in it: then it is the next one itself, and what stands before it is
 * an option that was taken, or a file. */
static int find_fault(const struct reading *reading, char **vector)
{
    const char *before = vector[reading->next - 1];

    return reading->next == reading->taken || before[0] != '-' || before[1] == '\0'
               ? reading->next
               : reading->next - 1;
}

static bool read_vector(int argc, char **vector, struct reading *reading)
{
    struct argp parser = option_table_parser();
    error_t failure;

    parser.parser = parse;
    do {
        int fault;

        reading->taken = 1;
        failure = argp_parse(&parser, argc, vector, ARGP_NO_HELP | ARGP_NO_ERRS, NULL, reading);
        if (failure == ENOMEM)
            return error_memory(reading->error);
        if (failure == 0 || reading->options->question != QUESTION_NONE)
            break;
        fault = find_fault(reading, vector);
        (void)option_fault_set(vector[fault], reading->error);
        /* argp begins behind it. */
        vector += fault;
        argc -= fault;
    } while (argc > 0);
    return reading->error->kind == ERROR_NONE;
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

bool options_parse(int argc, char **argv, struct options *options, struct error *error)
{
    struct reading reading = {.options = options, .error = error};

    *options = (struct options){.level = LOG_NORMAL};
    options->paths = calloc((size_t)argc + 1, sizeof(const char *));
    /* One argument may hold several short options. */
    options->given = calloc(count_characters(argc, argv), sizeof(char *));
    if (options->paths == NULL || options->given == NULL)
        return error_memory(error);
    forget_unfit_format();
    options->run.paths = options->paths;
    options->run.given = (const char *const *)options->given;
    if (read_vector(argc, argv, &reading) && read_lookup(&options->run.lookup, error)) {
        options->run.fingerprints = options->report != NULL;
        return true;
    }
    options->report = NULL;
    return false;
}

void options_free(struct options *options)
{
    for (size_t i = 0; i < options->run.given_count; i++)
        free(options->given[i]);
    free(options->given);
    free(options->paths);
    *options = (struct options){0};
}
