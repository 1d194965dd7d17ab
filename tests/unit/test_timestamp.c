#include "suite.h"
#include "value/timestamp.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* The values are PostgreSQL 15's: the text cast to timestamptz with TimeZone = UTC. */
static const struct {
    const char *text;
    int64_t microseconds;
} timestamps[] = {
    {"2000-01-01 00:00:00+00:00", 0},
    {"2016-08-19 09:16:40+00:00", 524913400000000},
    {"2016-08-19T09:16:40+00:00", 524913400000000},
    {"2016-08-19t09:16:40z", 524913400000000},
    {"2016-08-19 09:16:40", 524913400000000},
    {"2016-08-19 09:16:40Z", 524913400000000},
    {"2016-08-19 09:16:40 Z", 524913400000000},
    {"2016-08-19 09:16:40 +00:00", 524913400000000},
    {"2016-08-19 09:16:40-00:00", 524913400000000},
    {"2016-08-19 09:16", 524913360000000},
    {"2016-08-19T09:16Z", 524913360000000},
    {"2016-08-19 09:16+02", 524906160000000},
    {"2016-08-19 09:16 +02", 524906160000000},
    {"2016-08-19", 524880000000000},
    {"2016-08-19Z", 524880000000000},
    {"2016-08-19 Z", 524880000000000},
    {"2016-08-19+02", 524872800000000},
    {"2016-08-19+02:00", 524872800000000},
    {"2016-08-19 +02", 524872800000000},
    {"2016-08-19 -03", 524890800000000},
    {"2016-08-19 09:16:40+02", 524906200000000},
    {"2016-08-19 09:16:40-02", 524920600000000},
    {"2016-08-19 09:16:40+0530", 524893600000000},
    {"2016-08-19 09:16:40-0530", 524933200000000},
    {"2016-08-19 09:16:40+05:30", 524893600000000},
    {"2016-08-19 09:16:40-05:30", 524933200000000},
    {"2016-08-19 09:16:40-03:30:15", 524926015000000},
    {"2016-08-19 09:16:40+03:30:15", 524900785000000},
    {"2016-08-19 09:16:40+15:59:59", 524855801000000},
    {"2016-08-19 09:16:40-15:59:59", 524970999000000},
    {"2016-08-19 09:16:40.5", 524913400500000},
    {"2016-08-19 09:16:40.123", 524913400123000},
    {"2016-08-19 09:16:40.123456", 524913400123456},
    {"2016-08-19 09:16:40.000001+02", 524906200000001},
    {"2016-08-19 09:16:40.123456 -0530", 524933200123456},
    {"2016-08-19 09:16:40.1234564", 524913400123456},
    {"2016-08-19 09:16:40.1234565", 524913400123456},
    {"2016-08-19 09:16:40.1234575", 524913400123458},
    {"2016-08-19 09:16:40.12345650001", 524913400123457},
    {"2016-08-19 09:16:40.1234567890123456789", 524913400123457},
    /* A half of a microsecond, and as much more as a double tells from it, or does not. */
    {"2016-08-19 09:16:40.1234565000000000", 524913400123456},
    {"2016-08-19 09:16:40.00000050000000001", 524913400000001},
    {"2016-08-19 09:16:40.00000050000000000000000001", 524913400000000},
    {"2016-08-19 09:16:40.0000005", 524913400000000},
    {"2016-08-19 09:16:40.9999994", 524913400999999},
    {"2016-08-19 09:16:40.9999996", 524913401000000},
    {"2016-12-31 23:59:59.9999999", 536544000000000},
    {"1999-12-31 23:59:59.999999", -1},
    {"1999-12-31 23:59:59.9", -100000},
    {"2016-08-19 23:59:60", 524966400000000},
    {"2016-08-19 09:16:60", 524913420000000},
    {"2016-08-19 09:16:60.5", 524913420500000},
    {"2016-08-19 24:00", 524966400000000},
    {"2016-08-19 24:00:00", 524966400000000},
    {"2016-08-19 24:00:00.0000001", 524966400000000},
    {"2016-12-31 24:00:00Z", 536544000000000},
    {"2016-02-29 12:00:00", 510062400000000},
    {"2000-02-29", 5097600000000},
    {"2000-03-01", 5184000000000},
    {"1600-02-29", -12617683200000000},
    {"1900-02-28 24:00:00", -3150576000000000},
    {"1900-03-01", -3150576000000000},
    {"2100-02-28", 3160771200000000},
    {"2100-03-01", 3160857600000000},
    {"1970-01-01", -946684800000000},
    {"1969-12-31 23:59:59", -946684801000000},
    {"1582-10-10", -13166409600000000},
    {"0001-01-01", -63082281600000000},
    {"0001-01-01 00:00:00+15:59:59", -63082339199000000},
    {"0004-02-29", -62982576000000000},
    {"9999-12-31 23:59:59.999999", 252455615999999999},
    {"9999-12-31 23:59:59-15:59:59", 252455673598000000},
};

