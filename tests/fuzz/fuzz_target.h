/*
 * What libFuzzer calls of a target, and what a target needs to say that something is wrong.
 */
#ifndef TESTS_FUZZ_FUZZ_TARGET_H
#define TESTS_FUZZ_FUZZ_TARGET_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Tries one input; returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Changes an input in place and returns its new size, `maximum` at most. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t maximum, unsigned seed);

/* libFuzzer's own: the change it would have made. */
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t maximum);

/* Ends the program with a message when something does not hold: the input is a finding then. */
#define REQUIRE(holds, ...)                                                                        \
    ((holds) ? (void)0 : fail_requirement(__FILE__, __LINE__, #holds, __VA_ARGS__))

static inline void fail_requirement(const char *file, int line, const char *requirement,
                                    const char *format, ...)
    __attribute__((noreturn, cold, format(printf, 4, 5)));

static inline void fail_requirement(const char *file, int line, const char *requirement,
                                    const char *format, ...)
{
    va_list arguments;

    (void)fprintf(stderr, "%s:%d: not so: %s: ", file, line, requirement);
    va_start(arguments, format);
    (void)vfprintf(stderr, format, arguments);
    va_end(arguments);
    (void)fputc('\n', stderr);
    abort();
}

/* A copy that ends where the bytes end, so that AddressSanitizer sees a read behind them; to be
 * freed. */
static inline char *copy_exactly(const uint8_t *bytes, size_t length)
{
    char *copy = malloc(length);

    REQUIRE(copy != NULL || length == 0, "out of memory");
    if (length > 0)
        memcpy(copy, bytes, length);
    return copy;
}

/* Tries a text in such a copy; returns 0, for libFuzzer. */
static inline int try_exactly(const uint8_t *data, size_t size,
                              void (*check)(const char *text, size_t length))
{
    char *text = copy_exactly(data, size);

    check(text, size);
    free(text);
    return 0;
}

#endif
