#include "differential_grammar.h"

#include "table/table.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

enum { UTF8_SIZE = 4 };

static bool chance(struct random *random, uint32_t percent)
{
    return random_below(random, 100) < percent;
}

static void add_digits(struct random *random, uint32_t count, struct differential_text *text)
{
    /* Zeros, nines and fives alone are the numbers that are rounded or carried. */
    static const char *const digits[] = {"0123456789", "0000000000", "9999999999", "0000000005",
                                         "4444444445"};
    const char *of = chance(random, 60) ? digits[0] : RANDOM_TEXT(random, digits);

    while (count-- > 0)
        differential_text_add_byte(text, of[random_below(random, 10)]);
}

static void add_sign(struct random *random, uint32_t percent, struct differential_text *text)
{
    if (chance(random, percent))
        differential_text_add_byte(text, chance(random, 50) ? '-' : '+');
}

/* A number next to one that ends a range. */
static void add_limit(const struct column *column, struct random *random,
                      struct differential_text *text)
{
    int64_t minimum, maximum;
    int64_t limits[] = {0, INT16_MAX, INT32_MIN, INT32_MAX, INT64_MIN, INT64_MAX, 0, 0};
    int64_t away = (int64_t)random_below(random, 7) - 3;
    int64_t limit, near;

    table_column_range(column, &minimum, &maximum);
    limits[6] = minimum;
    limits[7] = maximum;
    limit = limits[random_below(random, 8)];
    if (!__builtin_add_overflow(limit, away, &near))
        differential_text_print(text, "%" PRId64, near);
    else /* 922337203685477580 and one digit more */
        differential_text_print(text, "%" PRId64 "%" PRIu32, limit / 10, random_below(random, 10));
}

static void add_integer(const struct column *column, struct random *random,
                        struct differential_text *text)
{
    if (chance(random, 40)) {
        add_limit(column, random, text);
    } else {
        add_sign(random, 20, text);
        add_digits(random, chance(random, 20) ? random_below(random, 5) : 0, text);
        add_digits(random, 1 + random_below(random, chance(random, 80) ? 10 : 22), text);
    }
    if (chance(random, 10)) {
        differential_text_add_byte(text, '.');
        for (uint32_t zeros = random_below(random, 4); zeros > 0; zeros--)
            differential_text_add_byte(text, chance(random, 95) ? '0' : '1');
    }
}

static void add_exponent(struct random *random, struct differential_text *text)
{
    static const uint32_t most[] = {4, 12, 30, 420, 20000};
    uint32_t limit = most[random_below(random, 5)];

    differential_text_add_byte(text, chance(random, 50) ? 'e' : 'E');
    add_sign(random, 60, text);
    if (chance(random, 2))
        differential_text_print(text, "%" PRIu32, UINT32_C(1073741820) + random_below(random, 8));
    else
        differential_text_print(text, "%" PRIu32, random_below(random, limit));
}

/* Around the largest number that fits, in units of the last digit kept. */
static void add_largest(const struct column *column, struct random *random,
                        struct differential_text *text)
{
    if (column->precision > 0) {
        differential_text_add_string(text, "99999999.99");
        add_digits(random, random_below(random, 4), text);
    } else if (chance(random, 50)) {
        differential_text_print(text, "92233720368.5477580%" PRIu32, random_below(random, 10));
        add_digits(random, random_below(random, 4), text);
    } else { /* around 2^53 units, from where a double no longer holds each of them */
        differential_text_print(text, "%" PRIu32 ".", 90071990 + random_below(random, 10));
        add_digits(random, 1 + random_below(random, 10), text);
    }
}

/* As many digits behind the point as numeric takes, or one more. */
static void add_long_fraction(struct random *random, struct differential_text *text)
{
    uint32_t count = 16380 + random_below(random, 8);

    differential_text_add_string(text, "0.");
    while (count-- > 0)
        differential_text_add_byte(text, '3');
}

static void add_decimal(const struct column *column, struct random *random,
                        struct differential_text *text)
{
    add_sign(random, 12, text);
    if (random_below(random, 5000) == 0) {
        add_long_fraction(random, text);
    } else if (chance(random, 15)) {
        add_largest(column, random, text);
    } else {
        add_digits(random, random_below(random, chance(random, 80) ? 5 : 40), text);
        if (chance(random, 85)) {
            differential_text_add_byte(text, '.');
            add_digits(random, chance(random, 40) ? column->scale : random_below(random, 12), text);
            if (chance(random, 20)) /* a half, or nearly one */
                differential_text_add_string(text, chance(random, 50) ? "5" : "4999999999999999");
        }
    }
    if (chance(random, 25))
        add_exponent(random, text);
}

static void add_date(struct random *random, struct differential_text *text)
{
    static const char *const years[] = {"2016", "2000", "1900", "2024", "0001", "9999",
                                        "0000", "1969", "1970", "1582", "99",   "10000"};
    static const char *const days[] = {"01", "09", "28", "29", "30", "31", "00", "32", "1"};
    const char *year = RANDOM_TEXT(random, years);
    uint32_t month = chance(random, 95) ? 1 + random_below(random, 12) : random_below(random, 15);

    if (chance(random, 70))
        differential_text_add_string(text, year);
    else
        differential_text_print(text, "%04" PRIu32, random_below(random, 10000));
    differential_text_print(text, chance(random, 97) ? "-%02" PRIu32 "-" : "-%" PRIu32 "-", month);
    if (chance(random, 40))
        differential_text_add_string(text, RANDOM_TEXT(random, days));
    else
        differential_text_print(text, "%02" PRIu32, 1 + random_below(random, 28));
}

