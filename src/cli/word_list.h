/*
 * A list of words, one of which somebody has to choose; NULL stands after the last.
 */
#ifndef CLI_WORD_LIST_H
#define CLI_WORD_LIST_H

#include <stddef.h>

enum { WORD_LIST_SIZE = 512 };

/* "first, second or third", each behind `prefix`; `text` is returned. What does not fit is cut. */
const char *word_list_join(const char *const *words, const char *prefix, char text[WORD_LIST_SIZE]);

/* The number of the word; -1: there is none such. */
int word_list_find(const char *const *words, const char *text);

/* The word that was meant by what was typed, itself when it is one; NULL when none is near. */
const char *word_list_meant(const char *const *words, const char *typed, size_t length);

#endif
