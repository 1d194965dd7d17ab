/*
 * Texts that are a value of a column, or nearly one: made by chance from a seed.
 */
#ifndef DIFFERENTIAL_TEXT_H
#define DIFFERENTIAL_TEXT_H

#include "../../bench/generate_random.h"
#include "table/description.h"

#include <stddef.h>

/* More than the longest text that is made, and as much again for what changes it. */
enum { DIFFERENTIAL_TEXT_SIZE = 48 * 1024 };

/* Caller-owned; not NUL-terminated. */
struct differential_text {
    size_t length;
    char bytes[DIFFERENTIAL_TEXT_SIZE];
};

/* Makes the text with this number for a column: the same for the same seed. Only a text column
 * gets the empty text. */
void differential_text_make(const struct column *column, uint64_t seed, uint64_t number,
                            struct differential_text *text);

/* Adds bytes, or one of them; what does not fit is left out. */
void differential_text_add(struct differential_text *text, const char *bytes, size_t length);
void differential_text_add_byte(struct differential_text *text, char byte);

/* Adds a string. */
void differential_text_add_string(struct differential_text *text, const char *string);

/* Adds what printf would print, at most 63 bytes of it. */
void differential_text_print(struct differential_text *text, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