static const struct {
    const char *text;
    enum value_fault_code code;
    const char *message;
} mistakes[] = {
    {"", VALUE_FAULT_TYPE, "not a timestamp like 2016-08-19 09:16:40+00:00"},
    {" ", VALUE_FAULT_TYPE, "not a timestamp like 2016-08-19 09:16:40+00:00"},
    {"now", VALUE_FAULT_TYPE, "not a timestamp like 2016-08-19 09:16:40+00:00"},
    {"infinity", VALUE_FAULT_TYPE, "not a timestamp like 2016-08-19 09:16:40+00:00"},
    {"2016", VALUE_FAULT_TYPE, "not a timestamp like 2016-08-19 09:16:40+00:00"},
    {"2016-08", VALUE_FAULT_TYPE, "not a timestamp like 2016-08-19 09:16:40+00:00"},
    {"2016-08-", VALUE_FAULT_TYPE, "not a timestamp like 2016-08-19 09:16:40+00:00"},
    {"2016-08-1", VALUE_FAULT_TYPE, "not a timestamp like 2016-08-19 09:16:40+00:00"},
    {"2016-8-19", VALUE_FAULT_TYPE, "not a timestamp like 2016-08-19 09:16:40+00:00"},
    {"16-08-19", VALUE_FAULT_TYPE, "not a timestamp like 2016-08-19 09:16:40+00:00"},
    {"20160819", VALUE_FAULT_TYPE, "not a timestamp like 2016-08-19 09:16:40+00:00"},
    {"2016/08/19", VALUE_FAULT_TYPE, "not a timestamp like 2016-08-19 09:16:40+00:00"},
    {"2016-08-19x", VALUE_FAULT_TYPE, "not a timestamp like 2016-08-19 09:16:40+00:00"},
    {"2016-08-19 ", VALUE_FAULT_TYPE, "not a timestamp like 2016-08-19 09:16:40+00:00"},
    {" 2016-08-19", VALUE_FAULT_TYPE, "not a timestamp like 2016-08-19 09:16:40+00:00"},
    {"12016-08-19", VALUE_FAULT_TYPE, "not a timestamp like 2016-08-19 09:16:40+00:00"},
    {"-2016-08-19", VALUE_FAULT_TYPE, "not a timestamp like 2016-08-19 09:16:40+00:00"},
    {"2016-08-19 BC", VALUE_FAULT_TYPE, "not a timestamp like 2016-08-19 09:16:40+00:00"},
    {"2016-08-19-03", VALUE_FAULT_TYPE, "not a timestamp like 2016-08-19 09:16:40+00:00"},
    {"2016-08-19-03:00", VALUE_FAULT_TYPE, "not a timestamp like 2016-08-19 09:16:40+00:00"},
    {"2016-08-19T", VALUE_FAULT_TYPE, "not a timestamp like 2016-08-19 09:16:40+00:00"},
    {"2016-08-19TZ", VALUE_FAULT_TYPE, "not a timestamp like 2016-08-19 09:16:40+00:00"},
    {"2016-08-19T+02", VALUE_FAULT_TYPE, "not a timestamp like 2016-08-19 09:16:40+00:00"},
    {"2016-08-19T 09:16:40", VALUE_FAULT_TYPE, "not a timestamp like 2016-08-19 09:16:40+00:00"},
    {"2016-08-19  09:16:40", VALUE_FAULT_TYPE, "not a timestamp like 2016-08-19 09:16:40+00:00"},
    {"2016-08-19\t09:16:40", VALUE_FAULT_TYPE, "not a timestamp like 2016-08-19 09:16:40+00:00"},
    {"2016-08-19_09:16:40", VALUE_FAULT_TYPE, "not a timestamp like 2016-08-19 09:16:40+00:00"},
    {"2016-08-19 09", VALUE_FAULT_TYPE, "not a timestamp like 2016-08-19 09:16:40+00:00"},
    {"2016-08-19 09:", VALUE_FAULT_TYPE, "not a timestamp like 2016-08-19 09:16:40+00:00"},
    {"2016-08-19 09+02", VALUE_FAULT_TYPE, "not a timestamp like 2016-08-19 09:16:40+00:00"},
    {"2016-08-19 9:16:40", VALUE_FAULT_TYPE, "not a timestamp like 2016-08-19 09:16:40+00:00"},
    {"2016-08-19 09:1", VALUE_FAULT_TYPE, "not a timestamp like 2016-08-19 09:16:40+00:00"},
    {"2016-08-19 09:16:", VALUE_FAULT_TYPE, "not a timestamp like 2016-08-19 09:16:40+00:00"},
    {"2016-08-19 09:16:4", VALUE_FAULT_TYPE, "not a timestamp like 2016-08-19 09:16:40+00:00"},
    {"2016-08-19 0916", VALUE_FAULT_TYPE, "not a timestamp like 2016-08-19 09:16:40+00:00"},
    {"2016-08-19 09:16:40.", VALUE_FAULT_TYPE, "not a timestamp like 2016-08-19 09:16:40+00:00"},
    {"2016-08-19 09:16:40.Z", VALUE_FAULT_TYPE, "not a timestamp like 2016-08-19 09:16:40+00:00"},
    {"2016-08-19 09:16:40,5", VALUE_FAULT_TYPE, "not a timestamp like 2016-08-19 09:16:40+00:00"},
    {"2016-08-19 09:16.5", VALUE_FAULT_TYPE, "not a timestamp like 2016-08-19 09:16:40+00:00"},
    {"2016-08-19 09:16:40.5.5", VALUE_FAULT_TYPE, "not a timestamp like 2016-08-19 09:16:40+00:00"},
    {"2016-08-19 09:16:40 ", VALUE_FAULT_TYPE, "not a timestamp like 2016-08-19 09:16:40+00:00"},
    {"2016-08-19 09:16:40x", VALUE_FAULT_TYPE, "not a timestamp like 2016-08-19 09:16:40+00:00"},
    {"2016-08-19 09:16:40 AM", VALUE_FAULT_TYPE, "not a timestamp like 2016-08-19 09:16:40+00:00"},
    {"2016-08-19 09:16:40  +02", VALUE_FAULT_TYPE,
     "not a timestamp like 2016-08-19 09:16:40+00:00"},
    {"2016-08-19 09:16:40+", VALUE_FAULT_TYPE, "not a timestamp like 2016-08-19 09:16:40+00:00"},
    {"2016-08-19 09:16:40+2", VALUE_FAULT_TYPE, "not a timestamp like 2016-08-19 09:16:40+00:00"},
    {"2016-08-19 09:16:40+ 02", VALUE_FAULT_TYPE, "not a timestamp like 2016-08-19 09:16:40+00:00"},
    {"2016-08-19 09:16:40+023", VALUE_FAULT_TYPE, "not a timestamp like 2016-08-19 09:16:40+00:00"},
    {"2016-08-19 09:16:40+02:", VALUE_FAULT_TYPE, "not a timestamp like 2016-08-19 09:16:40+00:00"},
    {"2016-08-19 09:16:40+02:3", VALUE_FAULT_TYPE,
     "not a timestamp like 2016-08-19 09:16:40+00:00"},
    {"2016-08-19 09:16:40+02:30:", VALUE_FAULT_TYPE,
     "not a timestamp like 2016-08-19 09:16:40+00:00"},
    {"2016-08-19 09:16:40+02:30:1", VALUE_FAULT_TYPE,
     "not a timestamp like 2016-08-19 09:16:40+00:00"},
    {"2016-08-19 09:16:40+0230:15", VALUE_FAULT_TYPE,
     "not a timestamp like 2016-08-19 09:16:40+00:00"},
    {"2016-08-19 09:16:40+023015", VALUE_FAULT_TYPE,
     "not a timestamp like 2016-08-19 09:16:40+00:00"},
    {"2016-08-19 09:16:40+02:30:15:00", VALUE_FAULT_TYPE,
     "not a timestamp like 2016-08-19 09:16:40+00:00"},
    {"2016-08-19 09:16:40+02 ", VALUE_FAULT_TYPE, "not a timestamp like 2016-08-19 09:16:40+00:00"},
    {"2016-08-19 09:16:40+02Z", VALUE_FAULT_TYPE, "not a timestamp like 2016-08-19 09:16:40+00:00"},
    {"2016-08-19 09:16:40ZZ", VALUE_FAULT_TYPE, "not a timestamp like 2016-08-19 09:16:40+00:00"},
    {"2016-08-19 09:16:40Z ", VALUE_FAULT_TYPE, "not a timestamp like 2016-08-19 09:16:40+00:00"},
    {"2016-08-19 09:16:40UTC", VALUE_FAULT_TYPE, "not a timestamp like 2016-08-19 09:16:40+00:00"},
    {"0000-01-01", VALUE_FAULT_RANGE, "year out of range"},
    {"2016-00-19", VALUE_FAULT_RANGE, "month out of range"},
    {"2016-13-01", VALUE_FAULT_RANGE, "month out of range"},
    {"2016-08-00", VALUE_FAULT_TYPE, "no such day"},
    {"2016-01-32", VALUE_FAULT_TYPE, "no such day"},
    {"2016-04-31", VALUE_FAULT_TYPE, "no such day"},
    {"2016-06-31", VALUE_FAULT_TYPE, "no such day"},
    {"2016-09-31", VALUE_FAULT_TYPE, "no such day"},
    {"2016-11-31", VALUE_FAULT_TYPE, "no such day"},
    {"2016-02-30", VALUE_FAULT_TYPE, "no such day"},
    {"2015-02-29", VALUE_FAULT_TYPE, "no such day"},
    {"1900-02-29", VALUE_FAULT_TYPE, "no such day"},
    {"2100-02-29 10:00", VALUE_FAULT_TYPE, "no such day"},
    {"2016-08-19 25:00:00", VALUE_FAULT_RANGE, "hour out of range"},
    {"2016-08-19 24:01", VALUE_FAULT_RANGE, "hour out of range"},
    {"2016-08-19 24:00:01", VALUE_FAULT_RANGE, "hour out of range"},
    {"2016-08-19 24:00:00.000001", VALUE_FAULT_RANGE, "hour out of range"},
    {"2016-08-19 09:60", VALUE_FAULT_RANGE, "minute out of range"},
    {"2016-08-19 09:16:61", VALUE_FAULT_RANGE, "second out of range"},
    {"2016-08-19 23:59:60.5", VALUE_FAULT_RANGE, "second out of range"},
    {"2016-08-19 09:16:40+16", VALUE_FAULT_RANGE, "zone out of range"},
    {"2016-08-19 09:16:40-16:00", VALUE_FAULT_RANGE, "zone out of range"},
    {"2016-08-19 09:16:40+1560", VALUE_FAULT_RANGE, "zone out of range"},
    {"2016-08-19 09:16:40+15:60", VALUE_FAULT_RANGE, "zone out of range"},
    {"2016-08-19 09:16:40+15:59:60", VALUE_FAULT_RANGE, "zone out of range"},
};

