/*
 * Inferring: which tables get placeholders, rows for ids that other rows refer to and that neither
 * the files nor the database have.
 */
#ifndef CHECK_INFER_H
#define CHECK_INFER_H

#include "plan/plan.h"

#include <stdbool.h>

/* What the command line says. */
struct infer_options {
    bool nothing;             /* no table gets any, not even by default */
    bool tables[TABLE_COUNT]; /* these get them, whether they have rows or not */
};

/*
 * Sets `infer` of the plan's datasets, once the database is known. A table that is inferred by
 * default is so while neither the run nor the database has a real row of it. ERROR_DATABASE when
 * the database cannot hold or mark placeholders.
 */
bool infer_decide(struct plan *plan, const struct infer_options *options, struct error *error);

/* Completes the placeholders after the scan: their own parents may have to be inferred too. */
bool infer_parents(struct plan *plan, struct error *error);

#endif
