/*
 * Keys of a run whose parent was in the database already: which of them are there too is asked in
 * one query, for those keys alone, not by reading a table of millions.
 */
#ifndef CHECK_EXISTING_KEY_H
#define CHECK_EXISTING_KEY_H

#include "base/list.h"
#include "pg/session.h"
#include "plan/dataset.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Adds a key that has to be asked for to the list, which is of nothing else (`child` as
 * row_key_child gives it); false when memory ran out. */
bool existing_key_add(struct list *keys, int64_t parent, int64_t child, uint32_t line);

/* Asks the database, and empties the list. A row whose key it holds is treated as the dataset's
 * mode says: a problem, left out, or to be updated. The parents of all others, which get a row
 * more, are added to `changed`. */
bool existing_key_judge(struct list *keys, struct dataset *dataset, struct id_set *changed,
                        const struct session *session);

#endif