START_TEST(reads_as_postgresql_does)
{
    const char *text = timestamps[_i].text;
    int64_t expected = timestamps[_i].microseconds;
    int64_t microseconds = INT64_MAX;
    const struct value_fault *fault = timestamp_parse(text, strlen(text), &microseconds);

    ck_assert_msg(fault == NULL, "\"%s\": %s", text, fault->text);
    ck_assert_msg(microseconds == expected, "\"%s\": %" PRId64 " instead of %" PRId64, text,
                  microseconds, expected);
}
END_TEST

START_TEST(names_the_mistake)
{
    const char *text = mistakes[_i].text;
    int64_t microseconds;
    const struct value_fault *fault = timestamp_parse(text, strlen(text), &microseconds);

    ck_assert_msg(fault != NULL, "\"%s\" was read", text);
    ck_assert_msg(strcmp(fault->text, mistakes[_i].message) == 0,
                  "\"%s\": \"%s\" instead of \"%s\"", text, fault->text, mistakes[_i].message);
    ck_assert_msg(fault->code == mistakes[_i].code, "\"%s\": code %d instead of %d", text,
                  (int)fault->code, (int)mistakes[_i].code);
}
END_TEST

START_TEST(rejects_a_nul_byte_anywhere)
{
    const char good[] = "2016-08-19 09:16:40.25+02:30";

    for (size_t position = 0; position < strlen(good); position++) {
        char text[sizeof good];
        int64_t microseconds;

        memcpy(text, good, sizeof good);
        text[position] = '\0';
        ck_assert_msg(timestamp_parse(text, strlen(good), &microseconds) != NULL,
                      "accepted with a NUL at %zu", position);
    }
}
END_TEST

