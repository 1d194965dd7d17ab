/*
 * What may be shown to a person: UTF-8 without anything that controls a terminal.
 */
#ifndef TESTS_FUZZ_SHOWN_TEXT_H
#define TESTS_FUZZ_SHOWN_TEXT_H

#include "fuzz_target.h"

#include <stdbool.h>
#include <unistr.h>

/* Controls, what reorders a text or breaks its line. */
static inline bool is_harmful(ucs4_t character)
{
    return character < 0x20 || (character >= 0x7f && character <= 0x9f) || character == 0x061c ||
           character == 0x200e || character == 0x200f ||
           (character >= 0x2028 && character <= 0x202e) ||
           (character >= 0x2066 && character <= 0x2069);
}

/* Ends the program unless a text may be shown. `lines`: it consists of lines. */
static inline void require_shown(const char *text, size_t length, bool lines)
{
    const uint8_t *at = (const uint8_t *)text;
    size_t left = length;

    REQUIRE(u8_check(at, length) == NULL, "what is shown is not UTF-8: %.*s", (int)length, text);
    while (left > 0) {
        ucs4_t character;
        int size = u8_mbtouc(&character, at, left);

        REQUIRE((lines && character == '\n') || !is_harmful(character),
                "U+%04X is shown at %zu of: %.*s", (unsigned)character, length - left, (int)length,
                text);
        at += size;
        left -= (size_t)size;
    }
}

#endif
