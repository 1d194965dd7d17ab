/*
 * value/utf8 against the table of RFC 3629, byte by byte; and base/display, which decides what a
 * terminal gets to see.
 */
#include "value/utf8.h"

#include "base/display.h"

#include "fuzz_target.h"
#include "shown_text.h"

static bool is_between(uint8_t byte, unsigned least, unsigned most)
{
    return byte >= least && byte <= most;
}

/* The bytes of the character that a text begins with; 0: it begins with none. */
static size_t measure(const uint8_t *text, size_t length)
{
    size_t more = is_between(text[0], 0xc2, 0xdf)   ? 1
                  : is_between(text[0], 0xe0, 0xef) ? 2
                  : is_between(text[0], 0xf0, 0xf4) ? 3
                                                    : 0;
    unsigned least = text[0] == 0xe0 ? 0xa0 : text[0] == 0xf0 ? 0x90 : 0x80;
    unsigned most = text[0] == 0xed ? 0x9f : text[0] == 0xf4 ? 0x8f : 0xbf;

    if (text[0] < 0x80)
        return text[0] == 0 ? 0 : 1;
    if (more == 0 || length <= more || !is_between(text[1], least, most))
        return 0;
    for (size_t i = 2; i <= more; i++)
        if (!is_between(text[i], 0x80, 0xbf))
            return 0;
    return more + 1;
}

static void check(const char *text, size_t length)
{
    size_t characters = 0, expected = 0, at = 0, size;
    const struct value_fault *fault = utf8_check(text, length, &characters);

    while (at < length && (size = measure((const uint8_t *)text + at, length - at)) > 0) {
        at += size;
        expected++;
    }
    REQUIRE((fault == NULL) == (at == length), "%s", fault != NULL ? fault->text : "accepted");
    REQUIRE(fault != NULL || characters == expected, "%zu characters, not %zu", characters,
            expected);
    REQUIRE(fault == NULL ||
                (strstr(fault->text, "NUL") != NULL) == (memchr(text, '\0', length) != NULL),
            "%s", fault->text);
}

static void check_display(const char *text, size_t length)
{
    char shown[DISPLAY_SIZE];
    char *whole = strndup(text, length), *copy;

    REQUIRE(whole != NULL, "out of memory");
    (void)display_text(text, length, shown);
    require_shown(shown, strlen(shown), false);
    copy = display_copy(whole);
    REQUIRE(copy != NULL, "out of memory");
    require_shown(copy, strlen(copy), false);
    free(copy);
    free(whole);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = copy_exactly(data, size);

    check(text, size);
    check_display(text, size);
    free(text);
    return 0;
}
