/*
 * Options that make no sense together.
 */
#ifndef CLI_COMBINATION_H
#define CLI_COMBINATION_H

#include "cli/options.h"

#include <stdbool.h>

/* ERROR_USAGE when the options contradict each other, or name a file for output that is read as
 * input. If that is the report's file, options->report becomes NULL: no report is written then. */
bool combination_check(struct options *options, struct error *error);

#endif
