#include "base/display.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistr.h>

static bool is_harmful(ucs4_t character)
{
    return character < 0x20 || (character >= 0x7f && character <= 0x9f) || character == 0x200e ||
           character == 0x200f || (character >= 0x2028 && character <= 0x202e) ||
           (character >= 0x2066 && character <= 0x2069) || character == 0xfeff;
}

/* The longest escape and the NUL that snprintf adds. */
enum { ESCAPE_SIZE = 5 };

static size_t write_escape(uint8_t byte, char *shown)
{
    switch (byte) {
    case '\n':
        return (size_t)snprintf(shown, ESCAPE_SIZE, "\\n");
    case '\r':
        return (size_t)snprintf(shown, ESCAPE_SIZE, "\\r");
    case '\t':
        return (size_t)snprintf(shown, ESCAPE_SIZE, "\\t");
    default:
        return (size_t)snprintf(shown, ESCAPE_SIZE, "\\x%02x", (unsigned)byte);
    }
}

static size_t write_escapes(const uint8_t *bytes, size_t length, char *shown)
{
    size_t written = 0;

    for (size_t position = 0; position < length; position++)
        written += write_escape(bytes[position], shown + written);
    return written;
}

const char *display_text(const char *bytes, size_t length, char shown[DISPLAY_SIZE])
{
    const uint8_t *text = (const uint8_t *)bytes;
    size_t position = 0;
    size_t written = 0;
    size_t count = 0;

    while (position < length) {
        ucs4_t character;
        int size = u8_mbtoucr(&character, text + position, length - position);
        size_t taken = size > 0 ? (size_t)size : 1;
        bool as_it_is = size > 0 && !is_harmful(character);

        /* Each escaped byte counts, because it takes the room of the longest character. */
        count += as_it_is ? 1 : taken;
        if (count > DISPLAY_CHARACTERS) {
            memcpy(shown + written, "...", 3);
            written += 3;
            break;
        }
        if (as_it_is)
            memcpy(shown + written, text + position, taken);
        written += as_it_is ? taken : write_escapes(text + position, taken, shown + written);
        position += taken;
    }
    shown[written] = '\0';
    return shown;
}
