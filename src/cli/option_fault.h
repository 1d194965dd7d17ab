/*
 * Options that argp does not take: what is wrong with them.
 */
#ifndef CLI_OPTION_FAULT_H
#define CLI_OPTION_FAULT_H

#include "base/error.h"

#include <stdbool.h>

/*
 * Sets ERROR_USAGE: the option that an argument begins with or, of several short ones, the first
 * that is wrong, is unknown, ambiguous, lacks its value or has one that it does not take. What was
 * meant stands in the hint, where that can be told. Always returns false.
 */
bool option_fault_set(const char *argument, struct error *error);

/* Whether an argument is a long option, written out, with one dash in the place of two. */
bool option_fault_lacks_dash(const char *argument);

/* Whether an argument is a long option, abbreviated or not: as the value of the option before it,
 * it was not meant. */
bool option_fault_is_option(const char *argument);

/* Sets ERROR_USAGE: the option has another one, which follows it, where its value should be. Always
 * returns false. */
bool option_fault_set_swallowed(int key, const char *swallowed, struct error *error);

#endif
