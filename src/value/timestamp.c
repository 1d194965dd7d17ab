#include "value/timestamp.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define MICROSECONDS_PER_SECOND INT64_C(1000000)

enum { SECONDS_PER_DAY = 86400, DAYS_BEFORE_2000 = 730119 };

static const struct value_fault not_a_timestamp = {
    .code = VALUE_FAULT_TYPE, .text = "not a timestamp like 2016-08-19 09:16:40+00:00"};
static const struct value_fault no_such_day = {.code = VALUE_FAULT_TYPE, .text = "no such day"};

/* The parts that have a range. */
static const struct value_fault year_range = {.code = VALUE_FAULT_RANGE,
                                              .text = "year out of range"};
static const struct value_fault month_range = {.code = VALUE_FAULT_RANGE,
                                               .text = "month out of range"};
static const struct value_fault hour_range = {.code = VALUE_FAULT_RANGE,
                                              .text = "hour out of range"};
static const struct value_fault minute_range = {.code = VALUE_FAULT_RANGE,
                                                .text = "minute out of range"};
static const struct value_fault second_range = {.code = VALUE_FAULT_RANGE,
                                                .text = "second out of range"};
static const struct value_fault zone_range = {.code = VALUE_FAULT_RANGE,
                                              .text = "zone out of range"};

/* What is left of the text. */
struct cursor {
    const char *at;
    size_t left;
};

static bool is_digit(char character)
{
    return character >= '0' && character <= '9';
}

static bool take(struct cursor *text, char character)
{
    if (text->left == 0 || text->at[0] != character)
        return false;
    text->at++;
    text->left--;
    return true;
}

static bool take_number(struct cursor *text, size_t digits, int *number)
{
    *number = 0;
    if (text->left < digits)
        return false;
    for (size_t position = 0; position < digits; position++) {
        if (!is_digit(text->at[position]))
            return false;
        *number = *number * 10 + (text->at[position] - '0');
    }
    text->at += digits;
    text->left -= digits;
    return true;
}

static bool is_leap_year(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int days_in_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    return month == 2 && is_leap_year(year) ? 29 : days[month - 1];
}

