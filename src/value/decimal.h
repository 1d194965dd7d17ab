/*
 * Text to exact decimal, as PostgreSQL's numeric reads it
 * (PostgreSQL manual, 8.1.2 "Arbitrary Precision Numbers").
 */
#ifndef VALUE_DECIMAL_H
#define VALUE_DECIMAL_H

#include "value/value_fault.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The most fraction digits decimal_parse can be asked for. */
enum { DECIMAL_SCALE_MAX = 12 };

/*
 * Reads a decimal number ("24.58", ".5", "5.", "-1", "1e2") and gives it in units of 10^-scale,
 * rounded half away from zero at that digit, exactly as a cast to numeric(p, scale) rounds the
 * text, however many digits it has. Surrounding blanks are not accepted.
 *
 * Returns NULL and sets *units, or the fault: VALUE_FAULT_TYPE, "not a number" (NaN and Infinity
 * too), or VALUE_FAULT_RANGE, "out of range", when the result does not fit an int64_t, or when
 * PostgreSQL reads no number with so many fraction digits (16,384 and more, those that a negative
 * exponent makes included) or with such an exponent.
 */
const struct value_fault *decimal_parse(const char *text, size_t length, unsigned scale,
                                        int64_t *units);

/* Whether a number, which decimal_parse has read, is not 0 and yet too small for a double:
 * PostgreSQL then refuses it. */
bool decimal_underflows_double(const char *text, size_t length);

/* units × 10^-scale as the nearest double: 2458, 2 gives 24.58. */
double decimal_to_double(int64_t units, unsigned scale);

/*
 * Writes units × 10^-scale in PostgreSQL's binary numeric format (numeric_send: ndigits, weight,
 * sign, dscale, then base-10000 digits, all int16 in network byte order), as numeric(p, scale)
 * stores it. Returns the number of bytes written, at most DECIMAL_BINARY_SIZE.
 */
enum { DECIMAL_BINARY_SIZE = 8 + 2 * 8 };
size_t decimal_encode_numeric(int64_t units, unsigned scale, uint8_t binary[DECIMAL_BINARY_SIZE]);

#endif
