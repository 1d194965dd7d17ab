#include "value/encoding.h"

#include <assert.h>
#include <errno.h>
#include <iconv.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistr.h>

/*
 * iconv's name of each encoding that a server can have and iconv knows. Left out beside UTF8 and
 * SQL_ASCII: EUC_JIS_2004, of which iconv's EUC-JISX0213 is another form; MULE_INTERNAL, to which
 * the server converts nothing from UTF-8.
 */
static const struct known_encoding {
    const char *name;
    const char *iconv_name;
    bool several_bytes;   /* a character may have more than one */
    const char *not_held; /* characters that iconv converts and the server does not; NULL: none */
} known_encodings[] = {
    {.name = "LATIN1", .iconv_name = "ISO-8859-1"},
    {.name = "LATIN2", .iconv_name = "ISO-8859-2"},
    {.name = "LATIN3", .iconv_name = "ISO-8859-3"},
    {.name = "LATIN4", .iconv_name = "ISO-8859-4"},
    {.name = "LATIN5", .iconv_name = "ISO-8859-9"},
    {.name = "LATIN6", .iconv_name = "ISO-8859-10"},
    {.name = "LATIN7", .iconv_name = "ISO-8859-13"},
    {.name = "LATIN8", .iconv_name = "ISO-8859-14"},
    {.name = "LATIN9", .iconv_name = "ISO-8859-15"},
    {.name = "LATIN10", .iconv_name = "ISO-8859-16"},
    {.name = "ISO_8859_5", .iconv_name = "ISO-8859-5"},
    {.name = "ISO_8859_6", .iconv_name = "ISO-8859-6"},
    {.name = "ISO_8859_7", .iconv_name = "ISO-8859-7"},
    {.name = "ISO_8859_8", .iconv_name = "ISO-8859-8"},
    {.name = "WIN866", .iconv_name = "CP866"},
    {.name = "WIN874", .iconv_name = "CP874"},
    {.name = "WIN1250", .iconv_name = "CP1250"},
    {.name = "WIN1251", .iconv_name = "CP1251"},
    {.name = "WIN1252", .iconv_name = "CP1252"},
    {.name = "WIN1253", .iconv_name = "CP1253"},
    {.name = "WIN1254", .iconv_name = "CP1254"},
    {.name = "WIN1255", .iconv_name = "CP1255"},
    {.name = "WIN1256", .iconv_name = "CP1256"},
    {.name = "WIN1257", .iconv_name = "CP1257"},
    {.name = "WIN1258", .iconv_name = "CP1258", .not_held = "\u0340\u0341"},
    {.name = "KOI8R", .iconv_name = "KOI8-R"},
    {.name = "KOI8U", .iconv_name = "KOI8-U"},
    {.name = "EUC_CN", .iconv_name = "EUC-CN", .several_bytes = true},
    {.name = "EUC_JP",
     .iconv_name = "EUC-JP-MS",
     .several_bytes = true,
     .not_held = "\u00a2\u00a3\u00a5\u00ac\u2014\u2016\u203e\u2212\u301c"},
    {.name = "EUC_KR", .iconv_name = "EUC-KR", .several_bytes = true, .not_held = "\u20a9"},
    {.name = "EUC_TW", .iconv_name = "EUC-TW", .several_bytes = true},
};

struct encoding {
    char name[32];
    bool counts_bytes;
    const struct known_encoding *known; /* NULL: every text can be held, as far as is known */
    iconv_t conversion;                 /* from UTF-8, where it is known */
    pthread_mutex_t mutex;              /* held while it converts: it has a state */
};

static void find_conversion(struct encoding *encoding)
{
    for (size_t i = 0; i < sizeof known_encodings / sizeof *known_encodings; i++) {
        const struct known_encoding *known = &known_encodings[i];

        if (strcmp(known->name, encoding->name) != 0)
            continue;
        encoding->conversion = iconv_open(known->iconv_name, "UTF-8");
        /* (iconv_t)-1, which is no pointer to compare with */
        if ((intptr_t)encoding->conversion != -1)
            encoding->known = known;
        return;
    }
}

