/*
 * value/uuid against the form that RFC 9562 gives, digit by digit.
 */
#include "value/uuid.h"

#include "fuzz_target.h"

#include <ctype.h>

enum { VERSION_PLACE = 14, VARIANT_PLACE = 19 };

static bool is_hyphen_place(size_t place)
{
    return place == 8 || place == 13 || place == 18 || place == 23;
}

static bool is_uuid(const char *text, size_t length)
{
    if (length != UUID_TEXT_SIZE - 1)
        return false;
    for (size_t i = 0; i < length; i++)
        if (is_hyphen_place(i)
                ? text[i] != '-'
                : text[i] == '\0' || strchr("0123456789abcdefABCDEF", text[i]) == NULL)
            return false;
    return true;
}

static void check(const char *text, size_t length)
{
    uint8_t uuid[UUID_SIZE];
    char again[UUID_TEXT_SIZE];
    const struct value_fault *fault = uuid_v4_parse(text, length, uuid);
    bool form = is_uuid(text, length);
    bool version_4 = form && text[VERSION_PLACE] == '4' && strchr("89abAB", text[VARIANT_PLACE]);

    REQUIRE((fault == NULL) == version_4, "%s", fault != NULL ? fault->text : "accepted");
    if (fault != NULL) {
        REQUIRE((strstr(fault->text, "version 4") != NULL) == form, "%s", fault->text);
        return;
    }
    uuid_format(uuid, again);
    for (size_t i = 0; i < length; i++)
        REQUIRE(again[i] == tolower((unsigned char)text[i]), "%.*s becomes %s", (int)length, text,
                again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return try_exactly(data, size, check);
}
