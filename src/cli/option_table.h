/*
 * Every option of the command line, with the text that --help has for it, as argp takes them.
 */
#ifndef CLI_OPTION_TABLE_H
#define CLI_OPTION_TABLE_H

#include <argp.h>

/* What argp calls an option; a letter where there is a short one. */
enum option_key {
    OPTION_DBNAME = 'd',
    OPTION_HELP = 'h',
    OPTION_HELP_TOO = '?',
    OPTION_QUIET = 'q',
    OPTION_VERBOSE = 'v',
    OPTION_VERSION = 'V',
    OPTION_CREATE_SCHEMA = 256,
    OPTION_CREATE_API,
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
    OPTION_COLOR,
    OPTION_LOG_FORMAT,
    OPTION_REPORT,
    OPTION_SKIP_LOADED,
    OPTION_FLOOR,
    OPTION_WAIT,
    OPTION_LOCK_TIMEOUT,
    OPTION_JOBS,
    OPTION_DRY_RUN,
    OPTION_VERIFY,
    OPTION_USAGE
};

/* All options in the order of --help; the last is followed by a zeroed one. */
const struct argp_option *option_table(void);

/* The option of a key; NULL for a key that is none, as those are that argp makes up itself. */
const struct argp_option *option_table_find(int key);

/* An argp of all options, with what --help says beside; who wants to parse adds the function. */
struct argp option_table_parser(void);

#endif
