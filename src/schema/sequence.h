/*
 * The sequence that gives a table's ids: where it stands, its floor, and setting it past the ids
 * that are there.
 */
#ifndef SCHEMA_SEQUENCE_H
#define SCHEMA_SEQUENCE_H

#include "pg/session.h"
#include "schema/catalog.h"
#include "table/table.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sequence {
    bool present;
    bool readable; /* the user may see where it stands */
    bool settable; /* the user may set it, and read its table for max(id) */
    bool owned;    /* the user may alter it */
    char schema[CATALOG_NAME_SIZE];
    char name[CATALOG_NAME_SIZE];
    int64_t minimum; /* MINVALUE: the floor, where it is above 1 */
    int64_t maximum; /* MAXVALUE */

    /* Set by sequence_advance; 0 until then. */
    int64_t before; /* the id that nextval would have given */
    int64_t next;   /* the id that it gives now, or would give after a rehearsal */
};

/* Finds the sequences that the defaults of the tables' sequence_columns draw from, else those that
 * these columns own: sequences[i] is that of tables[i]. `present` is false when there is none, or
 * no table. */
bool sequence_find(const struct table *const *tables, size_t count, struct sequence *sequences,
                   const struct session *session);

/*
 * From here on a rollback of this transaction also takes back the ids that it draws from the
 * sequence, which it does not do by itself. Others that draw an id wait until the transaction ends.
 * Only for a sequence that is `owned`, of a table that is not distributed: Citus lets nobody alter
 * the sequence of another one.
 */
bool sequence_make_draws_transactional(const struct sequence *sequence,
                                       const struct session *session);

/* What a sequence is to be set past: all ids of the table that are there, and those below floor.
 * Where the table is distributed, the ids that other nodes have drawn are not among them: Citus
 * gives each node a range of its own, far above that of the coordinator. */
struct sequence_advance {
    const struct table *table;
    int64_t floor;             /* 0: none */
    struct sequence *sequence; /* borrowed; `before` and `next` are set */
};

/*
 * Sets each sequence, so that it gives GREATEST(floor, max(id) + 1, what it would have given) next:
 * it never goes backwards. One that gives this already is not set. A rollback does not undo setval
 * (PostgreSQL manual, 9.17), so this belongs at the very end of a run. With `rehearse` nothing is
 * set, only `before` and `next` are worked out. Only for sequences that are `settable`; those that
 * are `readable` may be rehearsed.
 */
bool sequence_advance(const struct sequence_advance *advances, size_t count, bool rehearse,
                      const struct session *session);

/*
 * Makes `floor` the sequence's MINVALUE, from which later runs read it. Unlike setval, this is
 * undone by a rollback. To be called after sequence_advance, rehearsed or not, because the server
 * refuses a MINVALUE above the last value. Only where the table is not distributed. When the floor
 * goes down and no id was ever drawn from the sequence, it starts at the new floor; otherwise it
 * stays where it is.
 */
bool sequence_set_floor(struct sequence *sequence, int64_t floor, bool rehearse,
                        const struct session *session);

#endif
