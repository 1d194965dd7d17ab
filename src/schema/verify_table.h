/*
 * One of TimeL-E's tables as --verify looks at it.
 */
#ifndef SCHEMA_VERIFY_TABLE_H
#define SCHEMA_VERIFY_TABLE_H

#include "schema/catalog.h"
#include "schema/sequence.h"

#include <stdbool.h>
#include <stdint.h>

/* What is known of a table before it is looked at; all is borrowed. */
struct verify_table {
    int64_t floor;                       /* 0: it has none */
    const struct catalog_table *catalog; /* read */
    const struct sequence *sequence;     /* found; `readable` if it is present */
    bool sequence_will_be_set; /* before the commit: wherever it stands now, it is not broken */
};

#endif
