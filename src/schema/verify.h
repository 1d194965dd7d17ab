/*
 * Whether a database fulfils its invariants, whoever wrote its rows. For each invariant one query
 * counts the rows that break it; where there are any, a second query gives examples.
 */
#ifndef SCHEMA_VERIFY_H
#define SCHEMA_VERIFY_H

#include "base/list.h"
#include "pg/session.h"
#include "schema/verify_table.h"
#include "table/table.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { VERIFY_EXAMPLES_MAX = 10, VERIFY_NAME_SIZE = 128, VERIFY_EXAMPLE_SIZE = 192 };

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
 * Looks at every invariant, in the caller's transaction; each is a phase. A table without a
 * sequence has no invariant of one. ERROR_DATABASE when the server refuses. A broken invariant is
 * no error here, but a result. Changes settings of the transaction: they are right for large
 * queries, and wrong for looking up single rows.
 */
bool verify(const struct verify_table tables[TABLE_COUNT], struct verify_results *results,
            const struct session *session);

void verify_results_free(struct verify_results *results);

#endif
