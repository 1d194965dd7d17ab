/*
 * The completion for bash. It needs nothing but bash 4 itself.
 */
#ifndef COMPLETION_BASH_COMPLETION_H
#define COMPLETION_BASH_COMPLETION_H

#include <argp.h>

/* Writes it onto standard output. `table` ends with a zeroed option. */
void bash_completion_print(const struct argp_option *table);

#endif
