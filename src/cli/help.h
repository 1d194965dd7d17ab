/*
 * What the program tells of itself: --help, --usage, --version.
 */
#ifndef CLI_HELP_H
#define CLI_HELP_H

#include "base/error.h"
#include "cli/option_settings.h"

#include <stdbool.h>
#include <stdio.h>

/*
 * Answers a question onto a stream, standard output, to its last byte. ERROR_FILE when it cannot be
 * written; a reader that wants no more of it, such as head(1), is no error.
 */
bool help_print(enum question question, FILE *stream, struct error *error);

#endif
