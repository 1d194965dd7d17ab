/*
 * What must hold in a database beyond what the tables' descriptions say of one column: values that
 * follow from other rows, and who owns which ids. That each foreign key leads to a row, that each
 * external id is a random UUID and unique, and that each sequence is past the ids, follows from the
 * descriptions (schema/verify).
 *
 * The texts are parts of SQL queries, with the settings timele.users_floor and timele.orders_floor
 * saying where the application's ids start, timele.transaction which transaction this is, if it has
 * written, and those of table/derivation.h.
 */
#ifndef TABLE_INVARIANT_H
#define TABLE_INVARIANT_H

#include "table/table.h"

#include <stdbool.h>
#include <stddef.h>

struct invariant {
    const char *name;
    /* An optional column that it is about: without it there is nothing to check. NULL: none. */
    const char *marker;
    enum table_id marked;
    /* It reads the runs of the ledger: where they cannot be read there is nothing to check. */
    bool needs_runs;

    const char *rows;    /* FROM: what is checked, one row each */
    const char *broken;  /* WHERE: a row of them that is wrong */
    const char *order;   /* ORDER BY, of examples */
    const char *example; /* a text that tells a person which row it is and what is wrong */
};

extern const struct invariant invariants[];
extern const size_t invariant_count;

#endif