START_TEST(reads_no_further_than_the_length)
{
    const char text[] = "2016-08-19 09:16:40.123+02:30:15";
    int64_t microseconds = 0;

    ck_assert_ptr_null(timestamp_parse(text, strlen("2016-08-19"), &microseconds));
    ck_assert_int_eq(microseconds, 524880000000000);
    ck_assert_ptr_null(timestamp_parse(text, strlen("2016-08-19 09:16"), &microseconds));
    ck_assert_int_eq(microseconds, 524913360000000);
    ck_assert_ptr_null(timestamp_parse(text, strlen("2016-08-19 09:16:40"), &microseconds));
    ck_assert_int_eq(microseconds, 524913400000000);
    ck_assert_ptr_null(timestamp_parse(text, strlen("2016-08-19 09:16:40.1"), &microseconds));
    ck_assert_int_eq(microseconds, 524913400100000);
    ck_assert_ptr_null(timestamp_parse(text, strlen("2016-08-19 09:16:40.123+02"), &microseconds));
    ck_assert_int_eq(microseconds, 524906200123000);
}
END_TEST

/* As many digits as PostgreSQL has room for, and one more. */
static const struct {
    const char *start;
    size_t digits;
    const char *end;
} long_fractions[] = {
    {"2016-08-19 09:16:40.", 132, ""},     {"2016-08-19T09:16:40.", 130, ""},
    {"2016-08-19T09:16:40.", 128, "Z"},    {"2016-08-19 09:16:40.", 130, "Z"},
    {"2016-08-19 09:16:40.", 130, " Z"},   {"2016-08-19 09:16:40.", 125, "+00:00"},
    {"2016-08-19T09:16:40.", 126, " +00"},
};

