#include "value/utf8.h"

#include <stdint.h>
#include <string.h>
#include <unistr.h>

static const struct value_fault has_nul = {.code = VALUE_FAULT_ENCODING,
                                           .text = "contains a NUL byte"};
static const struct value_fault invalid = {.code = VALUE_FAULT_ENCODING, .text = "invalid UTF-8"};

/* Length of the leading run of ASCII without NUL. */
static size_t plain_prefix(const char *text, size_t length)
{
    const uint64_t low_bits = UINT64_C(0x0101010101010101);
    const uint64_t high_bits = UINT64_C(0x8080808080808080);
    size_t position = 0;
    uint64_t word;

    for (; length - position >= sizeof word; position += sizeof word) {
        memcpy(&word, text + position, sizeof word);
        /* Without high bits, subtracting one borrows into a high bit exactly where a NUL is. */
        if (((word | (word - low_bits)) & high_bits) != 0)
            break;
    }
    while (position < length && (signed char)text[position] > 0)
        position++;
    return position;
}

const struct value_fault *utf8_check(const char *text, size_t length, size_t *characters)
{
    size_t plain = plain_prefix(text, length);
    const uint8_t *rest;

    if (plain < length) {
        rest = (const uint8_t *)text + plain;
        if (memchr(rest, '\0', length - plain) != NULL)
            return &has_nul;
        if (u8_check(rest, length - plain) != NULL)
            return &invalid;
        plain += u8_mbsnlen(rest, length - plain);
    }
    *characters = plain;
    return NULL;
}
