#include "value/integer.h"

static bool is_digit(char character)
{
    return character >= '0' && character <= '9';
}

static const char *check_fraction(const char *text, size_t length)
{
    bool whole = true;

    if (text[0] != '.' || length == 1)
        return "not an integer";
    for (size_t position = 1; position < length; position++) {
        if (!is_digit(text[position]))
            return "not an integer";
        whole = whole && text[position] == '0';
    }
    return whole ? NULL : "not a whole number";
}

/* Signs, fractions, what might overflow, and what is wrong. */
static const char *parse_with_care(const char *text, size_t length, int64_t *value)
{
    /* Below zero, because INT64_MIN has no positive counterpart. */
    int64_t negated = 0;
    bool negative = length > 0 && text[0] == '-';
    bool overflow = false;
    size_t start = negative || (length > 0 && text[0] == '+') ? 1 : 0;
    size_t end = start;
    const char *message;

    for (; end < length && is_digit(text[end]); end++)
        overflow = overflow || __builtin_mul_overflow(negated, 10, &negated) ||
                   __builtin_sub_overflow(negated, text[end] - '0', &negated);
    if (end == start)
        return "not an integer";
    message = end == length ? NULL : check_fraction(text + end, length - end);
    if (message != NULL)
        return message;
    if (overflow || (!negative && negated == INT64_MIN))
        return "out of range for bigint";
    *value = negative ? negated : -negated;
    return NULL;
}

const char *integer_parse(const char *text, size_t length, int64_t *value)
{
    return integer_parse_digits(text, length, value) ? NULL : parse_with_care(text, length, value);
}
