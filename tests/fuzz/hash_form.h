/*
 * The form of a password's hash (value/password_hash.h) as a regular expression.
 */
#ifndef TESTS_FUZZ_HASH_FORM_H
#define TESTS_FUZZ_HASH_FORM_H

#include "fuzz_target.h"

#include <regex.h>
#include <stdbool.h>

/* $ID$ and ten characters or more, of which the last is no comma. */
#define HASH_FORM "[$][A-Za-z0-9-]{1,16}[$][A-Za-z0-9./$,=+-]{9,}[A-Za-z0-9./$=+-]"

/* Finds the leftmost, longest hash in a text, which may have NULs. */
static inline bool hash_form_find(const char *text, size_t length, regmatch_t *match)
{
    static regex_t expression;
    static bool compiled;

    if (!compiled)
        REQUIRE(regcomp(&expression, HASH_FORM, REG_EXTENDED) == 0, "%s", HASH_FORM);
    compiled = true;
    match->rm_so = 0;
    match->rm_eo = (regoff_t)length;
    return memchr(text, '$', length) != NULL &&
           regexec(&expression, text, 1, match, REG_STARTEND) == 0;
}

#endif
