/*
 * Rows whose parent was in the database before the run (the items of an order), as they come from
 * the files. The rows of one parent that come one after the other are a group. When it ends, it is
 * compared with all rows that the database has of the parent, by digest: where they are the same,
 * nothing is left to do for the group. The keys of all other rows are asked for in the database
 * (check/existing_key).
 *
 * A group of which a row was left out meanwhile is not compared. What happens to a row of an equal
 * group later (a second row with its key may take its place) is the same as with any other row:
 * dataset_skip_line and dataset_reject_line take it out of the unchanged rows.
 */
#ifndef CHECK_EXISTING_GROUP_H
#define CHECK_EXISTING_GROUP_H

#include "base/list.h"
#include "pg/session.h"
#include "plan/dataset.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The rows of a table so far. Caller-owned; zeroed but for its first members, which are borrowed,
 * is empty. */
struct existing_group {
    struct dataset *dataset;
    struct id_set *changed; /* gets the parents that get a row more */
    const struct session *session;

    struct list keys;  /* to ask for */
    size_t first;      /* the first of them that is the group's */
    int64_t parent;    /* of the group; 0 before the first */
    uint64_t digest;   /* of its rows, added up */
    bool incomparable; /* it has a row that is not in the digest */
};

/* Adds a row, after the end of the group before it. `comparable`: its file has the columns that are
 * compared. */
bool existing_group_add(struct existing_group *group, const struct row *row, uint32_t line,
                        bool comparable);

/* Ends the last group and asks for all keys that are left. Comes after out_of_order_judge, which
 * looks at rows that the database keeps as well; only here they are counted as kept. */
bool existing_group_finish(struct existing_group *group);

void existing_group_free(struct existing_group *group);

#endif
