/*
 * A stream whose text a test compares.
 */
#ifndef TESTS_UNIT_MEMORY_STREAM_H
#define TESTS_UNIT_MEMORY_STREAM_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

/* Caller-owned; closed by memory_stream_expect. */
struct memory_stream {
    FILE *stream;
    char *text;
    size_t size;
};

static inline void memory_stream_open(struct memory_stream *memory)
{
    memory->stream = open_memstream(&memory->text, &memory->size);
    ck_assert_ptr_nonnull(memory->stream);
}

static inline void memory_stream_expect(struct memory_stream *memory, const char *expected)
{
    ck_assert_int_eq(fclose(memory->stream), 0);
    ck_assert_str_eq(memory->text, expected);
    free(memory->text);
}

#endif