bool encoding_open(const char *name, struct encoding **encoding)
{
    struct encoding *opened = calloc(1, sizeof *opened);

    if (opened == NULL)
        return false;
    if (pthread_mutex_init(&opened->mutex, NULL) != 0) {
        free(opened);
        return false;
    }
    (void)snprintf(opened->name, sizeof opened->name, "%s", name != NULL ? name : "UTF8");
    opened->counts_bytes = strcmp(opened->name, "SQL_ASCII") == 0;
    find_conversion(opened);
    *encoding = opened;
    return true;
}

const char *encoding_name(const struct encoding *encoding)
{
    return encoding->name;
}

bool encoding_counts_bytes(const struct encoding *encoding)
{
    return encoding->counts_bytes;
}

/* iconv drops the tags U+E0000 to U+E007F, and says nothing. Where a character may have several
 * bytes, iconv alone passes the controls U+0080 to U+009F on. */
static bool is_left_out(const struct known_encoding *known, const char *character, size_t size)
{
    if (size == 4 && memcmp(character, "\xf3\xa0\x80\x80", 4) >= 0 &&
        memcmp(character, "\xf3\xa0\x81\xbf", 4) <= 0)
        return true;
    if (known->several_bytes && size == 2 && memcmp(character, "\xc2\x80", 2) >= 0 &&
        memcmp(character, "\xc2\x9f", 2) <= 0)
        return true;
    return size > 1 && known->not_held != NULL &&
           memmem(known->not_held, strlen(known->not_held), character, size) != NULL;
}

static bool has_left_out(const struct known_encoding *known, const char *text, size_t length)
{
    for (size_t position = 0; position < length;) {
        size_t size = (size_t)u8_mblen((const uint8_t *)text + position, length - position);

        if (is_left_out(known, text + position, size))
            return true;
        position += size;
    }
    return false;
}

static size_t count_characters(const char *text, size_t length)
{
    return u8_mbsnlen((const uint8_t *)text, length);
}

/* Converts a text, and counts the bytes that come of it. */
static bool convert(iconv_t conversion, const char *text, size_t length, size_t *converted)
{
    char bytes[256];
    char *rest;
    size_t result = 0;

    /* iconv does not write to it, whatever its type says. */
    memcpy(&rest, &text, sizeof rest);
    *converted = 0;
    (void)iconv(conversion, NULL, NULL, NULL, NULL);
    do {
        char *end = bytes;
        size_t room = sizeof bytes;

        result = iconv(conversion, &rest, &length, &end, &room);
        *converted += sizeof bytes - room;
    } while (result == (size_t)-1 && errno == E2BIG);
    return result != (size_t)-1;
}

static bool convert_alone(struct encoding *encoding, const char *text, size_t length,
                          size_t *converted)
{
    int failure = pthread_mutex_lock(&encoding->mutex);
    bool done;

    assert(failure == 0);
    done = convert(encoding->conversion, text, length, converted);
    failure = pthread_mutex_unlock(&encoding->mutex);
    assert(failure == 0);
    (void)failure;
    return done;
}

/* Where each character has one byte, iconv makes two of some: it takes accents off, which the
 * server does not. */
bool encoding_holds(struct encoding *encoding, const char *text, size_t length)
{
    const struct known_encoding *known = encoding != NULL ? encoding->known : NULL;
    size_t converted;

    if (known == NULL)
        return true;
    return !has_left_out(known, text, length) &&
           convert_alone(encoding, text, length, &converted) &&
           (known->several_bytes || converted == count_characters(text, length));
}

void encoding_free(struct encoding *encoding)
{
    if (encoding == NULL)
        return;
    if (encoding->known != NULL)
        (void)iconv_close(encoding->conversion);
    (void)pthread_mutex_destroy(&encoding->mutex);
    free(encoding);
}
