/*
 * A database as it is, held against what must hold in it: each invariant is one set-based query,
 * and a second one for examples where it is broken.
 */
#ifndef PG_VERIFY_H
#define PG_VERIFY_H

#include "base/list.h"
#include "base/phase.h"
#include "pg/catalog.h"
#include "pg/connection.h"
#include "pg/sequence.h"
#include "table/table.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { VERIFY_EXAMPLES_MAX = 10, VERIFY_NAME_SIZE = 128, VERIFY_EXAMPLE_SIZE = 192 };

/* What is known of a table before. */
struct verify_table {
    int64_t floor; /* 0: it has none */
    const struct catalog_table *catalog;
    const struct sequence *sequence;
    bool sequence_will_be_set; /* before the commit, so that it is right whatever it is now */
};

/* One invariant and what was found. */
struct verify_result {
    char name[VERIFY_NAME_SIZE];
    const char *constraint;   /* of a foreign key: "valid", "not valid", "not there"; else NULL */
    uint64_t checked, broken; /* rows */
    char (*examples)[VERIFY_EXAMPLE_SIZE];
    size_t example_count;
};

/* Caller-owned; zeroed is empty, verify_results_free empties it again. */
struct verify_results {
    struct list list;    /* of struct verify_result */
    size_t broken_count; /* how many of them are broken */
};

/*
 * Looks at every invariant, in the caller's transaction; each is a phase. A sequence that is not
 * there is not looked at. ERROR_DATABASE when the server refuses; that something is broken is no
 * error here, but a result. Changes settings of the transaction for large queries.
 */
bool verify(struct connection *connection, const struct verify_table tables[TABLE_COUNT],
            struct phase_list *phases, struct verify_results *results, struct error *error);

void verify_results_free(struct verify_results *results);

#endif
