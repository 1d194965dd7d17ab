/*
 * A stream that keeps in memory what is printed to it.
 */
#ifndef TESTS_FUZZ_PRINTED_TEXT_H
#define TESTS_FUZZ_PRINTED_TEXT_H

#include "fuzz_target.h"

enum { PRINTED_MAX = 1 << 20 };

/* Zeroed before its first use, static and never closed. */
struct printed_text {
    char bytes[PRINTED_MAX];
    size_t length; /* after fflush(3) */
    FILE *stream;
};

static inline ssize_t printed_text_take(void *cookie, const char *bytes, size_t length)
{
    struct printed_text *text = cookie;

    REQUIRE(length <= PRINTED_MAX - text->length, "more than %d bytes are printed", PRINTED_MAX);
    memcpy(text->bytes + text->length, bytes, length);
    text->length += length;
    return (ssize_t)length;
}

/* Forgets what was printed, and gives the stream. */
static inline FILE *printed_text_begin(struct printed_text *text)
{
    if (text->stream == NULL)
        text->stream = fopencookie(text, "w", (cookie_io_functions_t){.write = printed_text_take});
    REQUIRE(text->stream != NULL, "out of memory");
    text->length = 0;
    return text->stream;
}

#endif
