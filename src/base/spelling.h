/*
 * Words as people type them: which one of those that there are was meant.
 */
#ifndef BASE_SPELLING_H
#define BASE_SPELLING_H

#include <stdbool.h>
#include <stddef.h>

/* What is longer is no word, nor near one. */
enum { SPELLING_SIZE = 64 };

/* A word in lower case, with blanks, underscores and hyphens and without. */
struct spelling {
    char whole[SPELLING_SIZE];
    char bare[SPELLING_SIZE];
    size_t whole_length;
    size_t bare_length;
};

/* False when the text has no letter, or is too long. */
bool spelling_take(const char *text, size_t length, struct spelling *spelling);

/* Whether both are one word but for case, blanks, underscores and hyphens. */
bool spelling_is_same(const struct spelling *one, const struct spelling *other);

/*
 * How far what was typed is from a word, to be compared with its distance from other words: 0 when
 * it is the same, as spelling_is_same tells; SIZE_MAX when more than one letter is wrong, or more
 * than two in a word of six or more. A letter is wrong that has to be added, left out, replaced or
 * swapped with the next one.
 */
size_t spelling_distance(const struct spelling *typed, const struct spelling *word);

#endif
