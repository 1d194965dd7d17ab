/*
 * The values of options: from a text to what a run is asked for.
 */
#ifndef CLI_OPTION_VALUE_H
#define CLI_OPTION_VALUE_H

#include "base/error.h"
#include "cli/option_settings.h"

#include <argp.h>
#include <stdbool.h>

/* The words that the value of an option has to be one of, NULL after the last; NULL for an option
 * whose value is not chosen from a list. */
const char *const *option_value_words(int key);

/* The words of TABLE=N, before the `=`, NULL after the last; NULL for an option that takes none
 * such. */
const char *const *option_value_beginnings(int key);

/*
 * Takes the value of an option that has one; NULL where it is left out and may be. Texts are
 * borrowed. False with ERROR_USAGE when the option cannot have this value: the message says what it
 * takes, and the hint what was meant, where that can be told.
 */
bool option_value_take(const struct argp_option *option, const char *value, struct options *options,
                       struct error *error);

#endif
