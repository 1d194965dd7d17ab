/*
 * How a run learns what the database has of a table: from all of its rows, or from those alone that
 * the files name. The ids that a table's rows have, and their unique values, are what the files'
 * rows are checked against.
 */
#ifndef PLAN_LOOKUP_H
#define PLAN_LOOKUP_H

#include "index/id_set.h"
#include "index/text_index.h"
#include "table/table.h"

enum lookup {
    LOOKUP_WHOLE,  /* all rows are read */
    LOOKUP_NAMED,  /* only rows are read that a file names; of others nothing is known */
    LOOKUP_BY_SIZE /* of what is wanted: one of the two, as target/lookup_choice says */
};

/* What the files name of a table. Caller-owned; zeroed is nothing. */
struct named_keys {
    struct id_set ids;                           /* of rows, and of rows that others refer to */
    struct text_index values[TABLE_COLUMNS_MAX]; /* of its unique columns */
};

void named_keys_free(struct named_keys *named);

#endif
