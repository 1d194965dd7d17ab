/*
 * value/decimal against a reading that writes the number out, digit by digit, and rounds that. What
 * is read is encoded as PostgreSQL's binary numeric, and decoded again.
 *
 * The first byte is the scale; the rest, the text.
 */
#include "value/decimal.h"

#include "fuzz_target.h"

#include <errno.h>
#include <inttypes.h>

/* Numbers of more places are left to the unit tests. */
enum { PLACES = 200, PLACES_IN_ALL = 400 };

/* A number as digits before and behind the point, written out. */
struct written {
    bool negative;
    char digits[PLACES_IN_ALL]; /* PLACES before the point */
};

#define DIGITS "0123456789"

static bool is_digit(char character)
{
    return character >= '0' && character <= '9';
}

/* Whether the text has the form [sign] digits [. digits] [e [sign] digits], by strspn alone. */
static bool has_form(const char *text)
{
    size_t places;

    if (*text == '-' || *text == '+')
        text++;
    places = strspn(text, DIGITS);
    text += places;
    if (*text == '.') {
        size_t behind = strspn(text + 1, DIGITS);

        places += behind;
        text += 1 + behind;
    }
    if (places == 0)
        return false;
    if (*text == '\0')
        return true;
    if (*text != 'e' && *text != 'E')
        return false;
    text++;
    if (*text == '-' || *text == '+')
        text++;
    return text[0] != '\0' && text[strspn(text, DIGITS)] == '\0';
}

/* False where it takes too many places. */
static bool write_out(const char *text, struct written *written)
{
    const char *exponent = strpbrk(text, "eE");
    const char *point = strchr(text, '.');
    const char *end = exponent != NULL ? exponent : text + strlen(text);
    long shift = exponent != NULL ? strtol(exponent + 1, NULL, 10) : 0;
    long place;

    written->negative = text[0] == '-';
    memset(written->digits, '0', sizeof written->digits);
    if (*text == '-' || *text == '+')
        text++;
    if (shift > PLACES || shift < -PLACES || end - text > PLACES)
        return false;
    place = PLACES - ((point != NULL ? point : end) - text) - shift;
    for (; text < end; text++) {
        if (!is_digit(*text))
            continue;
        if (place < 0 || place >= PLACES_IN_ALL)
            return false;
        written->digits[place++] = *text;
    }
    return true;
}

/* Rounds half away from zero; false when the number does not fit. */
static bool round_plainly(const struct written *written, unsigned scale, int64_t *units)
{
    size_t end = PLACES + scale;
    __int128 number = 0;

    for (size_t i = 0; i < end; i++) {
        number = number * 10 + (written->digits[i] - '0');
        if (number > (__int128)INT64_MAX + 1)
            return false;
    }
    if (written->digits[end] >= '5')
        number++;
    if (written->negative)
        number = -number;
    *units = (int64_t)number;
    return number >= INT64_MIN && number <= INT64_MAX;
}

static unsigned get_int16(const uint8_t *binary, size_t index)
{
    return (unsigned)(binary[2 * index] << 8 | binary[2 * index + 1]);
}

/* Decodes what numeric_send writes: digits of base 10000 from 10000^weight on. */
static void check_binary(int64_t units, unsigned scale)
{
    enum { HEAD = 4 };
    uint8_t binary[DECIMAL_BINARY_SIZE];
    size_t size = decimal_encode_numeric(units, scale, binary);
    unsigned count = get_int16(binary, 0);
    int weight = (int16_t)get_int16(binary, 1);
    char text[PLACES] = "", decoded[PLACES];
    struct written written;
    int64_t again = 0;

    REQUIRE(size == (HEAD + (size_t)count) * 2, "%zu bytes, %u digits", size, count);
    REQUIRE(get_int16(binary, 2) == (units < 0 ? 0x4000 : 0), "sign of %" PRId64, units);
    REQUIRE(get_int16(binary, 3) == scale, "scale %u", get_int16(binary, 3));
    for (unsigned i = 0; i < count; i++) {
        REQUIRE(get_int16(binary, HEAD + i) < 10000, "digit %u", get_int16(binary, HEAD + i));
        (void)snprintf(text + strlen(text), sizeof text - strlen(text), "%04u",
                       get_int16(binary, HEAD + i));
    }
    REQUIRE(count == 0 ||
                (get_int16(binary, HEAD) != 0 && get_int16(binary, HEAD + count - 1) != 0),
            "a digit of %" PRId64 " is not needed", units);
    (void)snprintf(decoded, sizeof decoded, "%s%s%se%d", units < 0 ? "-" : "", text,
                   count == 0 ? "0" : "", count == 0 ? 0 : 4 * (weight + 1 - (int)count));
    REQUIRE(write_out(decoded, &written) && round_plainly(&written, scale, &again) &&
                again == units,
            "%s, not %" PRId64 " of scale %u", decoded, units, scale);
}

static void check_double(int64_t units, unsigned scale)
{
    char text[48];

    (void)snprintf(text, sizeof text, "%" PRId64 "e-%u", units, scale);
    REQUIRE(decimal_to_double(units, scale) == strtod(text, NULL), "%s", text);
}

/* strtod tells of a number too small for a double as PostgreSQL does. */
static void check_underflow(const char *text)
{
    double number;

    errno = 0;
    number = strtod(text, NULL);
    REQUIRE(decimal_underflows_double(text, strlen(text)) == (number == 0.0 && errno == ERANGE),
            "%s is %g", text, number);
}

static void check(const char *text, size_t length, unsigned scale)
{
    const struct value_fault *fault;
    struct written written;
    int64_t units = 0, expected = 0;

    fault = decimal_parse(text, length, scale, &units);
    if (memchr(text, '\0', length) != NULL || !has_form(text)) {
        REQUIRE(fault != NULL && fault->code == VALUE_FAULT_TYPE, "%s is a number", text);
        return;
    }
    REQUIRE(fault == NULL || fault->code == VALUE_FAULT_RANGE, "%s is %s", text, fault->text);
    check_underflow(text);
    if (fault == NULL) {
        check_binary(units, scale);
        check_double(units, scale);
    }
    if (write_out(text, &written)) {
        bool fits = round_plainly(&written, scale, &expected);

        REQUIRE(fits == (fault == NULL), "%s: %s", text, fault != NULL ? fault->text : "fits");
        REQUIRE(!fits || units == expected, "%s is %" PRId64 ", not %" PRId64, text, expected,
                units);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *exact, *text;

    if (size == 0)
        return 0;
    exact = copy_exactly(data + 1, size - 1);
    text = strndup((const char *)data + 1, size - 1);
    REQUIRE(text != NULL, "out of memory");
    /* Where the text has a NUL, the exact copy is looked at alone. */
    if (strlen(text) == size - 1)
        check(text, size - 1, data[0] % (DECIMAL_SCALE_MAX + 1));
    else
        check(exact, size - 1, data[0] % (DECIMAL_SCALE_MAX + 1));
    (void)decimal_underflows_double(exact, size - 1);
    free(text);
    free(exact);
    return 0;
}