static void add_fraction(struct random *random, struct differential_text *text)
{
    uint32_t length = chance(random, 80) ? 1 + random_below(random, 9) : random_below(random, 150);

    differential_text_add_byte(text, '.');
    if (chance(random, 25)) { /* halves of a microsecond */
        add_digits(random, 6, text);
        differential_text_add_byte(text, '5');
    } else {
        add_digits(random, length, text);
    }
}

static void add_time(struct random *random, struct differential_text *text)
{
    static const char *const separators[] = {" ", " ", " ", "T", "T", "t", "  "};
    static const char *const rare[] = {"24:00:00", "23:59:60",         "24:00", "00:00:00",
                                       "23:59:59", "23:59:59.9999996", "9:5"};

    differential_text_add_string(text, RANDOM_TEXT(random, separators));
    if (chance(random, 15)) {
        differential_text_add_string(text, RANDOM_TEXT(random, rare));
        return;
    }
    differential_text_print(text, "%02" PRIu32, random_below(random, 25));
    differential_text_print(text, ":%02" PRIu32, random_below(random, 61));
    if (chance(random, 15))
        return;
    differential_text_print(text, ":%02" PRIu32, random_below(random, 62));
    if (chance(random, 50))
        add_fraction(random, text);
}

static void add_zone(struct random *random, struct differential_text *text)
{
    static const char *const named[] = {"Z",      "z",   " UTC",      " Europe/Oslo", " CEST",
                                        " BC",    " AD", " AM",       " PM",          "zulu",
                                        " GMT+2", "+2",  "+02:00 BC", "-15:59:59",    "+16"};

    if (chance(random, 25)) {
        differential_text_add_string(text, RANDOM_TEXT(random, named));
        return;
    }
    if (chance(random, 20))
        differential_text_add_byte(text, ' ');
    differential_text_add_byte(text, chance(random, 50) ? '+' : '-');
    differential_text_print(text, "%02" PRIu32, random_below(random, 17));
    if (chance(random, 60)) {
        if (chance(random, 60))
            differential_text_add_byte(text, ':');
        differential_text_print(text, "%02" PRIu32, random_below(random, 61));
        if (chance(random, 15))
            differential_text_print(text, ":%02" PRIu32, random_below(random, 61));
    }
}

static void add_timestamp(struct random *random, struct differential_text *text)
{
    add_date(random, text);
    if (chance(random, 85))
        add_time(random, text);
    if (chance(random, 70))
        add_zone(random, text);
}

static void add_uuid(struct random *random, struct differential_text *text)
{
    const char *digits = chance(random, 70) ? "0123456789abcdef" : "0123456789ABCDEF";
    bool version_4 = chance(random, 80);

    for (size_t i = 0; i < 32; i++) {
        char digit = digits[random_below(random, 16)];

        if (i == 8 || i == 12 || i == 16 || i == 20)
            differential_text_add_byte(text, '-');
        if (version_4 && i == 12)
            digit = '4';
        if (version_4 && i == 16)
            digit = "89ab"[random_below(random, 4)];
        differential_text_add_byte(text, digit);
    }
}

static void add_status(struct random *random, struct differential_text *text)
{
    differential_text_add_string(text,
                                 table_order_status((int)random_below(random, ORDER_STATUS_COUNT)));
}

/* A character as UTF-8 has it; or, with 16 bits and more, surrogates and what is beyond. */
static void add_character(struct random *random, struct differential_text *text)
{
    static const uint32_t limits[] = {0x80, 0x80, 0x80, 0x800, 0x10000, 0x110000, 0x120000};
    uint32_t code = random_below(random, limits[random_below(random, 7)]);
    uint32_t size = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    static const uint8_t first[] = {0, 0, 0xc0, 0xe0, 0xf0};
    char bytes[UTF8_SIZE];

    if ((code >= 0xd800 && code < 0xe000) || code >= 0x110000 || code == 0)
        code = chance(random, 2) ? code : 'x';
    size = code < 0x80 ? 1 : size;
    for (uint32_t i = size; i-- > 1; code >>= 6)
        bytes[i] = (char)(0x80 | (code & 0x3f));
    bytes[0] = (char)(first[size] | code);
    differential_text_add(text, bytes, size);
}

/* As long as the column takes, or nearly so. */
static void add_text(const struct column *column, struct random *random,
                     struct differential_text *text)
{
    size_t limit = column->length > 0 ? column->length : 40;
    size_t length = chance(random, 50) ? random_below(random, (uint32_t)limit)
                                       : limit - 2 + random_below(random, 5);
    bool ascii = chance(random, 30);

    if (column->unique && chance(random, 5)) { /* about what an index takes */
        length = 2690 + random_below(random, 5);
        ascii = true;
    }
    while (length-- > 0) {
        if (ascii)
            differential_text_add_byte(text, (char)(' ' + random_below(random, 95)));
        else
            add_character(random, text);
    }
    for (uint32_t blanks = chance(random, 10) ? random_below(random, 5) : 0; blanks > 0; blanks--)
        differential_text_add_byte(text, ' ');
}

void differential_grammar_add(const struct column *column, struct random *random,
                              struct differential_text *text)
{
    switch (column->type) {
    case COLUMN_BIGINT:
    case COLUMN_INTEGER:
        add_integer(column, random, text);
        break;
    case COLUMN_DOUBLE:
    case COLUMN_NUMERIC:
        add_decimal(column, random, text);
        break;
    case COLUMN_TIMESTAMPTZ:
        add_timestamp(random, text);
        break;
    case COLUMN_UUID_V4:
        add_uuid(random, text);
        break;
    case COLUMN_ORDER_STATUS:
        add_status(random, text);
        break;
    case COLUMN_TEXT:
        add_text(column, random, text);
        break;
    case COLUMN_BOOLEAN: /* not read from files */
        break;
    }
}
