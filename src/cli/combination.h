/*
 * Options that make no sense together.
 */
#ifndef CLI_COMBINATION_H
#define CLI_COMBINATION_H

#include "cli/options.h"

#include <stdbool.h>

/* ERROR_USAGE when the options contradict each other, or would write over a file that is read; the
 * latter is not reported there either: options->report is then NULL. */
bool combination_check(struct options *options, struct error *error);

#endif
