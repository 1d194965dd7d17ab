/*
 * The command line (argp).
 */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include "base/error.h"
#include "cli/option_settings.h"

#include <stdbool.h>

/*
 * Reads the command line, each option by itself (cli/combination looks at them together), and
 * brings the vector into another order. The texts are borrowed. Nothing is printed: a question
 * (--help, --usage, --version) is noted, and what follows it is not looked at.
 *
 * ERROR_USAGE for the first option that is wrong. No report is wanted then (options->report is
 * NULL), but the error is to be told in the log's format, wherever that stands on the command line.
 */
bool options_parse(int argc, char **argv, struct options *options, struct error *error);

void options_free(struct options *options);

#endif
