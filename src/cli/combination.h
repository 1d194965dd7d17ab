/*
 * Options that make no sense together.
 */
#ifndef CLI_COMBINATION_H
#define CLI_COMBINATION_H

#include "cli/options.h"

#include <stdbool.h>

/* ERROR_USAGE when the options contradict each other, or name files for output that must not be
 * written over (cli/outputs, also ERROR_FILE). Then options->report becomes NULL as well: no report
 * is written. */
bool combination_check(struct options *options, struct error *error);

#endif
