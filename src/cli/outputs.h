/*
 * What a run would write over: --report and --id-map name files, and a file that is forgotten
 * behind them makes one of what was to be loaded.
 */
#ifndef CLI_OUTPUTS_H
#define CLI_OUTPUTS_H

#include "cli/options.h"

#include <stdbool.h>

/*
 * Looks at the files that the options name, and opens none but to see what an output would replace.
 *
 * ERROR_USAGE when an output is an input by whatever name, when two outputs are one file, standard
 * output and standard error among them where they are regular files, when an output has the name
 * of a CSV file in the directory of the rejected rows or in one whose files are loaded, when these
 * are one directory, and when an output would replace a regular file that is neither empty nor what
 * the option writes. ERROR_FILE when it may not be written, or read to see what it is.
 */
bool outputs_check(const struct options *options, struct error *error);

#endif
