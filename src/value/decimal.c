#include "value/decimal.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

static const struct value_fault not_a_number = {.code = VALUE_FAULT_TYPE, .text = "not a number"};
static const struct value_fault out_of_range = {.code = VALUE_FAULT_RANGE, .text = "out of range"};

/* In base 10000. */
enum { NUMERIC_DIGITS_MAX = (DECIMAL_BINARY_SIZE - 8) / 2 };

/* What PostgreSQL's numeric allows, whatever the value is: fraction digits and an exponent. */
enum { NUMERIC_FRACTION_MAX = 16383, NUMERIC_EXPONENT_LIMIT = INT32_MAX / 2 };

/* A number's text, taken apart: digits with at most one point among them, times 10^exponent. */
struct number {
    const char *mantissa;
    size_t mantissa_length;
    int64_t integer_digits;
    int64_t fraction_digits;
    int64_t exponent;
    bool negative;
};

static bool is_digit(char character)
{
    return character >= '0' && character <= '9';
}

static bool is_sign(char character)
{
    return character == '-' || character == '+';
}

static bool read_mantissa(const char *text, size_t length, struct number *number)
{
    size_t digits = 0;
    size_t position = 0;
    bool point = false;

    number->integer_digits = 0;
    number->fraction_digits = 0;
    for (; position < length; position++) {
        if (is_digit(text[position])) {
            digits++;
            number->integer_digits += point ? 0 : 1;
            number->fraction_digits += point ? 1 : 0;
        } else if (text[position] == '.' && !point) {
            point = true;
        } else {
            break;
        }
    }
    number->mantissa = text;
    number->mantissa_length = position;
    return digits > 0;
}

static bool read_exponent(const char *text, size_t length, int64_t *exponent)
{
    /* An exponent of this size stays out of range whatever the mantissa is, because no text has so
     * many digits. It is so far from INT64_MAX that the sums below do not overflow. */
    const int64_t saturated = INT64_MAX / 100;
    size_t start = length > 1 && is_sign(text[1]) ? 2 : 1;
    int64_t magnitude = 0;

    if (start >= length || (text[0] != 'e' && text[0] != 'E'))
        return false;
    for (size_t position = start; position < length; position++) {
        if (!is_digit(text[position]))
            return false;
        if (magnitude < saturated)
            magnitude = magnitude * 10 + (text[position] - '0');
    }
    *exponent = text[1] == '-' ? -magnitude : magnitude;
    return true;
}

static bool read_number(const char *text, size_t length, struct number *number)
{
    size_t sign = length > 0 && is_sign(text[0]) ? 1 : 0;
    size_t end;

    number->negative = sign > 0 && text[0] == '-';
    number->exponent = 0;
    if (sign == length || !read_mantissa(text + sign, length - sign, number))
        return false;
    end = sign + number->mantissa_length;
    return end == length || read_exponent(text + end, length - end, &number->exponent);
}

/*
 * Gives the number as a negative count of units, because INT64_MIN has no positive counterpart.
 * False when it does not fit.
 */
static bool count_units(const struct number *number, unsigned scale, int64_t *negated)
{
    int64_t kept_digits = number->integer_digits + number->exponent + (int64_t)scale;
    int64_t units = 0;

    for (size_t position = 0; position < number->mantissa_length && kept_digits >= 0; position++) {
        int digit = number->mantissa[position] - '0';

        if (number->mantissa[position] == '.')
            continue;
        if (kept_digits-- == 0) {
            if (digit >= 5 && __builtin_sub_overflow(units, 1, &units))
                return false;
        } else if (__builtin_mul_overflow(units, 10, &units) ||
                   __builtin_sub_overflow(units, digit, &units)) {
            return false;
        }
    }
    for (; kept_digits > 0 && units != 0; kept_digits--)
        if (__builtin_mul_overflow(units, 10, &units))
            return false;
    *negated = units;
    return true;
}

static bool is_numeric(const struct number *number)
{
    return number->exponent < NUMERIC_EXPONENT_LIMIT &&
           number->exponent > -NUMERIC_EXPONENT_LIMIT &&
           number->fraction_digits - number->exponent <= NUMERIC_FRACTION_MAX;
}

const struct value_fault *decimal_parse(const char *text, size_t length, unsigned scale,
                                        int64_t *units)
{
    struct number number;
    int64_t negated;

    if (!read_number(text, length, &number))
        return &not_a_number;
    if (!is_numeric(&number) || !count_units(&number, scale, &negated) ||
        (!number.negative && negated == INT64_MIN))
        return &out_of_range;
    *units = number.negative ? negated : -negated;
    return NULL;
}

/* Whether the mantissa's digits from a position on, read as a fraction, are at most those of half.
 */
