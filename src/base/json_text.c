#include "base/json_text.h"

#include <stdlib.h>
#include <string.h>
#include <unistr.h>

static const char replacement[] = "\xEF\xBF\xBD";
enum { REPLACEMENT_SIZE = sizeof replacement - 1 };

/* Copies the bytes and replaces those that are not UTF-8. `mended` has room for REPLACEMENT_SIZE
 * times `length` bytes; returns how many are used. */
static size_t mend(const char *bytes, size_t length, char *mended)
{
    const uint8_t *wrong;
    size_t used = 0;

    while ((wrong = u8_check((const uint8_t *)bytes, length)) != NULL) {
        size_t right = (size_t)((const char *)wrong - bytes);

        memcpy(mended + used, bytes, right);
        memcpy(mended + used + right, replacement, REPLACEMENT_SIZE);
        used += right + REPLACEMENT_SIZE;
        bytes += right + 1;
        length -= right + 1;
    }
    memcpy(mended + used, bytes, length);
    return used + length;
}

json_t *json_text(const char *bytes)
{
    size_t length = strlen(bytes);
    char *mended;
    json_t *text;

    if (u8_check((const uint8_t *)bytes, length) == NULL)
        return json_stringn(bytes, length);
    mended = malloc(length * REPLACEMENT_SIZE);
    if (mended == NULL)
        return NULL;
    text = json_stringn(mended, mend(bytes, length, mended));
    free(mended);
    return text;
}
