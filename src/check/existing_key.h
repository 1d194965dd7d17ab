/*
 * Keys of rows whose parent was in the database before the run: only such keys can be in the
 * database as well. One query asks which of them are, so that a table of millions of rows is not
 * read.
 */
#ifndef CHECK_EXISTING_KEY_H
#define CHECK_EXISTING_KEY_H

#include "base/list.h"
#include "pg/session.h"
#include "plan/dataset.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A row whose key the database may hold. The caller sets the first members. */
struct existing_key {
    int64_t parent, child; /* child: as row_key_child gives it */
    uint64_t digest;       /* of the row (row/row_digest); 0: it cannot be compared */
    uint32_t line;
    bool exists;    /* the database holds the key */
    bool unchanged; /* and its row has all that the file's would set */
};

/* Adds a key to a list of keys to ask for; false when memory ran out. */
bool existing_key_add(struct list *keys, const struct existing_key *key);

/* Whether a line of the keys from `first` on is in a set. */
bool existing_key_any_in(const struct list *keys, size_t first, const struct id_set *lines);

/* Takes the keys from `first` on off the list, and notes their rows as unchanged. False when memory
 * ran out. */
bool existing_key_note_unchanged(struct list *keys, size_t first, struct dataset *dataset);

/* Asks the database for the keys of the list, and empties it. A row whose key it holds is treated
 * as the dataset's mode says: a problem, left out, or to be updated. The parents of all others,
 * which get a row more, are added to `changed`. */
bool existing_key_judge(struct list *keys, struct dataset *dataset, struct id_set *changed,
                        const struct session *session);

#endif
