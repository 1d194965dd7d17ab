/*
 * value/encoding: a character of which it says that a database can hold it must come back from the
 * encoding, and a text is held just when each of its characters is. LATIN1 is checked
 * against its definition.
 *
 * The first byte chooses the encoding; the rest is the text.
 */
#include "value/encoding.h"
#include "value/utf8.h"

#include "fuzz_target.h"

#include <errno.h>
#include <iconv.h>
#include <unistr.h>

/* PostgreSQL's names, and iconv's; NULL: every text is held. */
static const struct {
    const char *name, *iconv_name;
} encodings[] = {
    {"UTF8", NULL},
    {"SQL_ASCII", NULL},
    {"MULE_INTERNAL", NULL},
    {"LATIN1", "LATIN1"},
    {"LATIN2", "LATIN2"},
    {"LATIN9", "LATIN-9"},
    {"ISO_8859_5", "ISO_8859-5"},
    {"WIN1250", "CP1250"},
    {"WIN1252", "CP1252"},
    {"WIN1258", "CP1258"},
    {"WIN866", "CP866"},
    {"KOI8R", "KOI8-R"},
    {"EUC_CN", "EUC-CN"},
    {"EUC_JP", "EUC-JP-MS"},
    {"EUC_KR", "EUC-KR"},
    {"EUC_TW", "EUC-TW"},
};

enum { ENCODINGS = sizeof encodings / sizeof *encodings, TEXT_MAX = 128, CONVERTED_MAX = 32 };

/* Converts a character; false when it cannot be. */
static bool convert(const char *from, const char *to, const char *text, size_t length,
                    char result[CONVERTED_MAX], size_t *result_length)
{
    iconv_t conversion = iconv_open(to, from);
    char copy[CONVERTED_MAX], *in = copy, *out = result;
    size_t room = CONVERTED_MAX, done;

    REQUIRE((intptr_t)conversion != -1, "iconv has no conversion from %s to %s", from, to);
    memcpy(copy, text, length);
    done = iconv(conversion, &in, &length, &out, &room);
    if (done != (size_t)-1)
        done = iconv(conversion, NULL, NULL, &out, &room);
    REQUIRE(iconv_close(conversion) == 0, "%s", strerror(errno));
    *result_length = (size_t)(out - result);
    return done != (size_t)-1;
}

/* In an encoding of several bytes two characters may be stored as one. */
static void check_return(const char *iconv_name, const char *text, size_t length)
{
    char stored[CONVERTED_MAX], back[CONVERTED_MAX];
    size_t stored_length, back_length;
    bool several = strncmp(iconv_name, "EUC", 3) == 0;

    REQUIRE(convert("UTF-8", iconv_name, text, length, stored, &stored_length) &&
                convert(iconv_name, "UTF-8", stored, stored_length, back, &back_length),
            "%s cannot take and give %.*s", iconv_name, (int)length, text);
    REQUIRE(u8_mbsnlen((const uint8_t *)back, back_length) == 1 &&
                (several || (back_length == length && memcmp(back, text, length) == 0)),
            "%s gives %.*s for %.*s", iconv_name, (int)back_length, back, (int)length, text);
}

static void check(size_t which, const char *text, size_t length)
{
    static struct encoding *opened[ENCODINGS];
    bool held, each = true, latin_1 = true;
    ucs4_t character;

    if (opened[which] == NULL)
        REQUIRE(encoding_open(encodings[which].name, &opened[which]), "out of memory");
    held = encoding_holds(opened[which], text, length);
    REQUIRE(encoding_holds(NULL, text, length), "no encoding");
    for (size_t at = 0, size; at < length; at += size) {
        size = (size_t)u8_mbtouc(&character, (const uint8_t *)text + at, length - at);
        if (!encoding_holds(opened[which], text + at, size))
            each = false;
        else if (encodings[which].iconv_name != NULL)
            check_return(encodings[which].iconv_name, text + at, size);
        latin_1 = latin_1 && character <= 0xff;
    }
    REQUIRE(held == each, "%s: the text is held: %d, each character: %d", encodings[which].name,
            held, each);
    REQUIRE(held || encodings[which].iconv_name != NULL, "%s holds all", encodings[which].name);
    REQUIRE(strcmp(encodings[which].name, "LATIN1") != 0 || held == latin_1, "LATIN1: %d", held);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t characters;
    char *text;

    if (size < 1 || size > TEXT_MAX ||
        utf8_check((const char *)data + 1, size - 1, &characters) != NULL)
        return 0;
    text = copy_exactly(data + 1, size - 1);
    check(data[0] % ENCODINGS, text, size - 1);
    free(text);
    return 0;
}
