/*
 * Texts of each type that somebody chose, and the characters that such texts are made of.
 */
#ifndef DIFFERENTIAL_EXAMPLE_H
#define DIFFERENTIAL_EXAMPLE_H

#include "table/description.h"

/* The texts of a type that are worth a try as they are, the last one NULL. */
const char *const *differential_example_texts(enum column_type type);

/* The characters that a text of a type is made of, and those that stand near them. */
const char *differential_example_alphabet(enum column_type type);

#endif
