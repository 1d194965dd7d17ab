/*
 * Who ordered how often and how much: what orders and order items have in common.
 *
 * Instacart's shape: 4 to 100 orders for each user, the last one in the train or the test set and
 * all before in the prior set; order ids in random order; no items for a test order, 1 to 80 for
 * any other.
 */
#ifndef GENERATE_HISTORY_H
#define GENERATE_HISTORY_H

#include "generate_size.h"

enum eval_set { EVAL_PRIOR, EVAL_TRAIN, EVAL_TEST };

struct history {
    uint32_t users;
    uint32_t orders;
    uint8_t *orders_of_user; /* by user_id - 1 */
    uint32_t *order_ids;     /* user after user, each user's orders in the order they were placed */

    /* By order_id - 1. */
    uint8_t *order_number;
    uint8_t *eval_set;
    uint8_t *items;
};

/* Sums are exactly what size says. Exits without memory. */
struct history *history_make(const struct size *size, uint64_t seed);

void history_free(struct history *history);

#endif
