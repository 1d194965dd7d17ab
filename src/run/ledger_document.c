#include "run/ledger_document.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistr.h>

static bool replace_characters(json_t *string, struct encoding *encoding)
{
    size_t length = json_string_length(string), kept = 0;
    char *text = strdup(json_string_value(string));
    bool set;

    if (text == NULL)
        return false;
    for (size_t position = 0; position < length;) {
        size_t size = (size_t)u8_mblen((const uint8_t *)text + position, length - position);

        if (encoding_holds(encoding, text + position, size)) {
            memmove(text + kept, text + position, size);
            kept += size;
        } else {
            text[kept++] = '?';
        }
        position += size;
    }
    set = json_string_setn(string, text, kept) == 0;
    free(text);
    return set;
}

static bool replace_in(json_t *value, struct encoding *encoding)
{
    const char *key;
    json_t *member;
    size_t index;

    if (json_is_string(value) &&
        !encoding_holds(encoding, json_string_value(value), json_string_length(value)))
        return replace_characters(value, encoding);
    json_object_foreach(value, key, member) if (!replace_in(member, encoding)) return false;
    json_array_foreach(value, index, member) if (!replace_in(member, encoding)) return false;
    return true;
}

/* ASCII alone is the same in every encoding. Where the server converts nothing, it refuses the
 * escapes that ASCII takes for other characters. */
char *ledger_document(json_t *report, struct encoding *encoding)
{
    size_t form = encoding_counts_bytes(encoding) ? 0 : JSON_ENSURE_ASCII;

    return replace_in(report, encoding) ? json_dumps(report, JSON_COMPACT | form) : NULL;
}
