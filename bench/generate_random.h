/*
 * Chance that is the same on every machine: SplitMix64, integers only.
 *
 * Draw once in an expression: C leaves open in which order two draws in one call would happen, and
 * compilers differ.
 */
#ifndef GENERATE_RANDOM_H
#define GENERATE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/* What is drawn from a stream of its own, so that a change to one leaves the others as they are. */
enum random_stream {
    RANDOM_HISTORY,
    RANDOM_USER,
    RANDOM_PRODUCT,
    RANDOM_ENRICHED_PRODUCT,
    RANDOM_ORDER,
    RANDOM_SHIPMENT,
    RANDOM_STATUS,
    RANDOM_POPULARITY,
    RANDOM_BASKET,
    RANDOM_VALUE,
};

struct random {
    uint64_t state;
};

/* One point of a distribution: `permille` of all values lie below `value`. */
struct random_quantile {
    uint32_t permille;
    uint32_t value;
};

/* The stream of one thing (a row's id as `key`, or 0 for a whole file). */
struct random random_start(uint64_t seed, enum random_stream stream, uint64_t key);

uint64_t random_next(struct random *random);

/* Returns 0 to limit - 1. */
uint32_t random_below(struct random *random, uint32_t limit);

/* Returns an index into weights, each as likely as its weight says; total is their sum. */
uint32_t random_weighted(struct random *random, const uint16_t *weights, uint32_t total);

/* Draws from a distribution whose points go from 0 to 1000 per mille, even between two points. */
uint32_t random_quantile(struct random *random, const struct random_quantile *points);

/* Returns the numbers 1 to count in random order; the caller frees them. Exits without memory. */
uint32_t *random_permutation(struct random *random, uint32_t count);

/* Returns one of the texts of an array. */
#define RANDOM_TEXT(random, texts)                                                                 \
    ((texts)[random_below((random), (uint32_t)(sizeof(texts) / sizeof(texts)[0]))])

#endif
