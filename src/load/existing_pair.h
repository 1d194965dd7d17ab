/*
 * Pairs of a run whose parent was in the database already: which of them are there too is asked
 * in one query, for those pairs alone, not by reading a table of millions.
 */
#ifndef LOAD_EXISTING_PAIR_H
#define LOAD_EXISTING_PAIR_H

#include "load/dataset.h"
#include "pg/connection.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct existing_pair;

/* Caller-owned; zeroed is empty. */
struct existing_pair_list {
    struct existing_pair *pairs;
    size_t count, capacity;
};

/* Adds a pair that has to be asked for; false when memory ran out. */
bool existing_pair_add(struct existing_pair_list *list, int64_t parent, int64_t child,
                       uint32_t line);

/* Asks the database and adds a problem for each pair it holds. */
bool existing_pair_judge(struct existing_pair_list *list, struct dataset *dataset,
                         struct connection *connection, struct error *error);

void existing_pair_list_free(struct existing_pair_list *list);

#endif
