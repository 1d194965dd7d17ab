/*
 * value/password_hash: afterwards no part of the text has the form of a hash, as a regular
 * expression tells it, and all that stood around the hashes is still there.
 */
#include "value/password_hash.h"

#include "fuzz_target.h"
#include "hash_form.h"

#define MASK "[hash]"

/* The same by the regular expression: the leftmost and longest. */
static char *mask_plainly(const char *text)
{
    char *masked = NULL;
    size_t length;
    FILE *stream = open_memstream(&masked, &length);
    regmatch_t match;

    REQUIRE(stream != NULL, "out of memory");
    for (; hash_form_find(text, strlen(text), &match); text += match.rm_eo)
        (void)fprintf(stream, "%.*s%s", (int)match.rm_so, text, MASK);
    (void)fputs(text, stream);
    REQUIRE(fclose(stream) == 0, "out of memory");
    return masked;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = strndup((const char *)data, size), *again, *expected;
    regmatch_t match;

    REQUIRE(text != NULL, "out of memory");
    expected = mask_plainly(text);
    password_hash_mask(text);
    REQUIRE(strcmp(text, expected) == 0, "%s, not %s", text, expected);
    REQUIRE(!hash_form_find(text, strlen(text), &match), "%s", text);
    again = strdup(text);
    REQUIRE(again != NULL, "out of memory");
    password_hash_mask(again);
    REQUIRE(strcmp(again, text) == 0, "%s becomes %s", text, again);
    free(again);
    free(expected);
    free(text);
    return 0;
}
