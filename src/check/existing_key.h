/*
 * Keys of a run whose parent was in the database already: which of them are there too is asked in
 * one query, for those keys alone, not by reading a table of millions.
 */
#ifndef CHECK_EXISTING_KEY_H
#define CHECK_EXISTING_KEY_H

#include "pg/connection.h"
#include "plan/dataset.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct existing_key;

/* Caller-owned; zeroed is empty. */
struct existing_key_list {
    struct existing_key *keys;
    size_t count, capacity;
};

/* Adds a key that has to be asked for (`child` as key_child gives it); false when memory ran out.
 */
bool existing_key_add(struct existing_key_list *list, int64_t parent, int64_t child, uint32_t line);

/* Asks the database, and empties the list. A row whose key it holds is treated as the dataset's
 * mode says: a problem, left out, or to be updated. The parents of all others, which get a row
 * more, are added to `changed`. */
bool existing_key_judge(struct existing_key_list *list, struct dataset *dataset,
                        struct id_set *changed, struct connection *connection, struct error *error);

void existing_key_list_free(struct existing_key_list *list);

#endif
