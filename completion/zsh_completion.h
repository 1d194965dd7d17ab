/*
 * The completion for zsh: a function for its _arguments.
 */
#ifndef COMPLETION_ZSH_COMPLETION_H
#define COMPLETION_ZSH_COMPLETION_H

#include <argp.h>

/* Writes it onto standard output. `table` ends with a zeroed option. */
void zsh_completion_print(const struct argp_option *table);

#endif
