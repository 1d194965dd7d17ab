#include "cli/options.h"

#include "cli/version.h"
#include "pg/conninfo.h"
#include "table/table.h"
#include "target/floor.h"
#include "value/decimal.h"
#include "value/integer.h"

#include <argp.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum option_key {
    OPTION_DBNAME = 'd',
    OPTION_QUIET = 'q',
    OPTION_VERBOSE = 'v',
    OPTION_CREATE_SCHEMA = 256,
    OPTION_RESET,
    OPTION_FORCE,
    OPTION_CHECK,
    OPTION_MODE,
    OPTION_DUPLICATES,
    OPTION_INFER,
    OPTION_REJECTS,
    OPTION_MAX_REJECTS,
    OPTION_REBUILD,
    OPTION_ID_MAP,
    OPTION_PROGRESS,
    OPTION_LOG_FORMAT,
    OPTION_REPORT,
    OPTION_SKIP_LOADED,
    OPTION_FLOOR,
    OPTION_WAIT,
    OPTION_LOCK_TIMEOUT,
    OPTION_DRY_RUN,
    OPTION_VERIFY
};

/* The server's limits are milliseconds in an integer. */
enum { SECONDS_MAX = INT32_MAX / 1000 };

enum option_group { GROUP_DATABASE = 1, GROUP_ROWS, GROUP_OUTPUT };

static const struct argp_option option_table[] = {
    {.doc = "Database:", .group = GROUP_DATABASE},
    {.name = "dbname",
     .key = OPTION_DBNAME,
     .arg = "CONNINFO",
     .doc = "Database name, key=value string or URI, as for psql; without it the PG* environment",
     .group = GROUP_DATABASE},
    {.name = "create-schema",
     .key = OPTION_CREATE_SCHEMA,
     .doc = "Create what is missing of TimeL-E's schema first; needs no FILE",
     .group = GROUP_DATABASE},
    {.name = "reset",
     .key = OPTION_RESET,
     .doc = "Drop TimeL-E's schemas first; refused while the application has rows in them",
     .group = GROUP_DATABASE},
    {.name = "force",
     .key = OPTION_FORCE,
     .doc = "With --reset: drop the application's rows too",
     .group = GROUP_DATABASE},
    {.name = "floor",
     .key = OPTION_FLOOR,
     .arg = "TABLE=N",
     .doc = "Where the application's ids start in users or orders; kept in the database as the "
            "sequence's MINVALUE (new: users=400000, orders=3422000)",
     .group = GROUP_DATABASE},
    {.name = "wait",
     .key = OPTION_WAIT,
     .arg = "SECONDS",
     .doc = "Wait so long for a server that is still starting, and for another run to end",
     .group = GROUP_DATABASE},
    {.name = "lock-timeout",
     .key = OPTION_LOCK_TIMEOUT,
     .arg = "SECONDS",
     .doc = "Wait no longer than this for a table that somebody else has locked",
     .group = GROUP_DATABASE},
    {.doc = "Rows:", .group = GROUP_ROWS},
    {.name = "check",
     .key = OPTION_CHECK,
     .doc = "Check the files only, without a database",
     .group = GROUP_ROWS},
    {.name = "verify",
     .key = OPTION_VERIFY,
     .doc = "Check the database's invariants, before the commit; needs no FILE",
     .group = GROUP_ROWS},
    {.name = "dry-run",
     .key = OPTION_DRY_RUN,
     .doc = "Do everything, then roll back",
     .group = GROUP_ROWS},
    {.name = "mode",
     .key = OPTION_MODE,
     .arg = "MODE",
     .doc = "A row that the database has already: insert (default: an error), skip (leave it), "
            "upsert (update it), replace (update it, and delete historical rows in no file)",
     .group = GROUP_ROWS},
    {.name = "duplicates",
     .key = OPTION_DUPLICATES,
     .arg = "WHAT",
     .doc = "The same key twice in the files: error (default), or keep the first or the last row",
     .group = GROUP_ROWS},
    {.name = "infer",
     .key = OPTION_INFER,
     .arg = "WHAT",
     .doc = "Make a placeholder for each id that is nowhere: products, users, or none. Default: "
            "products, but only while neither the files nor the database have any product",
     .group = GROUP_ROWS},
    {.name = "rejects",
     .key = OPTION_REJECTS,
     .arg = "DIR",
     .doc = "Set bad rows aside in files of DIR, with the reasons, and load the rest; without it "
            "one bad row means that nothing is loaded",
     .group = GROUP_ROWS},
    {.name = "max-rejects",
     .key = OPTION_MAX_REJECTS,
     .arg = "N|N%",
     .doc = "With --rejects: load nothing when more than N rows, or N % of those read, are bad",
     .group = GROUP_ROWS},
    {.name = "rebuild",
     .key = OPTION_REBUILD,
     .arg = "WHEN",
     .doc = "Drop and re-create indexes and constraints around the load (fast, locks the tables): "
            "auto (default: when much comes in against what is there), always, never",
     .group = GROUP_ROWS},
    {.name = "skip-loaded",
     .key = OPTION_SKIP_LOADED,
     .doc = "Skip files whose very bytes an earlier run has loaded, as the ledger tells",
     .group = GROUP_ROWS},
    {.doc = "Output:", .group = GROUP_OUTPUT},
    {.name = "id-map",
     .key = OPTION_ID_MAP,
     .arg = "FILE",
     .doc = "Write table,id,external_id of every row loaded, as committed",
     .group = GROUP_OUTPUT},
    {.name = "progress",
     .key = OPTION_PROGRESS,
     .arg = "WHEN",
     .doc = "Say how far the run is: auto (default: on a terminal), always, never",
     .group = GROUP_OUTPUT},
    {.name = "log-format",
     .key = OPTION_LOG_FORMAT,
     .arg = "FORMAT",
     .doc = "What standard error gets: text (default), or json, an object a line",
     .group = GROUP_OUTPUT},
    {.name = "report",
     .key = OPTION_REPORT,
     .arg = "FILE",
     .doc = "Write a report in JSON, also when the run fails; - is standard output, instead of the "
            "summary",
     .group = GROUP_OUTPUT},
    {.name = "quiet",
     .key = OPTION_QUIET,
     .doc = "No summary, only what is wrong",
     .group = GROUP_OUTPUT},
    {.name = "verbose",
     .key = OPTION_VERBOSE,
     .doc = "Say what is being done",
     .group = GROUP_OUTPUT},
    {.doc = "Help:", .group = -1},
    {0},
};