/* Days since 2000-01-01 in the proleptic Gregorian calendar. */
static int day_number(int year, int month, int day)
{
    static const int before_month[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
    int years = year - 1;
    int before_year = 365 * years + years / 4 - years / 100 + years / 400;
    int leap_day = month > 2 && is_leap_year(year) ? 1 : 0;

    return before_year - DAYS_BEFORE_2000 + before_month[month - 1] + leap_day + day - 1;
}

static const struct value_fault *read_date(struct cursor *text, int *days)
{
    int year;
    int month;
    int day;

    if (!take_number(text, 4, &year) || !take(text, '-') || !take_number(text, 2, &month) ||
        !take(text, '-') || !take_number(text, 2, &day))
        return &not_a_timestamp;
    if (year == 0)
        return &year_range;
    if (month < 1 || month > 12)
        return &month_range;
    if (day < 1 || day > days_in_month(year, month))
        return &no_such_day;
    *days = day_number(year, month, day);
    return NULL;
}

/* PostgreSQL keeps the parts of a text (date, T, time, zone) in a buffer with a byte between them,
 * and refuses what does not fit. */
enum { PARTS_SIZE_MAX = 152 };

/* So many digits, and the power of ten that divides them, are doubles without rounding. */
enum { EXACT_DIGITS = 15 };

/* 0.DIGITS as the nearest double. Without a point strtod reads a number in the same way in every
 * locale. */
static double read_long_fraction(const char *digits, size_t count)
{
    char text[PARTS_SIZE_MAX + 8];

    (void)snprintf(text, sizeof text, "%.*se-%zu", (int)count, digits, count);
    return strtod(text, NULL);
}

/* Reads the digits after the point; false when there are none, or too many. PostgreSQL reads the
 * fraction with strtod and rounds it with rint: this gives the same double, so a half is rounded in
 * the same way. */
static bool read_fraction(struct cursor *text, int64_t *microseconds)
{
    const char *first = text->at;
    double digits = 0;
    double unit = 1;
    double exact;
    double beyond;
    size_t count = 0;

    for (; text->left > 0 && is_digit(text->at[0]); text->at++, text->left--, count++) {
        if (count < EXACT_DIGITS) {
            digits = digits * 10 + (text->at[0] - '0');
            unit *= 10;
        }
    }
    if (count == 0 || count > PARTS_SIZE_MAX)
        return false;
    exact = count > EXACT_DIGITS ? read_long_fraction(first, count) : digits / unit;
    exact *= (double)MICROSECONDS_PER_SECOND;
    *microseconds = (int64_t)exact;
    beyond = exact - (double)*microseconds;
    if (beyond > 0.5 || (beyond >= 0.5 && *microseconds % 2 != 0))
        ++*microseconds;
    return true;
}

static const struct value_fault *read_time(struct cursor *text, int64_t *microseconds)
{
    int hour;
    int minute;
    int second = 0;
    int64_t fraction = 0;

    if (!take_number(text, 2, &hour) || !take(text, ':') || !take_number(text, 2, &minute))
        return &not_a_timestamp;
    if (take(text, ':')) {
        if (!take_number(text, 2, &second) || (take(text, '.') && !read_fraction(text, &fraction)))
            return &not_a_timestamp;
    }
    if (hour > 24 || (hour == 24 && (minute > 0 || second > 0 || fraction > 0)))
        return &hour_range;
    if (minute > 59)
        return &minute_range;
    *microseconds = (hour * 3600 + minute * 60 + second) * MICROSECONDS_PER_SECOND + fraction;
    if (second > 60 || *microseconds > SECONDS_PER_DAY * MICROSECONDS_PER_SECOND)
        return &second_range;
    return NULL;
}

/* Reads the zone, up to the end of the text, as seconds east of Greenwich. */
static const struct value_fault *read_zone(struct cursor *text, int *seconds_east)
{
    bool east;
    int hours;
    int minutes = 0;
    int seconds = 0;

    *seconds_east = 0;
    if (take(text, 'Z') || take(text, 'z'))
        return text->left == 0 ? NULL : &not_a_timestamp;
    east = take(text, '+');
    if ((!east && !take(text, '-')) || !take_number(text, 2, &hours))
        return &not_a_timestamp;
    if (take(text, ':')) {
        if (!take_number(text, 2, &minutes) || (take(text, ':') && !take_number(text, 2, &seconds)))
            return &not_a_timestamp;
    } else if (text->left > 0 && !take_number(text, 2, &minutes)) {
        return &not_a_timestamp;
    }
    if (text->left > 0)
        return &not_a_timestamp;
    if (hours > 15 || minutes > 59 || seconds > 59)
        return &zone_range;
    *seconds_east = (hours * 3600 + minutes * 60 + seconds) * (east ? 1 : -1);
    return NULL;
}

static bool take_time_separator(struct cursor *text)
{
    bool blank_then_time = text->left > 1 && text->at[0] == ' ' && is_digit(text->at[1]);

    return take(text, 'T') || take(text, 't') || (blank_then_time && take(text, ' '));
}

const struct value_fault *timestamp_parse(const char *text, size_t length, int64_t *microseconds)
{
    struct cursor rest = {.at = text, .left = length};
    int days;
    int64_t time_of_day = 0;
    int seconds_east = 0;
    size_t kept = length; /* by PostgreSQL: where a blank stood, a byte stands between two parts */
    const struct value_fault *fault = read_date(&rest, &days);

    if (fault == NULL && take_time_separator(&rest)) {
        kept += rest.at[-1] == ' ' ? 0 : 2;
        fault = read_time(&rest, &time_of_day);
    } else if (fault == NULL && rest.left > 0 && rest.at[0] == '-') {
        /* To PostgreSQL "2016-08-19-03" is a date of four parts, not a date with a zone. */
        fault = &not_a_timestamp;
    }
    if (fault == NULL && rest.left > 0) {
        kept += take(&rest, ' ') ? 0 : 1;
        fault = read_zone(&rest, &seconds_east);
    }
    if (fault == NULL && kept > PARTS_SIZE_MAX)
        fault = &not_a_timestamp;
    if (fault != NULL)
        return fault;
    *microseconds =
        ((int64_t)days * SECONDS_PER_DAY - seconds_east) * MICROSECONDS_PER_SECOND + time_of_day;
    return NULL;
}

/* Seconds from 1970 to 2000. */
enum { EPOCH_DIFFERENCE = 946684800 };

const char *timestamp_format(int64_t microseconds, char text[TIMESTAMP_TEXT_SIZE])
{
    int64_t seconds = microseconds / MICROSECONDS_PER_SECOND;
    int64_t fraction = microseconds % MICROSECONDS_PER_SECOND;
    size_t length = 0;
    struct tm parts;
    time_t time;

    if (fraction < 0) {
        seconds--;
        fraction += MICROSECONDS_PER_SECOND;
    }
    time = (time_t)(seconds + EPOCH_DIFFERENCE);
    if (gmtime_r(&time, &parts) != NULL) {
        length = (size_t)snprintf(text, TIMESTAMP_TEXT_SIZE, "%04d", parts.tm_year + 1900);
        length += strftime(text + length, TIMESTAMP_TEXT_SIZE - length, "-%m-%d %H:%M:%S", &parts);
    }
    if (fraction != 0)
        length +=
            (size_t)snprintf(text + length, TIMESTAMP_TEXT_SIZE - length, ".%06" PRId64, fraction);
    (void)snprintf(text + length, TIMESTAMP_TEXT_SIZE - length, "+00:00");
    return text;
}