START_TEST(reads_a_long_fraction)
{
    char text[200];
    int64_t microseconds = 0;

    for (size_t more = 0; more < 2; more++) {
        size_t start = strlen(long_fractions[_i].start);
        size_t digits = long_fractions[_i].digits + more;

        memcpy(text, long_fractions[_i].start, start);
        memset(text + start, '7', digits);
        (void)strcpy(text + start + digits, long_fractions[_i].end);
        ck_assert((timestamp_parse(text, strlen(text), &microseconds) == NULL) == (more == 0));
    }
    ck_assert_int_eq(microseconds, 524913400777778);
}
END_TEST

/* The C library's own calendar as the judge, one day after the other. */
static const struct {
    const char *text;
    const char *written;
} formats[] = {
    {"2016-08-19T11:16:40+02", "2016-08-19 09:16:40+00:00"},
    {"2000-01-01 00:00:00Z", "2000-01-01 00:00:00+00:00"},
    {"1999-12-31 23:59:59.999999", "1999-12-31 23:59:59.999999+00:00"},
    {"2016-02-29 00:00:00.5", "2016-02-29 00:00:00.500000+00:00"},
    {"0001-01-01", "0001-01-01 00:00:00+00:00"},
    {"9999-12-31 23:59:59.000001", "9999-12-31 23:59:59.000001+00:00"},
};

START_TEST(writes_what_it_reads)
{
    char text[TIMESTAMP_TEXT_SIZE];
    int64_t microseconds = 0;
    int64_t again = 0;

    ck_assert_ptr_null(timestamp_parse(formats[_i].text, strlen(formats[_i].text), &microseconds));
    ck_assert_str_eq(timestamp_format(microseconds, text), formats[_i].written);
    ck_assert_ptr_null(timestamp_parse(text, strlen(text), &again));
    ck_assert_int_eq(again, microseconds);
}
END_TEST

START_TEST(numbers_every_day_from_1_to_9999)
{
    const time_t first = -62135596800;
    const time_t last = 253402214400;
    const time_t epoch = 946684800;

    for (time_t day = first; day <= last; day += 86400) {
        char text[64];
        struct tm calendar;
        int64_t microseconds = INT64_MAX;

        (void)gmtime_r(&day, &calendar);
        (void)snprintf(text, sizeof text, "%04d-%02d-%02d", calendar.tm_year + 1900,
                       calendar.tm_mon + 1, calendar.tm_mday);
        if (timestamp_parse(text, strlen(text), &microseconds) != NULL ||
            microseconds != (day - epoch) * 1000000)
            ck_abort_msg("%s: %" PRId64, text, microseconds);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("timestamp");
    TCase *parse = tcase_create("parse");
    TCase *calendar = tcase_create("calendar");

    tcase_add_loop_test(parse, reads_as_postgresql_does, 0, TABLE_ROWS(timestamps));
    tcase_add_loop_test(parse, names_the_mistake, 0, TABLE_ROWS(mistakes));
    tcase_add_test(parse, rejects_a_nul_byte_anywhere);
    tcase_add_test(parse, reads_no_further_than_the_length);
    tcase_add_loop_test(parse, reads_a_long_fraction, 0, TABLE_ROWS(long_fractions));
    tcase_add_loop_test(parse, writes_what_it_reads, 0, TABLE_ROWS(formats));
    suite_add_tcase(suite, parse);
    tcase_add_test(calendar, numbers_every_day_from_1_to_9999);
    tcase_set_timeout(calendar, 120);
    suite_add_tcase(suite, calendar);
    return suite_run(suite);
}
