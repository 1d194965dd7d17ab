/*
 * Text to integer.
 */
#ifndef VALUE_INTEGER_H
#define VALUE_INTEGER_H

#include <stddef.h>
#include <stdint.h>

/*
 * Reads a decimal integer: an optional sign, digits, and at most a fraction of zeros ("7.0", as
 * pandas writes integers of a column with gaps). Leading zeros are fine ("08"); blanks, exponents
 * and "7." are not.
 *
 * Returns NULL and sets *value, or a static message ("not an integer", "not a whole number",
 * "out of range for bigint").
 */
const char *integer_parse(const char *text, size_t length, int64_t *value);

#endif