static const char documentation[] =
    "Load TimeL-E's CSV history into PostgreSQL, all of it or nothing: the id in the file stays "
    "the internal key, a random UUID becomes the external id, foreign keys are proven, sequences "
    "are set past the history."
    "\vFILEs are recognised by their header, in any order: users, orders, order items, order "
    "status "
    "history, products, enriched products, aisles, departments; - is standard input.\n\n"
    "Exit status: 0 loaded, 1 loaded but for rejected rows (--rejects), 2 bad data, 3 database "
    "error, 4 file error, 5 another run is loading, "
    "6 broken invariant, 64 usage, 70 a bug in the program, 130 interrupted, 143 terminated. "
    "Unless it is 0 or 1, "
    "nothing was changed.\n\n"
    "Example: timele-load --create-schema users.csv orders.csv order_products.csv";

static void parse_mode(const char *name, struct options *options, struct argp_state *state)
{
    if (!mode_find(name, &options->run.mode))
        argp_error(state, "--mode takes insert, skip, upsert or replace, not '%s'", name);
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
        argp_error(state, "--duplicates takes error, first or last, not '%s'", what);
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
        argp_error(state, "--rebuild takes auto, always or never, not '%s'", when);
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
        argp_error(state, "--progress takes auto, always or never, not '%s'", when);
}

static void parse_log_format(const char *format, struct options *options, struct argp_state *state)
{
    if (strcmp(format, "text") == 0)
        options->log_format = LOG_TEXT;
    else if (strcmp(format, "json") == 0)
        options->log_format = LOG_JSON;
    else
        argp_error(state, "--log-format takes text or json, not '%s'", format);
}

