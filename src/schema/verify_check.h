/*
 * An invariant as --verify looks at its rows: one query counts those that break it; where there are
 * any, a second query gives examples.
 */
#ifndef SCHEMA_VERIFY_CHECK_H
#define SCHEMA_VERIFY_CHECK_H

#include "pg/session.h"
#include "pg/statement.h"
#include "schema/verify_result.h"
#include "table/invariant.h"
#include "table/table.h"

#include <stdbool.h>

/* The parts that both queries are made of: the rows to look at, a condition that breaks the
 * invariant, the order of the examples, the text of an example. */
enum verify_part { PART_ROWS, PART_BROKEN, PART_ORDER, PART_EXAMPLE };

struct verify_check;
typedef void verify_add_part(struct statement *statement, const struct verify_check *check,
                             enum verify_part part);

/* `add` adds a part, from those of the other members that it needs; these are borrowed. */
struct verify_check {
    verify_add_part *add;
    const struct table *table;
    const struct column *column;
    const struct invariant *invariant;
    /* A column of the table that must have no value twice, where the rows of the table are
     * distributed; else NULL. Whether it has is asked first: nodes send single values for that. */
    const char *distinct;
};

/* The column leads to a row of the table that it references. */
void verify_add_reference(struct statement *statement, const struct verify_check *check,
                          enum verify_part part);

/* The column has a random UUID. */
void verify_add_random(struct statement *statement, const struct verify_check *check,
                       enum verify_part part);

/* No two rows have the same in the column. */
void verify_add_unique(struct statement *statement, const struct verify_check *check,
                       enum verify_part part);

/* No two rows have the same number of the table's sequence. */
void verify_add_number(struct statement *statement, const struct verify_check *check,
                       enum verify_part part);

/* What `invariant` says. */
void verify_add_described(struct statement *statement, const struct verify_check *check,
                          enum verify_part part);

/* Counts rows, and takes examples of those that are wrong. ERROR_DATABASE when the server
 * refuses. */
bool verify_check_run(const struct verify_check *check, struct verify_result *result,
                      const struct session *session);

#endif
