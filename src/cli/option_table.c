#include "cli/option_table.h"

#include <stddef.h>

enum option_group { GROUP_HELP = -1, GROUP_DATABASE = 1, GROUP_ROWS, GROUP_OUTPUT };

static const struct argp_option table[] = {
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
    {.name = "create-api",
     .key = OPTION_CREATE_API,
     .doc = "Then create the API, the schema api, or bring it up to date; needs no FILE",
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
    {.name = "jobs",
     .key = OPTION_JOBS,
     .arg = "N",
     .doc = "With --create-schema: fill new tables over N connections side by side (default: one "
            "for each processor, at most 4; 1: all in one transaction)",
     .group = GROUP_DATABASE},
    {.doc = "Rows:", .group = GROUP_ROWS},
    {.name = "check",
     .key = OPTION_CHECK,
     .doc = "Check the files only, without a database",
     .group = GROUP_ROWS},
    {.name = "verify",
     .key = OPTION_VERIFY,
     .arg = "full",
     .flags = OPTION_ARG_OPTIONAL,
     .doc =
         "Check the database's invariants, before the commit; needs no FILE; =full: read also the "
         "rows that a constraint proves right",
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
     .doc = "Skip files whose very bytes an earlier run has loaded whole, as the ledger tells",
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
    {.name = "color",
     .key = OPTION_COLOR,
     .arg = "WHEN",
     .doc = "Colour the words error: and warning: on standard error: auto (default: on a terminal, "
            "unless NO_COLOR is set), always, never",
     .group = GROUP_OUTPUT},
    {.name = "log-format",
     .key = OPTION_LOG_FORMAT,
     .arg = "FORMAT",
     .doc = "What standard error gets: text (default), json, an object a line, or github, "
            "annotations of GitHub Actions",
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
    {.doc = "Help:", .group = GROUP_HELP},
    {.name = "help", .key = OPTION_HELP, .doc = "Give this help list", .group = GROUP_HELP},
    {.key = OPTION_HELP_TOO, .flags = OPTION_HIDDEN, .doc = "The same", .group = GROUP_HELP},
    {.name = "usage",
     .key = OPTION_USAGE,
     .doc = "Give a short usage message",
     .group = GROUP_HELP},
    {.name = "version", .key = OPTION_VERSION, .doc = "Print program version", .group = GROUP_HELP},
    {0},
};

static const char documentation[] =
    "Load TimeL-E's CSV history into PostgreSQL, all of it or nothing: the id in the file stays "
    "the internal key, a random UUID becomes the external id, foreign keys are proven, sequences "
    "are set past the history."
    "\vFILEs are recognised by their header, in any order: users, orders, order items, order "
    "status "
    "history, products, enriched products, aisles, departments. A directory stands for the CSV "
    "files in it, an archive for its members; - is standard input.\n\n"
    "Exit status: 0 loaded, 1 loaded but for rejected rows (--rejects), 2 bad data, 3 database "
    "error, 4 file error, 5 another run is loading, "
    "6 broken invariant, 64 usage, 70 a bug in the program, 130 interrupted, 143 terminated. "
    "Unless it is 0 or 1, "
    "nothing was changed.\n\n"
    "Example: timele-load --create-schema users.csv orders.csv order_products.csv";

const struct argp_option *option_table(void)
{
    return table;
}

const struct argp_option *option_table_find(int key)
{
    for (const struct argp_option *option = table; option->doc != NULL; option++)
        if (option->key != 0 && option->key == key)
            return option;
    return NULL;
}

struct argp option_table_parser(void)
{
    return (struct argp){.options = table, .args_doc = "FILE...", .doc = documentation};
}
