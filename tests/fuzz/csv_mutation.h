/*
 * Changes that keep a file CSV: lines and fields are copied, swapped and left out as wholes, so
 * that keys stand twice, references lead elsewhere and rows change their order. Several files may
 * follow each other, each behind a byte 0x1e. First lines, which are headers, are mostly left
 * alone.
 */
#ifndef TESTS_FUZZ_CSV_MUTATION_H
#define TESTS_FUZZ_CSV_MUTATION_H

#include <stddef.h>
#include <stdint.h>

/* Makes one change in place, as `seed` chooses it, and returns the new size, `maximum` at most. */
size_t csv_mutation_make(uint8_t *data, size_t size, size_t maximum, unsigned seed);

/* The same with libFuzzer's own change to one line, which keeps its neighbours. */
size_t csv_mutation_mutate(uint8_t *data, size_t size, size_t maximum, unsigned seed);

#endif
