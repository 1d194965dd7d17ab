/*
 * Order items: which products stand in which order.
 */
#ifndef GENERATE_ITEMS_H
#define GENERATE_ITEMS_H

#include "generate_history.h"

#include <stdbool.h>

/*
 * Writes order_products.csv, or with split order_products__prior.csv and order_products__train.csv,
 * by ascending order id. A few products are in very many orders and most are in few. Whether a
 * product was ordered before is chance, except that nothing was before a user's first order.
 */
void items_write(const char *directory, const struct history *history, uint32_t products,
                 uint64_t seed, bool split);

#endif
