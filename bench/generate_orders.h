/*
 * Orders, and what TimeL-E knows of them beyond Instacart: their shipment and their status.
 */
#ifndef GENERATE_ORDERS_H
#define GENERATE_ORDERS_H

#include "generate_history.h"

/*
 * Writes orders.csv, user after user, into directory; and orders_enriched.csv (the same rows with
 * further columns) and order_status_history.csv (mostly, but not always, in order) into enriched,
 * unless that is NULL.
 */
void orders_write(const char *directory, const char *enriched, const struct history *history,
                  uint64_t seed);

#endif
