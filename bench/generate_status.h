/*
 * The status history of orders: from pending to delivered, or to one of the ways that fail.
 */
#ifndef GENERATE_STATUS_H
#define GENERATE_STATUS_H

#include <stdint.h>

struct status_file;

/* Creates order_status_history.csv. Exits when it cannot. */
struct status_file *status_open(const char *directory, uint64_t seed);

/* Writes the rows of one order; now and then a row is held back and comes after later orders. */
void status_write(struct status_file *status, uint32_t order_id, int64_t created_at);

/* Writes what is held back and closes the file. NULL is fine. */
void status_close(struct status_file *status);

#endif
