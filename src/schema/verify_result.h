/*
 * What --verify found, invariant by invariant.
 */
#ifndef SCHEMA_VERIFY_RESULT_H
#define SCHEMA_VERIFY_RESULT_H

#include "base/list.h"
#include "schema/catalog.h"

#include <stddef.h>
#include <stdint.h>

enum { VERIFY_EXAMPLES_MAX = 10, VERIFY_NAME_SIZE = 128, VERIFY_EXAMPLE_SIZE = 192 };

/* One invariant and what was found. */
struct verify_result {
    char name[VERIFY_NAME_SIZE];
    /* Of a foreign key: "valid", "not valid", "disabled" (a trigger of it is), "not enforced", "not
     * there"; else NULL. */
    const char *constraint;
    char proven_by[CATALOG_NAME_SIZE]; /* the constraint or index that the server keeps, so that no
                                        * row was read; "": the rows were read */
    const char *not_checked;           /* why nothing was, static; NULL: it was, or is proven */
    uint64_t checked, broken;          /* rows; 0 of one that is proven or not checked */
    char (*examples)[VERIFY_EXAMPLE_SIZE];
    size_t example_count;
};

/* Caller-owned; zeroed is empty, verify_results_free empties it again. */
struct verify_results {
    struct list list;       /* of struct verify_result */
    size_t broken_count;    /* how many of them are broken */
    size_t proven_count;    /* how many of them are proven by a constraint */
    size_t unchecked_count; /* how many of them are not checked */
};

/* Adds a result without anything found; NULL when memory ran out. Owned by the list, and moved by
 * the next one. */
struct verify_result *verify_results_add(struct verify_results *results, const char *name);

/* How many of them were checked or are proven. */
size_t verify_results_checked(const struct verify_results *results);

void verify_results_free(struct verify_results *results);

#endif
