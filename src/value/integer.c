#include "value/integer.h"

static const struct value_fault not_an_integer = {.code = VALUE_FAULT_TYPE,
                                                  .text = "not an integer"};
static const struct value_fault not_whole = {.code = VALUE_FAULT_TYPE,
                                             .text = "not a whole number"};
static const struct value_fault out_of_range = {.code = VALUE_FAULT_RANGE,
                                                .text = "out of range for bigint"};

static bool is_digit(char character)
{
    return character >= '0' && character <= '9';
}

static const struct value_fault *check_fraction(const char *text, size_t length)
{
    bool whole = true;

    if (text[0] != '.' || length == 1)
        return &not_an_integer;
    for (size_t position = 1; position < length; position++) {
        if (!is_digit(text[position]))
            return &not_an_integer;
        whole = whole && text[position] == '0';
    }
    return whole ? NULL : &not_whole;
}

/* Reads what integer_parse_digits leaves: signs, fractions, numbers that may overflow, and texts
 * that are no integers. */
static const struct value_fault *parse_with_care(const char *text, size_t length, int64_t *value)
{
    /* Counts below zero, because INT64_MIN has no positive counterpart. */
    int64_t negated = 0;
    bool negative = length > 0 && text[0] == '-';
    bool overflow = false;
    size_t start = negative || (length > 0 && text[0] == '+') ? 1 : 0;
    size_t end = start;
    const struct value_fault *fault;

    for (; end < length && is_digit(text[end]); end++)
        overflow = overflow || __builtin_mul_overflow(negated, 10, &negated) ||
                   __builtin_sub_overflow(negated, text[end] - '0', &negated);
    if (end == start)
        return &not_an_integer;
    fault = end == length ? NULL : check_fraction(text + end, length - end);
    if (fault != NULL)
        return fault;
    if (overflow || (!negative && negated == INT64_MIN))
        return &out_of_range;
    *value = negative ? negated : -negated;
    return NULL;
}

const struct value_fault *integer_parse(const char *text, size_t length, int64_t *value)
{
    return integer_parse_digits(text, length, value) ? NULL : parse_with_care(text, length, value);
}
