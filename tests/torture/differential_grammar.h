/*
 * What a text of each type of column looks like: values of every form that is taken, values at the
 * limits, and what PostgreSQL takes beyond.
 */
#ifndef DIFFERENTIAL_GRAMMAR_H
#define DIFFERENTIAL_GRAMMAR_H

#include "differential_text.h"

/* Adds a text that keeps to the type's grammar. */
void differential_grammar_add(const struct column *column, struct random *random,
                              struct differential_text *text);

#endif
