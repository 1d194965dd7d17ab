/*
 * The command line (argp).
 */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include "base/error.h"
#include "base/log.h"
#include "cli/arguments.h"
#include "cli/progress.h"
#include "run/record.h"

#include <stdbool.h>

/* Everything the command line says. Caller-owned; freed by options_free. */
struct options {
    struct run_options run;
    enum log_level level;
    enum log_format log_format;
    enum progress_when progress;
    const char *report; /* where to write the report; NULL: nowhere */
    struct arguments arguments;
    char **given;       /* what run.given points to */
    const char **paths; /* what run.paths points to */
};

/*
 * Reads the command line, each option by itself (cli/combination looks at them together). --help,
 * --usage and --version print and end the program with status 0, a wrong option with 64, as argp
 * does.
 */
bool options_parse(int argc, char **argv, struct options *options, struct error *error);

void options_free(struct options *options);

#endif
