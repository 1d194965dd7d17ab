/*
 * Whether a database fulfils its invariants, whoever wrote its rows.
 */
#ifndef SCHEMA_VERIFY_H
#define SCHEMA_VERIFY_H

#include "pg/session.h"
#include "schema/verify_result.h"
#include "schema/verify_table.h"
#include "table/table.h"

#include <stdbool.h>

/*
 * Looks at every invariant, in the caller's transaction; each is a phase. The server keeps a
 * foreign key that is valid, and a unique index: such an invariant is taken for proven, and its
 * rows are read with `full` alone. A table without a sequence has no invariant of one.
 * ERROR_DATABASE when the server refuses. A broken invariant is no error here, but a result.
 * Changes settings of the transaction: they are right for large queries, and wrong for looking up
 * single rows. No constraint may be deferred.
 */
bool verify(const struct verify_table tables[TABLE_COUNT], bool full,
            struct verify_results *results, const struct session *session);

#endif