static bool is_at_most(const struct number *number, size_t position, const char *half)
{
    for (; position < number->mantissa_length; position++) {
        char digit = number->mantissa[position];

        if (digit == '.')
            continue;
        if (*half == '\0' ? digit > '0' : digit != *half)
            return *half != '\0' && digit < *half;
        half += *half != '\0';
    }
    return true;
}

/* Half of the smallest double above 0, 2^-1075, is 2.4703...e-324, and is rounded to 0: 5^1075 has
 * its digits, all of which can decide. */
bool decimal_underflows_double(const char *text, size_t length)
{
    static const char half[] =
        "247032822920623272088284396434110686182529901307162382212792841250337753635104375932"
        "649918180817996189898282347722858865463328355177969898199387398005390939063150356595"
        "155702263922908583924491051844359318028499365361525003193704576782492193656236698636"
        "584807570015857692699037063119282795585513329278343384093519780155312465972635795746"
        "227664652728272200563740064854999770965994704540208281662262378573934507363390079677"
        "619305775067401763246736009689513405355374585166611342237666786041621596804619144672"
        "918403005300575308490487653917113865916462395249126236538818796362393732804238910186"
        "723484976682350898633885879256283027559956575244555072551893136908362547791869486679"
        "94968324049705821028513185451396213837722826145437693412532098591327667236328125";
    const int64_t half_exponent = -324;
    struct number number;
    int64_t exponent;
    size_t position = 0;

    if (!read_number(text, length, &number))
        return false;
    exponent = number.integer_digits + number.exponent - 1;
    for (; position < number.mantissa_length; position++) {
        char digit = number.mantissa[position];

        if (digit >= '1' && digit <= '9')
            break;
        exponent -= digit == '0' ? 1 : 0;
    }
    if (position == number.mantissa_length || exponent != half_exponent)
        return position < number.mantissa_length && exponent < half_exponent;
    return is_at_most(&number, position, half);
}

double decimal_to_double(int64_t units, unsigned scale)
{
    static const double powers[DECIMAL_SCALE_MAX + 1] = {1e0, 1e1, 1e2, 1e3,  1e4,  1e5, 1e6,
                                                         1e7, 1e8, 1e9, 1e10, 1e11, 1e12};
    const int64_t exact = INT64_C(1) << 53;
    char text[48];

    if (units >= -exact && units <= exact)
        return (double)units / powers[scale];

    /* A division would round twice: the units, and the quotient. strtod rounds once, and reads a
     * text without a point in the same way in every locale. */
    (void)snprintf(text, sizeof text, "%" PRId64 "e-%u", units, scale);
    return strtod(text, NULL);
}

static size_t put_int16(uint8_t *binary, size_t position, unsigned value)
{
    binary[position] = (uint8_t)(value >> 8 & 0xff);
    binary[position + 1] = (uint8_t)(value & 0xff);
    return position + 2;
}

/*
 * Splits units × 10^-scale into base-10000 digits, lowest first; the lowest holds the fraction's
 * last digits, filled up with zeros. Returns their number.
 */
static unsigned split_digits(uint64_t units, unsigned scale, unsigned digits[NUMERIC_DIGITS_MAX])
{
    static const unsigned powers[] = {1, 10, 100, 1000, 10000};
    unsigned odd_places = scale % 4;
    unsigned count = 0;

    if (odd_places > 0) {
        digits[count++] = (unsigned)(units % powers[odd_places]) * powers[4 - odd_places];
        units /= powers[odd_places];
    }
    for (; units > 0; units /= 10000)
        digits[count++] = (unsigned)(units % 10000);
    return count;
}

size_t decimal_encode_numeric(int64_t units, unsigned scale, uint8_t binary[DECIMAL_BINARY_SIZE])
{
    const unsigned sign_negative = 0x4000;
    uint64_t magnitude = units < 0 ? 0 - (uint64_t)units : (uint64_t)units;
    unsigned digits[NUMERIC_DIGITS_MAX];
    unsigned highest = split_digits(magnitude, scale, digits);
    unsigned lowest = 0;
    unsigned fraction_digits = (scale + 3) / 4;
    size_t size = 0;

    while (highest > 0 && digits[highest - 1] == 0)
        highest--;
    while (lowest < highest && digits[lowest] == 0)
        lowest++;
    size = put_int16(binary, size, highest - lowest);
    /* The weight may be negative; as unsigned it wraps into the int16 that PostgreSQL reads. */
    size = put_int16(binary, size, highest == 0 ? 0 : highest - 1 - fraction_digits);
    size = put_int16(binary, size, units < 0 ? sign_negative : 0);
    size = put_int16(binary, size, scale);
    while (highest > lowest)
        size = put_int16(binary, size, digits[--highest]);
    return size;
}
