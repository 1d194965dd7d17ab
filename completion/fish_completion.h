/*
 * The completion for fish: a `complete` for each option.
 */
#ifndef COMPLETION_FISH_COMPLETION_H
#define COMPLETION_FISH_COMPLETION_H

#include <argp.h>

/* Writes it onto standard output. `table` ends with a zeroed option. */
void fish_completion_print(const struct argp_option *table);

#endif
