/*
 * The sequence behind a table's ids: its floor, its next value, and setting it past the history.
 */
#ifndef PG_SEQUENCE_H
#define PG_SEQUENCE_H

#include "pg/catalog.h"
#include "pg/connection.h"
#include "table/table.h"

#include <stdbool.h>
#include <stdint.h>

struct sequence {
    bool present;
    bool readable; /* the user may see where it stands */
    bool settable; /* the user may set it, and read its table for max(id) */
    bool owned;    /* the user may alter it */
    char schema[CATALOG_NAME_SIZE];
    char name[CATALOG_NAME_SIZE];
    int64_t minimum; /* MINVALUE: the floor, where it is above 1 */
    int64_t before;  /* what nextval would have given before sequence_advance */
    int64_t next;    /* and what it gives after it */
};

/* Finds the sequence that the key column's default draws from (or that the column owns). A table
 * without one, or that does not exist, gives present = false. */
bool sequence_find(struct connection *connection, const struct table *table,
                   struct sequence *sequence, struct error *error);

/*
 * Lets a rollback undo what is drawn from the sequence from here on, in this transaction; others
 * that draw from it wait for the end. Only for a sequence that is `owned`.
 */
bool sequence_make_draws_transactional(struct connection *connection,
                                       const struct sequence *sequence, struct error *error);

/*
 * Sets the next value to GREATEST(floor, max(id) + 1, what it would have been): never backwards,
 * and not at all when it is there already. setval is not undone by a rollback (PostgreSQL manual,
 * 9.17), so this belongs at the very end of a run. To `rehearse` is to say what it would be and to
 * set nothing.
 */
bool sequence_advance(struct connection *connection, const struct table *table, int64_t floor,
                      bool rehearse, struct sequence *sequence, struct error *error);

/*
 * Makes `floor` the sequence's MINVALUE, which is where later runs read the floor from. To be
 * called after sequence_advance, rehearsed or not: the server refuses a MINVALUE above the last
 * value. A sequence that nobody has drawn an id from starts at a lower floor as well; any other
 * stays where it is. Unlike setval, this is undone by a rollback.
 */
bool sequence_set_floor(struct connection *connection, struct sequence *sequence, int64_t floor,
                        bool rehearse, struct error *error);

#endif
