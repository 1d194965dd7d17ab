/*
 * A text that is made piece by piece, short enough to be a part of a message.
 */
#ifndef BASE_SHORT_TEXT_H
#define BASE_SHORT_TEXT_H

#include <stdbool.h>
#include <stddef.h>

enum { SHORT_TEXT_SIZE = 512 };

/* Caller-owned; zeroed is empty. */
struct short_text {
    char bytes[SHORT_TEXT_SIZE];
    size_t length;
    bool is_cut; /* there was no room for all of it */
};

void short_text_append(struct short_text *text, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