static void parse_infer(const char *what, struct options *options, struct argp_state *state)
{
    enum table_id id = table_find(what);

    if (strcmp(what, "none") == 0)
        options->run.infer.nothing = true;
    else if (id == TABLE_NONE || !table_get(id)->inferable)
        argp_error(state, "--infer takes products, users or none, not '%s'", what);
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
        argp_error(state,
                   "--max-rejects takes a number of rows, or a percentage like 0.5%%, not '%s'",
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
        argp_error(state, "--floor takes users=N or orders=N, not '%s'", argument);
    else if (integer_parse(equals + 1, strlen(equals + 1), &floor) != NULL || floor < FLOOR_MIN ||
             floor > FLOOR_MAX)
        argp_error(state, "--floor takes a number from %" PRId64 " to %" PRId64 ", not '%s'",
                   FLOOR_MIN, FLOOR_MAX, equals + 1);
    else
        options->run.floors[id] = floor;
}

static void parse_seconds(const char *name, const char *argument, int64_t minimum, int *seconds,
                          struct argp_state *state)
{
    int64_t value = 0;

    if (integer_parse(argument, strlen(argument), &value) != NULL || value < minimum ||
        value > SECONDS_MAX)
        argp_error(state, "%s takes seconds from %" PRId64 " to %d, not '%s'", name, minimum,
                   SECONDS_MAX, argument);
    else
        *seconds = (int)value;
}

/* Keeps an option to be told, by its long name and without what nobody may know. */
static error_t keep_option(const struct argp_option *option, const char *argument,
                           struct options *options)
{
    char *conninfo = option->key == OPTION_DBNAME ? conninfo_tell(argument) : NULL;
    char *text = NULL;
    int length;

    if (option->key == OPTION_DBNAME && conninfo == NULL)
        return ENOMEM;
    if (option->arg == NULL)
        length = asprintf(&text, "--%s", option->name);
    else
        length = asprintf(&text, "--%s=%s", option->name, conninfo != NULL ? conninfo : argument);
    free(conninfo);
    if (length < 0)
        return ENOMEM;
    options->given[options->run.given_count++] = text;
    return 0;
}

static error_t note_option(int key, const char *argument, struct options *options)
{
    for (const struct argp_option *option = option_table; option->doc != NULL; option++)
        if (option->name != NULL && option->key == key)
            return keep_option(option, argument, options);
    return 0;
}

/* What an option without an argument sets; NULL for one that is no switch of the run. */
static bool *find_switch(int key, struct run_options *run)
{
    switch (key) {
    case OPTION_CREATE_SCHEMA:
        return &run->create_schema;
    case OPTION_RESET:
        return &run->reset;
    case OPTION_FORCE:
        return &run->force;
    case OPTION_CHECK:
        return &run->check;
    case OPTION_VERIFY:
        return &run->verify;
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
    case OPTION_FLOOR:
        parse_floor(argument, options, state);
        return 0;
    case OPTION_WAIT:
        parse_seconds("--wait", argument, 0, &options->run.wait, state);
        return 0;
    case OPTION_LOCK_TIMEOUT:
        parse_seconds("--lock-timeout", argument, 1, &options->run.lock_timeout, state);
        return 0;
    case OPTION_QUIET:
        options->level = LOG_QUIET;
        return 0;
    case OPTION_VERBOSE:
        options->level = LOG_VERBOSE;
        return 0;
    case ARGP_KEY_ARG:
        options->paths[options->run.path_count++] = argument;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    error_t noted = note_option(key, argument, state->input);

    return noted != 0 ? noted : take_option(key, argument, state);
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
    static const struct argp parser = {.options = option_table,
                                       .parser = parse_option,
                                       .args_doc = "FILE...",
                                       .doc = documentation};
    error_t failure;

    *options = (struct options){.level = LOG_NORMAL};
    options->paths = calloc((size_t)argc + 1, sizeof(const char *));
    /* One argument may hold several short options. */
    options->given = calloc(count_characters(argc, argv), sizeof(char *));
    if (options->paths == NULL || options->given == NULL)
        return error_memory(error);
    options->run.paths = options->paths;
    options->run.given = (const char *const *)options->given;
    argp_program_version_hook = print_version;
    argp_err_exit_status = error_exit_status(ERROR_USAGE);
    failure = argp_parse(&parser, argc, argv, 0, NULL, options);
    if (failure == ENOMEM)
        return error_memory(error);
    if (failure != 0)
        return error_set(error, ERROR_USAGE, "cannot read the command line: %s", strerror(failure));
    return true;
}

void options_free(struct options *options)
{
    for (size_t i = 0; i < options->run.given_count; i++)
        free(options->given[i]);
    free(options->given);
    free(options->paths);
    *options = (struct options){0};
}
