/*
 * What has to be done to new tables until they are complete: steps, of which several go on side by
 * side, each in a transaction of its own.
 *
 *     COPY users, orders     COPY order_items     COPY products ...     indexes of empty tables
 *            |                      |                   |
 *            v                      |                   v
 *     index users_pkey              |             index products_pkey ...
 *     index orders_pkey             |                   |
 *            |                      |                   |
 *            +----------------------+-------------------+
 *                                   v
 *                    all foreign keys, not yet proven (NOT VALID)
 *                                   |
 *            +----------------------+-------------------+
 *            v                      v                   v
 *     index orders_...       index order_items_...   index products_...      ANALYZE of a table:
 *            |                      |                   |                    when nothing else
 *            v                      v                   v                    can begin
 *     foreign keys of        foreign keys of         foreign keys of
 *     orders proven          order_items proven      products proven
 *            |                      |                   |
 *            +----------------------+-------------------+
 *                                   v
 *                  constraints on top of the unique indexes
 *
 * Foreign keys come in two parts because of the locks (PostgreSQL manual, 13.3.1 and ALTER TABLE):
 * to add one locks both tables against the creation of indexes, to prove it does not lock the
 * referenced table against that. So foreign keys of the order items are proven while orders get
 * their other indexes. For the same reason the primary keys and unique constraints, which lock a
 * table wholly, come last; until then their indexes do for the foreign keys.
 *
 * Pure bookkeeping, for one thread at a time.
 */
#ifndef BUILD_STEP_LIST_H
#define BUILD_STEP_LIST_H

#include "base/error.h"
#include "base/list.h"
#include "plan/plan.h"
#include "schema/rebuild.h"

#include <stdbool.h>
#include <stddef.h>

enum step_kind {
    STEP_COPY,             /* fills tables, one after the other in one transaction */
    STEP_INDEX_OF_EMPTY,   /* all indexes of all tables that get no row */
    STEP_PARENT_KEY,       /* the index of a primary key that foreign keys lead to */
    STEP_ADD_FOREIGN_KEYS, /* all, unproven */
    STEP_INDEX,            /* any other index */
    STEP_FOREIGN_KEY,      /* proves one */
    STEP_ANALYZE,          /* one table */
    STEP_CONSTRAINTS       /* all primary keys and unique constraints, on top of their indexes */
};

enum step_state { STEP_WAITS, STEP_RUNS, STEP_IS_DONE };

struct step {
    enum step_kind kind;
    unsigned tables; /* a bit for each: 1 << enum table_id */
    size_t object;   /* of the rebuild: an index or a foreign key */
    double cost;     /* seconds, roughly: measured with two processors (bench/RESULTS.md) */
    enum step_state state;
    double began; /* as clock_seconds() tells */
};

/* Caller-owned; zeroed is empty. */
struct step_list {
    struct list steps; /* of struct step */
    bool checked;      /* all files are */
    double cost;       /* of all */
    double done;       /* of those that are done */
    double seconds;    /* that those took, added up */
};

/*
 * Lists what there is to do: rows of the plan's tables, and all that the rebuild has dropped.
 * Tables whose rows have external ids are filled by one step, because the ledger names one
 * transaction for them and the id map has one writer; so are tables with files that cannot be read
 * at the same time (input_shares_reading).
 *
 * Until step_list_allow nothing can begin but the indexes of empty tables, and the filling of a
 * table that is `streamed`, if it is filled alone: its rows are sent while they are checked.
 */
bool step_list_make(struct step_list *list, const struct plan *plan, const struct rebuild *rebuild,
                    struct error *error);

/* All files are checked, and how many rows the tables get is known: works out what the steps cost,
 * and lets them begin. */
void step_list_allow(struct step_list *list, const struct plan *plan);

/* The largest step that can begin now, an ANALYZE where no other can, which runs from then on;
 * NULL: none can before another one has ended. */
struct step *step_list_next(struct step_list *list);

/* A step that ran is done. */
void step_list_finish(struct step_list *list, struct step *step);

/* What those cost that are done, and the parts of those that run, as far as their time tells. */
double step_list_progress(const struct step_list *list);

/* Whether all are done. */
bool step_list_is_done(const struct step_list *list);

void step_list_free(struct step_list *list);

#endif
