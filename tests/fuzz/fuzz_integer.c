/*
 * value/integer against a reading by 128-bit arithmetic, which cannot overflow unseen.
 */
#include "value/integer.h"

#include "fuzz_target.h"

#include <inttypes.h>

enum expected { WHOLE, NOT_WHOLE, OUT_OF_RANGE, NO_INTEGER };

static size_t count_digits(const char *text, size_t length)
{
    size_t count = 0;

    while (count < length && text[count] >= '0' && text[count] <= '9')
        count++;
    return count;
}

static enum expected read_plainly(const char *text, size_t length, int64_t *value)
{
    bool has_sign = length > 0 && (text[0] == '-' || text[0] == '+');
    size_t start = has_sign ? 1 : 0;
    size_t digits = count_digits(text + start, length - start);
    size_t point = start + digits;
    __int128 number = 0;

    if (digits == 0)
        return NO_INTEGER;
    if (point < length &&
        (text[point] != '.' || point + 1 == length ||
         count_digits(text + point + 1, length - point - 1) != length - point - 1))
        return NO_INTEGER;
    for (size_t i = point + 1; i < length; i++)
        if (text[i] != '0')
            return NOT_WHOLE;
    for (size_t i = start; i < point; i++)
        if (number <= (__int128)INT64_MAX + 1)
            number = number * 10 + (text[i] - '0');
    if (text[0] == '-')
        number = -number;
    if (number < INT64_MIN || number > INT64_MAX)
        return OUT_OF_RANGE;
    *value = (int64_t)number;
    return WHOLE;
}

static void check(const char *text, size_t length)
{
    int64_t expected = 0, value = 0, quick = 0;
    enum expected outcome = read_plainly(text, length, &expected);
    const struct value_fault *fault = integer_parse(text, length, &value);
    char again[32];

    REQUIRE((fault == NULL) == (outcome == WHOLE), "%s", fault != NULL ? fault->text : "accepted");
    if (integer_parse_digits(text, length, &quick))
        REQUIRE(fault == NULL && quick == value, "%" PRId64 ", %" PRId64, quick, value);
    if (fault != NULL) {
        REQUIRE((fault->code == VALUE_FAULT_RANGE) == (outcome == OUT_OF_RANGE), "%s", fault->text);
        REQUIRE((strstr(fault->text, "whole") != NULL) == (outcome == NOT_WHOLE), "%s",
                fault->text);
        return;
    }
    REQUIRE(value == expected, "%" PRId64 ", not %" PRId64, value, expected);
    (void)snprintf(again, sizeof again, "%" PRId64, value);
    REQUIRE(integer_parse(again, strlen(again), &expected) == NULL && expected == value, "%s",
            again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return try_exactly(data, size, check);
}
