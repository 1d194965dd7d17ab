/*
 * Text to integer.
 */
#ifndef VALUE_INTEGER_H
#define VALUE_INTEGER_H

#include "value/value_fault.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Reads a decimal integer: an optional sign, digits, and at most a fraction of zeros ("7.0", as
 * pandas writes integers of a column with gaps). Leading zeros are fine ("08"); blanks, exponents
 * and "7." are not.
 *
 * Returns NULL and sets *value, or the fault: VALUE_FAULT_TYPE ("not an integer", "not a whole
 * number") or VALUE_FAULT_RANGE ("out of range for bigint").
 */
const struct value_fault *integer_parse(const char *text, size_t length, int64_t *value);

/* So many digits fit an int64_t, whatever they are. */
enum { INTEGER_SAFE_DIGITS = 18 };

/* The plain case of integer_parse, for the inside of loops: 1 to INTEGER_SAFE_DIGITS digits and
 * nothing else. False for any other text; integer_parse says whether that is an integer. */
static inline bool integer_parse_digits(const char *text, size_t length, int64_t *value)
{
    uint64_t number = 0;

    if (length == 0 || length > INTEGER_SAFE_DIGITS)
        return false;
    for (size_t i = 0; i < length; i++) {
        unsigned digit = (unsigned)(unsigned char)text[i] - '0';

        if (digit > 9)
            return false;
        number = number * 10 + digit;
    }
    *value = (int64_t)number;
    return true;
}

#endif
