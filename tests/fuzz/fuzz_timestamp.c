/*
 * value/timestamp against a reading by a regular expression, timegm(3) and strtod(3); and the way
 * back by timestamp_format.
 */
#include "value/timestamp.h"

#include "fuzz_target.h"

#include <inttypes.h>
#include <math.h>
#include <regex.h>
#include <stdbool.h>
#include <time.h>

#define DATE "([0-9]{4})-([0-9]{2})-([0-9]{2})"
#define TIME "([Tt]| )([0-9]{2}):([0-9]{2})(:([0-9]{2})([.][0-9]+)?)?"
#define ZONE " ?(([Zz])|([+-])([0-9]{2})(:?([0-9]{2})|:([0-9]{2}):([0-9]{2}))?)"

enum group {
    WHOLE,
    YEAR,
    MONTH,
    DAY,
    WITH_TIME,
    SEPARATOR,
    HOUR,
    MINUTE,
    WITH_SECOND,
    SECOND,
    FRACTION,
    WITH_ZONE,
    ZONE_TEXT,
    ZULU,
    ZONE_SIGN,
    ZONE_HOUR,
    ZONE_REST,
    ZONE_MINUTE,
    ZONE_MINUTE_BEFORE_SECOND,
    ZONE_SECOND,
    GROUPS
};

/* PostgreSQL keeps the parts of a longer text in a buffer that has no room for them. */
enum { TEXT_MAX = 140 };

#define SECOND_IN_MICROSECONDS INT64_C(1000000)
#define YEAR_2000              INT64_C(946684800)

static int number(const char *text, const regmatch_t *group)
{
    int value = 0;

    for (regoff_t i = group->rm_so; i >= 0 && i < group->rm_eo; i++)
        value = value * 10 + (text[i] - '0');
    return value;
}

static bool match(const char *text, regmatch_t groups[GROUPS])
{
    static regex_t expression;
    static bool compiled;

    if (!compiled)
        REQUIRE(regcomp(&expression, "^" DATE "(" TIME ")?(" ZONE ")?$", REG_EXTENDED) == 0,
                "the expression is wrong");
    compiled = true;
    return regexec(&expression, text, GROUPS, groups, 0) == 0;
}

static int64_t read_fraction(const char *text, const regmatch_t *group)
{
    char copy[TEXT_MAX + 2];

    if (group->rm_so < 0)
        return 0;
    (void)snprintf(copy, sizeof copy, "0%.*s", (int)(group->rm_eo - group->rm_so),
                   text + group->rm_so);
    return (int64_t)rint(strtod(copy, NULL) * 1e6);
}

static bool read_zone(const char *text, const regmatch_t groups[GROUPS], int64_t *east)
{
    int minute =
        number(text, &groups[ZONE_MINUTE]) + number(text, &groups[ZONE_MINUTE_BEFORE_SECOND]);
    int second = number(text, &groups[ZONE_SECOND]);
    int hour = number(text, &groups[ZONE_HOUR]);

    *east = hour * 3600 + minute * 60 + second;
    if (groups[ZONE_SIGN].rm_so >= 0 && text[groups[ZONE_SIGN].rm_so] == '-')
        *east = -*east;
    return hour <= 15 && minute <= 59 && second <= 59;
}

/* False: the text is no timestamp. */
static bool read_plainly(const char *text, int64_t *microseconds)
{
    regmatch_t groups[GROUPS];
    struct tm parts = {0}, day;
    int64_t fraction, of_day, east = 0;

    if (!match(text, groups))
        return false;
    /* Without a time a zone of "-03" would be a fourth part of the date. */
    if (groups[WITH_TIME].rm_so < 0 && groups[ZONE_SIGN].rm_so >= 0 &&
        text[groups[ZONE_SIGN].rm_so] == '-' && text[groups[WITH_ZONE].rm_so] != ' ')
        return false;
    day.tm_year = parts.tm_year = number(text, &groups[YEAR]) - 1900;
    day.tm_mon = parts.tm_mon = number(text, &groups[MONTH]) - 1;
    day.tm_mday = parts.tm_mday = number(text, &groups[DAY]);
    *microseconds = ((int64_t)timegm(&parts) - YEAR_2000) * SECOND_IN_MICROSECONDS;
    /* timegm takes the 31st of April for the 1st of May. */
    if (number(text, &groups[YEAR]) < 1 || parts.tm_year != day.tm_year ||
        parts.tm_mon != day.tm_mon || parts.tm_mday != day.tm_mday)
        return false;
    fraction = read_fraction(text, &groups[FRACTION]);
    of_day = (int64_t)number(text, &groups[HOUR]) * 3600 +
             (int64_t)number(text, &groups[MINUTE]) * 60 + number(text, &groups[SECOND]);
    of_day = of_day * SECOND_IN_MICROSECONDS + fraction;
    if (number(text, &groups[MINUTE]) > 59 || number(text, &groups[SECOND]) > 60 ||
        of_day > 86400 * SECOND_IN_MICROSECONDS || !read_zone(text, groups, &east))
        return false;
    *microseconds += of_day - east * SECOND_IN_MICROSECONDS;
    return true;
}

static void check(const char *text, size_t length)
{
    int64_t microseconds = 0, expected = 0, again = 0;
    const struct value_fault *fault = timestamp_parse(text, length, &microseconds);
    char formatted[TIMESTAMP_TEXT_SIZE];
    char *whole;
    bool right;

    if (length > TEXT_MAX)
        return;
    whole = strndup(text, length);
    REQUIRE(whole != NULL, "out of memory");
    right = strlen(whole) == length && read_plainly(whole, &expected);
    REQUIRE((fault == NULL) == right, "%s: %s", whole, fault != NULL ? fault->text : "accepted");
    REQUIRE(!right || microseconds == expected, "%s is %" PRId64 ", not %" PRId64, whole, expected,
            microseconds);
    free(whole);
    if (fault != NULL)
        return;
    (void)timestamp_format(microseconds, formatted);
    /* A zone can take the time into the year 0 or 10000. */
    if (strlen(formatted) > 5 && formatted[4] == '-' && strncmp(formatted, "0000", 4) != 0)
        REQUIRE(timestamp_parse(formatted, strlen(formatted), &again) == NULL &&
                    again == microseconds,
                "%s is %" PRId64 ", not %" PRId64, formatted, again, microseconds);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return try_exactly(data, size, check);
}
